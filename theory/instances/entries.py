"""What instances are drawn from: numbers, arrays, classes and names, each small; and the bounds that are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from backproof.theory.language.declared import as_declared
from backproof.theory.language.validation import choice, integer

Array = NDArray[np.float64]
LONGEST, MOST = 64, 2**50
"""The longest axis of an array that is drawn, entry by entry; and the largest entry, whose half is exact."""


def check_bounds(name: str, bounds: tuple[int, int]) -> None:
    """Refuse what is not (smallest, largest), integers from 1 on, with a ValueError."""
    low, high = (integer(name, bound, 1, LONGEST) for bound in bounds)
    if low > high:
        raise ValueError(f"{name} must be (smallest, largest), got {bounds}")


def check_choices(name: str, chosen: Sequence[str], known: Sequence[str]) -> None:
    """Refuse no choice at all, and one that is not known, with a ValueError."""
    if not chosen:
        raise ValueError(f"{name} must hold one at least of {', '.join(map(repr, known))}")
    for one in chosen:
        choice(name, one, known)


@as_declared
@cache  # a strategy is checked when it is first drawn from, which costs more than a draw
def halves(largest: int = 2) -> SearchStrategy[float]:
    """Multiples of 1/2 from −largest to largest, shrinking to 0."""
    integer("largest", largest, 0, MOST)
    return st.integers(-2 * largest, 2 * largest).map(lambda k: k / 2)


@as_declared
@cache
def arrays(*shape: int, largest: int = 2) -> SearchStrategy[Array]:
    """An array of this shape whose entries are halves from −largest to largest, shrinking to zeros."""
    integer("largest", largest, 0, MOST)
    for size in shape:
        integer("shape", size, 0, LONGEST)
    count = int(np.prod(shape))
    entries = st.lists(st.integers(-2 * largest, 2 * largest), min_size=count, max_size=count)
    return entries.map(lambda drawn: np.array(drawn, dtype=np.float64).reshape(shape) / 2)


@as_declared
def among(choices: Sequence[Any]) -> SearchStrategy[Any]:
    """One value of a tuple, shrinking to the first; cached, as building a strategy costs more than drawing."""
    if not choices:
        raise ValueError("choices must hold one at least")
    try:
        return _among(choices)
    except TypeError:  # not hashable: made anew
        return st.sampled_from(choices)


@cache
def _among(choices: Sequence[Any]) -> SearchStrategy[Any]:
    return st.sampled_from(choices)


@as_declared
@cache
def classes(count: int, size: int) -> SearchStrategy[list[int]]:
    """A list of ``count`` classes, each from 0 to ``size`` − 1."""
    integer("count", count, 0, LONGEST**2)
    integer("size", size, 1)
    return st.lists(st.integers(0, size - 1), min_size=count, max_size=count)


@as_declared
@cache
@st.composite
def signed_permutations(draw: Any, size: int) -> Array:
    """An orthogonal matrix with entries 0, 1, −1: exact in every arithmetic."""
    integer("size", size, 1, LONGEST)
    order = draw(st.permutations(range(size)))
    signs = draw(st.lists(among((1.0, -1.0)), min_size=size, max_size=size))
    return np.asarray(np.eye(size)[list(order)] * np.array(signs))
