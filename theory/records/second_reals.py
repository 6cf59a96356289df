"""z3 on a line and its premises, read for themselves: polynomials, moduli, extrema; the rest are variables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import z3
from sympy import Abs, Add, And, Eq, Expr, Ge, Gt, Implies, Le, Lt, Max, Min, Mul, Ne, Not, Or, Pow, Rational, expand
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFalse, BooleanTrue
from sympy.matrices.expressions.matexpr import MatrixExpr

READS_LIKE_Z3 = frozenset({"real arithmetic", "integers", "an entry", "every entry"})
"""Rules that ask z3 themselves: of their lines it would say the same again."""

EFFORT = 300_000
"""z3's own count of the work for one question."""


class _NoReal(TypeError):
    """What is no relation between real numbers."""


def certainly_follows(premises: Iterable[Any], conclusion: Any) -> bool:
    """Whether no real numbers meet the premises and deny the conclusion; premises of another kind are left out."""
    reader = _Reader()
    solver = z3.Solver()
    solver.set("rlimit", EFFORT)
    try:
        solver.add(z3.Not(reader.claim(conclusion)))
    except _NoReal:
        return False
    for premise in premises:
        try:
            solver.add(reader.claim(premise))
        except _NoReal:
            continue
    solver.add(*reader.signs())
    return bool(solver.check() == z3.unsat)


class _Reader:
    """A variable for each number that has no structure z3 knows."""

    def __init__(self) -> None:
        self.known: dict[Any, Any] = {}
        self.defined: list[Any] = []

    def claim(self, says: Any) -> Any:
        """A combination of relations."""
        if isinstance(says, BooleanTrue | BooleanFalse):
            return z3.BoolVal(bool(says))
        if isinstance(says, And | Or | Not | Implies):
            parts = [self.claim(part) for part in says.args]
            return {And: z3.And, Or: z3.Or, Not: z3.Not, Implies: z3.Implies}[type(says)](*parts)
        if not isinstance(says, Relational) or any(
            not isinstance(side, Expr) or isinstance(side, MatrixExpr) for side in says.args
        ):
            raise _NoReal(says)
        left, right = (self.number(expand(side)) for side in says.args)
        for kind, made in _RELATIONS.items():
            if isinstance(says, kind):
                return made(left, right)
        raise _NoReal(says)

    def number(self, value: Any) -> Any:
        """A real number; what has no such structure is a variable."""
        if isinstance(value, Rational):
            return z3.Q(int(value.p), int(value.q))
        if isinstance(value, Add | Mul):
            parts = [self.number(part) for part in value.args]
            return z3.Sum(parts) if isinstance(value, Add) else z3.Product(parts)
        if isinstance(value, Abs):
            inner = self.number(value.args[0])
            return z3.If(inner >= 0, inner, -inner)
        if isinstance(value, Max | Min):
            best, *others = (self.number(part) for part in value.args)
            for other in others:
                best = z3.If(best >= other if isinstance(value, Max) else best <= other, best, other)
            return best
        if isinstance(value, Pow) and value.exp.is_Integer and 1 <= value.exp <= 8:
            return z3.Product([self.number(value.base)] * int(value.exp))
        return self.variable(value)

    def variable(self, value: Any) -> Any:
        """The variable of a number without structure, which has to be real."""
        if value.is_real is not True:
            raise _NoReal(value)
        return self.known.setdefault(value, z3.Real(f"x{len(self.known)}"))

    def signs(self) -> list[Any]:
        """What SymPy knows of each variable's sign."""
        found = []
        for value, variable in self.known.items():
            if value.is_positive:
                found.append(variable > 0)
            elif value.is_nonnegative:
                found.append(variable >= 0)
            elif value.is_negative:
                found.append(variable < 0)
            elif value.is_nonzero:
                found.append(variable != 0)
        return found


_RELATIONS: dict[Any, Any] = {
    Eq: lambda a, b: a == b,
    Ne: lambda a, b: a != b,
    Le: lambda a, b: a <= b,
    Lt: lambda a, b: a < b,
    Ge: lambda a, b: a >= b,
    Gt: lambda a, b: a > b,
}
