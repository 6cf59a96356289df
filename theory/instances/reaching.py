"""How far the nets of a search reach: small ones first, which shrink to what a person can read, then far ones.

Hypothesis takes half a minute to shrink a net of 24 steps, and what it finds there a small net mostly shows as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(kw_only=True)
class Reaching:
    """Whether far nets are drawn, and whether a strategy was asked that could draw them."""

    far: bool
    possible: bool = False


_CURRENT: ContextVar[Reaching] = ContextVar("_CURRENT")


@contextmanager
def reaching(*, far: bool) -> Iterator[Reaching]:
    """Within it, strategies that are free to do so draw large and long nets, or none; outside of it they draw none."""
    current = Reaching(far=far)
    token = _CURRENT.set(current)
    try:
        yield current
    finally:
        _CURRENT.reset(token)


def draws_far() -> bool:
    """Whether a strategy that could draw a far net should; that it could is noted."""
    current = _CURRENT.get(Reaching(far=False))
    current.possible = True
    return current.far
