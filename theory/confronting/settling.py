"""Statements about matrices and numbers alone: settled at each instance in exact or ball arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from flint import arb, arb_mat
from sympy import Eq, Ge, Le

from backproof.theory.arithmetic import Arithmetic, Balls, precision
from backproof.theory.confronting.comparison import Comparison, truth
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.truth import BITS, decide, environments
from backproof.theory.language.relations import parts

BAR = arb(2) ** -(BITS // 2)
"""Half of the working bits: what two equal quantities must share, and by how little a bound may seem exceeded."""


def settled(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """The statement at the instance, whatever the subject.

    Decided where that is possible. Where two sides meet (an equality, a bound that is attained) balls can only shrink
    around the meeting point; then they must agree to half of the working bits. A strict relation must be decided.
    """
    for part in parts(statement):
        verdict = decide(part, instance)
        if verdict is None and isinstance(part, Eq | Le | Ge):
            yield from _meeting(part, instance)
        else:
            yield truth(_text(part), verdict, f"{_text(part)} is {verdict} at this instance")


@lru_cache(maxsize=1024)
def _text(relation: Any) -> str:
    """Printed once: for long relations that takes longer than deciding them."""
    return str(relation)


def _meeting(relation: Any, instance: Any) -> Iterator[Comparison]:
    with precision(BITS):
        for environment in environments(instance, Balls(), relation):
            excess = _excess(relation, Balls(), environment)
            margin = float((excess / BAR).upper()) if excess.is_finite() else float("inf")
            detail = f"the sides of {_text(relation)} differ by up to {excess.str(5)} of their size at this instance"
            yield Comparison(what=_text(relation), margin=margin, detail=detail)


def _excess(relation: Any, arithmetic: Arithmetic, environment: Environment) -> arb:
    """How far the relation is missed, relative to the magnitudes compared; an upper bound lies in the ball."""
    left, right = (evaluate(side, arithmetic, environment) for side in (relation.lhs, relation.rhs))
    if isinstance(relation, Ge):
        left, right = right, left
    pairs = list(zip(_entries(left), _entries(right), strict=True))
    size = max((abs(a).abs_upper() + abs(b).abs_upper() for a, b in pairs), key=float, default=arb(0))
    if size == 0:
        return arb(0)
    missed = [(a - b) if isinstance(relation, Le | Ge) else abs(a - b) for a, b in pairs]
    worst = max((value.upper() for value in missed), key=float)
    return (worst / size).max(arb(0))


def _entries(value: Any) -> list[arb]:
    return [arb(entry) for entry in (value.entries() if isinstance(value, arb_mat) else [value])]
