"""Slopes of activations far from 0: between multiples of exponentials for the sigmoid, and limits at both ends.

The proof compares the slope with its tail bounds. The check asks the subject for its slope at a large |z| and grants it
the distance to the limit that those bounds leave, ``4 exp(−|z|)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import (
    And,
    Derivative,
    Eq,
    Ge,
    Gt,
    Le,
    Limit,
    Lt,
    Max,
    Subs,
    Symbol,
    exp,
    factor,
    limit,
    log,
    oo,
    simplify,
)

from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.instances.values import Case
from backproof.theory.language.display import Displayed
from backproof.theory.language.functions import activation_in, logistic, z
from backproof.theory.language.relations import Verdict, parts
from backproof.theory.proving.checkers import scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.theorems.activations._slopes import slope_matches, slope_of

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
    """The value of a derivative where its variable takes this value."""
    return derivative.doit().subs(z, place)


def together(*relations: Any) -> And:
    """The conjunction, left as it is written."""
    return And(*relations, evaluate=False)


TAIL = Proof(scope="every real argument", lines=tail)
ENDS = Proof(scope="both ends; every negative argument", lines=ends)


def limits_match(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """Slopes at the argument itself, and, for limits, at the same distance on the side that is meant."""
    for part in parts(statement):
        name, argument = activation_in(part.lhs).name, float(case[z])
        far = isinstance(part.lhs, Limit)
        if far:
            argument = abs(argument) * (1 if part.lhs.args[2] == oo else -1)
        for dtype in (np.float64, np.float32):
            got = np.asarray(slope_of(subject, name)(np.array([[argument]], dtype=dtype)), dtype=np.float64)
            left = 4 * np.exp(-abs(argument)) * (1 + 8 * np.finfo(dtype).eps) if far else 0.0
            what = f"slope of {name} at {argument} in {np.dtype(dtype).name}"
            yield agree(what, got, np.array([[float(part.rhs)]]), np.array([[left]]))


def tail_matches(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """Like `slope_matches`, for a conjunction.

    Raises
    ------
    Undecided
        Where the statement fixes no point, since one input cannot settle it.
    """
    if not isinstance(statement, And):
        raise Undecided("the statement is not about the slope at the argument of the instance")
    yield from slope_matches(statement, subject, case)


@dataclass(frozen=True)
class Everywhere(Displayed):
    """Every positive value of the symbols of a statement; ``words`` say so to a reader."""

    words: str

    @property
    def in_words(self) -> str:
        """The description itself."""
        return self.words


def beyond(statement: Any, instance: Everywhere) -> bool | None:
    """``Eq(σ′ at a place, 0)``, at every place of that form: False if the slope is a quotient of positive terms."""
    if not isinstance(statement, Eq) or not isinstance(statement.lhs, Subs) or statement.rhs != 0:
        return None
    derivative, variables, places = statement.lhs.args
    value = simplify(derivative.expr.rewrite(exp).diff(*variables)).subs(dict(zip(variables, places, strict=True)))
    return False if value.is_positive is True else None


def by_limits(statement: Any, case: Case) -> bool | None:
    """The statement with SymPy's limits, and with slopes at the argument of the case."""
    for part in parts(statement):
        value = limit_of(part.lhs) if isinstance(part.lhs, Limit) else at(part.lhs, case[z])
        if value != part.rhs:
            return False if value.is_number else None
    return True
