"""Slopes of squashing activations on the whole line, from their definition by exponentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Derivative, Eq, Ge, Gt, Le, Lt, Symbol, exp, factor, simplify, tanh, together

from theory.activations import logistic, z
from theory.checkers import Verdict, scalars
from theory.proof import Proof, Step, Unprovable


def slope(statement: Any) -> Iterator[Step]:
    """Proof lines for ``And(Eq(dφ/dz, slope), Gt(slope, 0), Le(slope, bound))``."""
    equations = [part for part in statement.args if isinstance(part, Eq)]
    if len(equations) != 1 or not isinstance(equations[0].lhs, Derivative):
        raise Unprovable("the statement does not say what the derivative is")
    (equation,) = equations
    yield Step(
        why="Differentiating the definition by exponentials",
        relation=equation,
        checker=_differentiated,
        method="exact, every real z",
    )
    for bound in (part for part in statement.args if part is not equation):
        yield Step(why=_why(bound), relation=bound, checker=_everywhere, method="algebra, every real z")


def _why(bound: Any) -> str:
    if isinstance(bound, Gt | Ge) and bound.rhs == 0:
        return "A quotient of positive exponentials is positive"
    return "The distance to the bound is a square"


def _differentiated(equation: Any) -> Verdict:
    derivative = equation.lhs.expr.rewrite(exp).diff(*equation.lhs.variables)
    return True if simplify(derivative - equation.rhs.rewrite(exp)) == 0 else None


def _everywhere(bound: Any) -> Verdict:
    """In e = exp(−z) > 0, or exp(−2z), every slope here is a rational function, whose sign SymPy's factors show."""
    e = Symbol("e", positive=True)
    images = {logistic(z): 1 / (1 + e), tanh(z): (1 - e) / (1 + e)}
    gap = bound.rhs - bound.lhs if isinstance(bound, Le | Lt) else bound.lhs - bound.rhs
    value = factor(together(gap.xreplace(images)))
    if value.has(z):
        raise Unprovable("the bound is not on a rational function of the activation")
    strict = isinstance(bound, Gt | Lt)
    return scalars((Gt if strict else Ge)(value, 0, evaluate=False))


def relations(value: Any, claimed: Any, least: Any, most: Any) -> And:
    """What is said of a slope: its formula, that it is positive, and how large it can be."""
    return And(Eq(Derivative(value, z), claimed, evaluate=False), least, most, evaluate=False)


SLOPE = Proof(scope="every real argument", lines=slope)
