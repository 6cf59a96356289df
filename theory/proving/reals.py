"""Relations between real numbers, from relations that are known: z3 decides them for polynomials and quotients.

Whatever z3 cannot read, a norm, an exponential, a power with a symbol in its exponent, is a number of which only the
sign is known that SymPy gives it. So an answer holds for every value that it may have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import z3
from sympy import (
    Abs,
    Add,
    And,
    Determinant,
    Dummy,
    Eq,
    Expr,
    Ge,
    Gt,
    Implies,
    Le,
    Lt,
    Max,
    Min,
    Mul,
    Ne,
    Not,
    Or,
    Piecewise,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
    expand,
    expand_power_base,
    expand_power_exp,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFalse, BooleanTrue
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import EuclideanNorm, FrobeniusNorm, Inner, OpenFunction
from backproof.theory.proving.normal_form import Cycle, scalar_form

EFFORT = 4_000_000
"""z3's own count of the work that one question may cost: the same on every machine, as seconds would not be."""


class Unreadable(TypeError):
    """A proposition that says something else than relations between real numbers."""


def follows(premises: Iterable[Any], conclusion: Any) -> bool:
    """Whether the conclusion certainly holds wherever all premises do.

    Premises that are no relations between real numbers are not used.

    Raises
    ------
    Unreadable
        If the conclusion is none.
    """
    reader = _Reader()
    solver = z3.Solver()
    solver.set("rlimit", EFFORT)
    refuted = z3.Not(reader.proposition(conclusion))
    for premise in premises:
        try:
            solver.add(reader.proposition(premise))
        except Unreadable:
            continue
    solver.add(refuted, *reader.signs())
    return bool(solver.check() == z3.unsat)


class _Reader:
    """SymPy propositions as z3's, each unreadable number as a variable of its own."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}
        self._extra: list[Any] = []

    def proposition(self, claim: Any) -> Any:
        """A combination of relations."""
        if isinstance(claim, BooleanTrue | BooleanFalse):
            return z3.BoolVal(bool(claim))
        if isinstance(claim, And | Or):
            parts = [self.proposition(part) for part in claim.args]
            return z3.And(*parts) if isinstance(claim, And) else z3.Or(*parts)
        if isinstance(claim, Not):
            return z3.Not(self.proposition(claim.args[0]))
        if isinstance(claim, Implies):
            return z3.Implies(*(self.proposition(part) for part in claim.args))
        numbers = [isinstance(side, Expr) and not isinstance(side, MatrixExpr) for side in claim.args]
        if not isinstance(claim, Relational) or not all(numbers):
            raise Unreadable(f"{claim} is not a relation between real numbers")
        left, right = (self.number(_multiplied_out(side)) for side in claim.args)
        for kind, relation in _RELATIONS.items():
            if isinstance(claim, kind):
                return relation(left, right)
        raise Unreadable(f"{claim} is not a relation between real numbers")

    def number(self, value: Expr) -> Any:
        """A real number; what has no structure that z3 knows is a variable."""
        if isinstance(value, Rational):
            return z3.Q(int(value.p), int(value.q))
        if value.is_extended_real is False or value in (S.Infinity, S.NegativeInfinity, S.NaN, S.ComplexInfinity):
            raise Unreadable(f"{value} is not a real number")
        if isinstance(value, Add):
            return z3.Sum([self.number(term) for term in value.args])
        if isinstance(value, Mul):
            return z3.Product([self.number(term) for term in value.args])
        if isinstance(value, Max | Min):
            parts = [self.number(part) for part in value.args]
            best = parts[0]
            for part in parts[1:]:
                first = best >= part if isinstance(value, Max) else best <= part
                best = z3.If(first, best, part)
            return best
        if isinstance(value, Abs):
            inner = self.number(value.args[0])
            return z3.If(inner >= 0, inner, -inner)
        if isinstance(value, Pow) and value.exp.is_Integer and abs(value.exp) <= 16:
            base = self.number(value.base)
            product = z3.Product([base] * abs(int(value.exp)))
            return product if value.exp > 0 else 1 / product
        if isinstance(value, Piecewise) and value.args[-1].cond == True:  # noqa: E712 — SymPy's own truth
            *branches, (best, _) = value.args
            result = self.number(best)
            for branch, condition in reversed(branches):
                result = z3.If(self.proposition(condition), self.number(branch), result)
            return result
        if isinstance(value, Pow) and (value.base.is_positive or value.exp.is_integer):
            times, exponent = value.exp.as_coeff_Mul()
            if times.is_Integer and 2 <= times <= 16 and exponent != 1:  # b^(2s) is the square of b^s
                return z3.Product([self.number(value.base**exponent)] * int(times))
        return self._variable(value)

    def _variable(self, value: Expr) -> Any:
        if not _certainly_real(value):
            raise Unreadable(f"{value} is not certainly a real number")
        if value not in self._known:
            fresh = z3.Real(f"v{len(self._known)}")
            self._known[value] = fresh
            if isinstance(value, Pow) and value.exp == S.Half:
                base = self.number(value.base)
                self._extra.append(z3.Implies(base >= 0, z3.And(fresh >= 0, fresh * fresh == base)))
        return self._known[value]

    def _squares(self) -> list[Any]:
        """``‖X‖² = ⟨X, X⟩`` for each length of which the square stands somewhere as well."""
        found = []
        for value, variable in list(self._known.items()):
            if isinstance(value, EuclideanNorm | FrobeniusNorm):
                square = _multiplied_out(Inner(value.args[0], value.args[0]))
                if square.atoms(Cycle) and square.atoms(Cycle) <= self._known.keys():
                    found.append(variable * variable == self.number(square))
        return found

    def signs(self) -> list[Any]:
        """What SymPy knows of the sign of each variable, exp(x) exp(−x) = 1, and squares of lengths spoken of."""
        found = [*self._extra, *self._squares()]
        found += [
            variable * self._known[exp(-value.exp)] == 1
            for value, variable in self._known.items()
            if isinstance(value, exp) and exp(-value.exp) in self._known
        ]
        for value, variable in self._known.items():
            if value.is_positive:
                found.append(variable > 0)
            elif value.is_negative:
                found.append(variable < 0)
            elif value.is_nonnegative:
                found.append(variable >= 0)
            elif value.is_nonpositive:
                found.append(variable <= 0)
            elif value.is_nonzero:
                found.append(variable != 0)
        return found


def _certainly_real(value: Expr) -> bool:
    """Whether SymPy knows it, or it is an entry, a determinant or a finite sum of reals."""
    if isinstance(value, Sum):
        if len(value.limits) != 1:
            return False
        ((index, first, last),) = value.limits
        if not (first.is_integer and first.is_nonnegative and last.is_integer and last.is_finite):
            return False
        return bool(value.function.xreplace({index: Dummy("t", integer=True, nonnegative=True)}).is_real)
    power = isinstance(value, Pow) and value.base.is_real and value.exp.is_integer  # real wherever it is defined
    return bool(value.is_real is True or power or isinstance(value, _REAL))


_REAL = (Symbol, MatrixElement, Determinant, OpenFunction, logistic)
"""Real numbers of which SymPy does not know that they are: entries are real, and activations of real numbers."""

_RELATIONS: dict[Any, Callable[[Any, Any], Any]] = {
    Eq: lambda a, b: a == b,
    Ne: lambda a, b: a != b,
    Le: lambda a, b: a <= b,
    Lt: lambda a, b: a < b,
    Ge: lambda a, b: a >= b,
    Gt: lambda a, b: a > b,
}


def _multiplied_out(value: Expr) -> Expr:
    """Powers of products and with sums in the exponent taken apart, matrices inside in normal form.

    A sum over times is taken apart into its terms, as it is where it stands in a product.
    """
    plain = scalar_form(value)
    return expand_power_base(expand_power_exp(expand(plain) if plain.has(Sum) else plain))
