"""Deciding a statement at an exact instance: exact rationals first, then balls. Three answers: True, False, None.

Equality of balls is never certain, so it is True only in exact rationals; that two balls are apart is certain.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from typing import Any

from backproof.theory.arithmetic import Arithmetic, Balls, NotOffered, Rationals, Undecided, precision
from backproof.theory.evaluation import Environment
from backproof.theory.evaluation.relations import holds

BITS = 256


@singledispatch
def environments(instance: Any, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
    """An environment for every time (and sequence of a batch) that the statement quantifies over."""
    raise TypeError(f"{type(instance).__name__} is not an instance that gives values to symbols")


def decide(statement: Any, instance: Any) -> bool | None:
    """Whether the statement holds at the instance, for every time it speaks of."""
    try:
        verdict = _decide(statement, instance, Rationals())
        if verdict is not None:
            return verdict
    except (NotOffered, Undecided):
        pass
    with precision(BITS):
        try:
            return _decide(statement, instance, Balls())
        except Undecided:
            return None


def _decide(statement: Any, instance: Any, arithmetic: Arithmetic) -> bool | None:
    verdict: bool | None = True
    for environment in environments(instance, arithmetic, statement):
        here = holds(statement, arithmetic, environment)
        if here is False:
            return False
        verdict = verdict if here is True else None
    return verdict
