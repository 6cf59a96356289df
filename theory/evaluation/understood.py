"""What a statement may be made of: the first thing in it that no arithmetic can evaluate, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from sympy import (
    And,
    Float,
    Function,
    Ge,
    Gt,
    Implies,
    Lambda,
    Le,
    Lt,
    MatrixSymbol,
    Not,
    Or,
    Piecewise,
    Pow,
    Rational,
    Tuple,
    true,
)
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean, BooleanAtom

from backproof.theory.evaluation.core import evaluator
from backproof.theory.evaluation.scalars import KNOWN
from backproof.theory.language.notation import At

INSTEAD = {
    "sinh": "(exp(x) - exp(-x)) / 2",
    "cosh": "(exp(x) + exp(-x)) / 2",
    "coth": "1 / tanh(x)",
    "sech": "2 / (exp(x) + exp(-x))",
    "csch": "2 / (exp(x) - exp(-x))",
    "sign": "Piecewise((1, x > 0), (0, Eq(x, 0)), (-1, True))",
    "factorial": "Product(i, (i, 1, s))",
    "Adjoint": "the transpose, A.T",
    "Conjugate": "the matrix itself, which is real",
    "Exp1": "a fraction on the safe side of it, Rational(19, 7) or Rational(106, 39)",
    "Equivalent": "Implies(p, q) & Implies(q, p)",
    "Xor": "(p | q) & Not(p & q)",
    "ITE": "Implies(p, q) & Implies(Not(p), r)",
    "Nand": "Not(p & q)",
    "Nor": "Not(p | q)",
}
"""What says the same, by the name of what is not understood."""

CONTAINERS = (ExprCondPair, Lambda, Tuple)
CONNECTIVES = (And, Or, Not, Implies, Relational, BooleanAtom)


def obstacle(statement: Any) -> str | None:
    """A sentence on the first thing that cannot be evaluated, and the nearest that can; None if there is none.

    Nodes that are defined outside of SymPy are for the instance to give a value to.
    """
    return next(filter(None, map(_trouble, _nodes(statement))), None)


def _nodes(expression: Any) -> Iterator[Any]:
    yield expression
    if isinstance(expression, MatrixSymbol | At) or getattr(expression, "is_symbol", False):
        return
    for part in (expression.expr,) if isinstance(expression, Lambda) else getattr(expression, "args", ()):
        yield from _nodes(part)


def _trouble(node: Any) -> str | None:
    kind = type(node)
    if isinstance(node, Float):
        return f"{float(node):g} is not an exact number; write {_fraction(node)}"
    if isinstance(node, Pow) and node.exp.is_Rational and node.exp.q > 2:
        return f"{node} is a root that cannot be evaluated; write exp({node.exp} * log({node.base})), or sqrt"
    if isinstance(node, Lambda) and (unclear := _unclear(node)):
        return unclear
    own = evaluator.dispatch(kind) not in (evaluator.dispatch(object), evaluator.dispatch(Function))
    named = isinstance(node, Function) and kind.__name__ in KNOWN
    if own or named or isinstance(node, (*CONTAINERS, *CONNECTIVES)) or not _of_sympy(node):
        return None
    return f"{node} cannot be evaluated: {kind.__name__} is not understood; {_instead(kind)}"


def _unclear(function: Lambda) -> str | None:
    """What of the cases of a function that is applied entry by entry cannot be told apart; None if all can."""
    for cases in function.expr.atoms(Piecewise):
        *conditions, last = (condition for _, condition in cases.args)
        for condition in conditions:
            if not isinstance(condition, Gt | Ge | Lt | Le):
                return f"{condition} is not understood as a case of a function; write an inequality, like z > 0"
        if last is not true:
            return f"{cases} has no value elsewhere; write (…, True) as the last case"
    return None


def _of_sympy(node: Any) -> bool:
    """Whether SymPy defines it, or it is a function without a definition; containers of texts and sizes are neither."""
    if isinstance(node, Function | Boolean):
        return not type(node).__module__.startswith("backproof") if type(node).__module__ else True
    return type(node).__module__.startswith("sympy.") and getattr(node, "is_Number", False) is not True


def _instead(kind: type) -> str:
    if kind.__name__ in INSTEAD:
        return f"write {INSTEAD[kind.__name__]}"
    if issubclass(kind, Function):
        return f"the functions of one number that are understood are {', '.join(KNOWN)}"
    known = [known.__name__ for known in evaluator.registry if known is not object]
    near = get_close_matches(kind.__name__, known, n=1, cutoff=0.0)
    return f"the nearest that is understood is {near[0]}"


def _fraction(value: Any) -> str:
    exact = Rational(str(value))
    return f"Rational({exact.p}, {exact.q})"
