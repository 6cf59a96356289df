"""Slopes far out: between multiples of exponentials for the sigmoid, and limits at both ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Derivative, Eq, Ge, Gt, Le, Limit, Lt, Max, Symbol, exp, factor, limit, log, simplify

from theory.activations import logistic, z
from theory.checkers import Verdict, scalars
from theory.proof import Proof, Step, Unprovable
from theory.proofs.spectra import parts

modulus = Max(z, -z)


def tail(statement: Any) -> Iterator[Step]:
    """Proof lines for the conjunction of the slope's formula and bounds on it in z and exp(−|z|)."""
    equations = [part for part in parts(statement) if isinstance(part, Eq)]
    if len(equations) != 1 or not isinstance(equations[0].lhs, Derivative):
        raise Unprovable("the statement does not say what the derivative is")
    derivative = equations[0].lhs.expr.rewrite(exp).diff(z)
    yield Step(
        why="Differentiating the definition by exponentials",
        relation=equations[0],
        checker=lambda line: simplify(derivative - line.rhs.rewrite(exp)) == 0,
        method="exact, every real z",
    )
    for bound in (part for part in parts(statement) if part is not equations[0]):
        for side in ("z ≥ 0", "z ≤ 0"):
            yield Step(
                why=f"For {side}, with exp(−|z|) = e = 1/(1 + d), d ≥ 0",
                relation=_in_e(bound, side),
                checker=_settled,
                method="algebra, every such z",
                shown=bound,
            )
    small = Symbol("epsilon", positive=True)
    yield Step(
        why="At |z| = log(1/ε) the upper bound is ε",
        relation=Eq(exp(-log(1 / small)), small, evaluate=False),
        checker=lambda line: simplify(line.lhs - line.rhs) == 0,
        method="exact",
    )


def _in_e(bound: Any, side: str) -> Any:
    e = Symbol("e", positive=True)
    right = side == "z ≥ 0"
    images = {exp(-modulus): e, logistic(z): 1 / (1 + e) if right else e / (1 + e), exp(-z): e if right else 1 / e}
    sides = [part.xreplace(images) for part in (bound.lhs, bound.rhs)]
    if any(part.has(z) for part in sides):
        raise Unprovable("the bound is not a rational function of exp(−|z|) and the sigmoid")
    return bound.func(*sides, evaluate=False)


def _settled(bound: Any) -> Verdict:
    d = Symbol("d", nonnegative=True)
    gap = bound.rhs - bound.lhs if isinstance(bound, Le | Lt) else bound.lhs - bound.rhs
    value = factor(simplify(gap.subs(Symbol("e", positive=True), 1 / (1 + d))))
    return scalars((Gt if isinstance(bound, Gt | Lt) else Ge)(value, 0, evaluate=False))


def ends(statement: Any) -> Iterator[Step]:
    """Proof lines for limits of slopes at either end, and for slopes at every negative argument."""
    for part in parts(statement):
        if not isinstance(part, Eq):
            raise Unprovable("a part of the statement is no equation")
        if isinstance(part.lhs, Limit):
            yield Step(
                why="From the definition by exponentials",
                relation=part,
                checker=lambda line: limit_of(line.lhs) == line.rhs,
                method="SymPy's limit",
            )
        else:
            yield Step(
                why="At every z = −e, e > 0",
                relation=part,
                checker=lambda line: at(line.lhs, -Symbol("e", positive=True)) == line.rhs,
                method="exact, every negative z",
            )


def limit_of(node: Limit) -> Any:
    """The limit of a derivative, taken by SymPy of quotients of exponentials."""
    derivative, variable, end, *_ = node.args
    return limit(simplify(derivative.expr.rewrite(exp).diff(variable)), variable, end)


def at(derivative: Derivative, place: Any) -> Any:
    """The derivative at a place."""
    return derivative.doit().subs(z, place)


def together(*relations: Any) -> And:
    """The conjunction, left as it is written."""
    return And(*relations, evaluate=False)


TAIL = Proof(scope="every real argument", lines=tail)
ENDS = Proof(scope="both ends; every negative argument", lines=ends)
