"""Arguments checked at the door: whatever is wrong raises one error, of one line, that names the argument.

The wrong kind of thing is a TypeError; the right kind with a wrong shape or value is a ValueError.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from backproof.theory.language.suggest import did_you_mean

Array = NDArray[np.float64]

LARGEST = 2**24
"""The most entries of an array that a number alone asks for: 128 MiB of float64."""


def number_array(name: str, values: Any) -> Array:
    """Nested lists, or an array, as an array of finite floats.

    Raises
    ------
    TypeError
        For what holds anything but real numbers, and for a masked array.
    ValueError
        For rows of different lengths, and for an entry that is not finite.
    """
    array = plain_array(name, values, "finite numbers", "iuf").astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers, got {array[~np.isfinite(array)][0]}")
    return array


def class_array(name: str, values: Any, size: int, *, ignored: bool = False) -> NDArray[np.int64]:
    """Nested lists, or an array, as classes below a size; ``ignored``: negative ones may be, and count for nothing.

    Raises
    ------
    TypeError
        For what holds anything but integers: 0.5 and True are no classes.
    ValueError
        For rows of different lengths, and for a class that does not exist.
    """
    expected = f"classes, integers from 0 to {size - 1}" + (", or negative where a step is ignored" if ignored else "")
    array = plain_array(name, values, expected, "iu").astype(np.int64, copy=False)
    wrong = array[(array >= size) | ((array < 0) & (not ignored))]
    if wrong.size:
        raise ValueError(f"{name} must hold {expected}, got {wrong[0]}")
    return array


def plain_array(name: str, values: Any, expected: str, kinds: str) -> NDArray[Any]:
    """An array whose dtype is of one of these kinds, every entry of which counts."""
    if isinstance(values, np.ma.MaskedArray) or not isinstance(
        values, np.ndarray | list | tuple | float | int | np.number
    ):
        raise TypeError(f"{name} must hold {expected}, got {kind_of(values)}")
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} must hold {expected}, got rows of different lengths") from None
    if array.dtype.kind not in kinds and array.size:
        raise TypeError(f"{name} must hold {expected}, got {kind_of(array)}")
    return array


def number(name: str, value: Any) -> Any:
    """A finite real number, as it is: a float, an integer, a fraction, or an expression for one, like ``sqrt(2)``.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        For what is not finite.
    """
    if isinstance(value, Expr) and value.is_number and value.is_real is not False:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction | np.integer | np.floating):
        raise TypeError(f"{name} must be a real number, got {kind_of(value)}")
    if not isinstance(value, int | Fraction) and not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    return value


def number_rows(name: str, rows: Any) -> tuple[int, int]:
    """How many rows and columns nested rows of numbers, or an array of two axes, have: one of each at least.

    Raises
    ------
    TypeError
        For what is no rows, or holds anything but real numbers.
    ValueError
        For rows of different lengths, for none, and for what is not finite.
    """
    if isinstance(rows, np.ndarray):
        rows = number_array(name, rows)
        if rows.ndim != 2 or not rows.size:
            raise ValueError(f"{name} must be rows of numbers, got the shape {rows.shape}")
        return rows.shape[0], rows.shape[1]
    if not isinstance(rows, list | tuple) or not all(isinstance(row, list | tuple | np.ndarray) for row in rows):
        raise TypeError(f"{name} must be rows of numbers, got {kind_of(rows)}")
    if not rows or len({len(row) for row in rows}) > 1 or not len(rows[0]):
        raise ValueError(f"{name} must be rows of numbers, of one length, got the lengths {[len(row) for row in rows]}")
    for row in rows:
        for entry in row:
            number(name, entry)
    return len(rows), len(rows[0])


def integer(name: str, value: Any, least: int, most: int | None = None) -> int:
    """An integer within bounds, both included.

    Raises
    ------
    TypeError
        For anything else, True and 1.0 among it.
    ValueError
        For one out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer, got {kind_of(value)}")
    if value < least or (most is not None and value > most):
        bounds = f"≥ {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} must be an integer {bounds}, got {shown(value)}")
    return int(value)


def choice(name: str, value: Any, options: Iterable[str]) -> str:
    """One of some names.

    Raises
    ------
    TypeError
        For what is no string.
    ValueError
        For another one; the message tells all of them, and what may have been meant.
    """
    known = list(options)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {', '.join(map(repr, known))}, got {kind_of(value)}")
    if value not in known:
        near = did_you_mean(value, known)
        raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, got {shown(value)}{near}")
    return value


def text(name: str, value: Any) -> str:
    """A string that is not empty.

    Raises
    ------
    TypeError
        For what is no string.
    ValueError
        For an empty one.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, got {kind_of(value)}")
    if not value.strip():
        raise ValueError(f"{name} must be a string that is not empty")
    return value


def known_names(whose: str, what: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name that is not known, with a TypeError that tells those that are, and what may have been meant."""
    known = list(known)
    for name in sorted(set(names) - set(known), key=str):
        raise TypeError(f"{whose} no {what} {name!r}; its own are {', '.join(known)}{did_you_mean(str(name), known)}")


def few_entries(name: str, *shape: int) -> None:
    """Refuse a shape, which numbers alone ask for, of more entries than anyone means, with a ValueError."""
    if math.prod(shape) > LARGEST:
        size = " by ".join(map(shown, shape))
        raise ValueError(f"{name} must ask for an array of at most {LARGEST} entries, got {size}")


def kind_of(thing: object) -> str:
    """What a wrong argument is, in words: its type, or the dtype of an array."""
    if isinstance(thing, np.ma.MaskedArray):
        return "a masked array"
    return f"an array of {thing.dtype}" if isinstance(thing, np.ndarray) else type(thing).__name__


def shown(thing: object) -> str:
    """A wrong argument itself, in one line, or what it is where that would be long."""
    if isinstance(thing, int) and thing.bit_length() > 64:
        return f"an integer of {thing.bit_length()} bits"
    written = kind_of(thing) if isinstance(thing, np.ndarray) else repr(thing)
    return written if len(written) <= 60 and "\n" not in written else kind_of(thing)
