"""Deciding a statement at an exact instance: exact rationals first, then balls. Three answers: True, False, None.

Equality of balls is never certain, so it is True only in exact rationals; that two balls are apart is certain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

from backproof.theory.arithmetic import Arithmetic, Balls, NotOffered, Rationals, Undecided, precision
from backproof.theory.evaluation.core import Environment
from backproof.theory.evaluation.relations import holds
from backproof.theory.language.relations import all_of

BITS = 256
"""Working precision of balls: so far beyond float64 that the radius hardly ever leaves a doubt."""


@runtime_checkable
class Instance(Protocol):
    """Whatever gives values to the symbols of a statement: a net, a net with further numbers, matrices alone."""

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """An environment for every time (and sequence of a batch) that the statement quantifies over."""


def decide(statement: Any, instance: Any) -> bool | None:
    """Whether the statement holds at the instance, for every time it speaks of; None if that is not settled.

    Raises
    ------
    TypeError
        If the instance gives no values to symbols: it has no method ``environments``.
    KeyError
        If it gives none to a symbol of the statement.
    """
    if not isinstance(instance, Instance):
        raise TypeError(
            f"a {type(instance).__name__} is no instance: it has no method environments(arithmetic, statement)"
        )
    try:  # rationals first: only they can settle an equality
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


def _decide(statement: Any, instance: Instance, arithmetic: Arithmetic) -> bool | None:
    return all_of(
        holds(statement, arithmetic, environment) for environment in instance.environments(arithmetic, statement)
    )
