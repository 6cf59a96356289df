"""Checks of single arguments: whatever is wrong raises one error, of one line, that names the argument.

The wrong kind of thing (not an array, not a mapping, another dtype) is a TypeError; the right kind with a
wrong shape or value is a ValueError. Both say what was expected and what was found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, TypeGuard, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from backproof.impl.arrays import Array, Integers

FORMATS = ("float32", "float64")
LARGEST = 2**28
"""The most entries of an array that a number alone asks for: 2 GiB of float64. Also the most steps of a loop."""

Choice = TypeVar("Choice")
Thing = TypeVar("Thing")


def is_array(thing: object) -> TypeGuard[NDArray[Any]]:
    """Whether it is an array in which every entry counts: a masked one hides some from every check."""
    return isinstance(thing, np.ndarray) and not isinstance(thing, np.ma.MaskedArray)


def checked_floats(
    argument: str, array: Array, *, dtype: np.dtype[Any] | None = None, formats: Sequence[str] = FORMATS
) -> Array:
    """Check for a finite array of a float format, and of one certain dtype if that is given."""
    if not is_array(array) or array.dtype not in map(np.dtype, formats):
        raise TypeError(f"{argument}: expected a NumPy array of {' or '.join(formats)}, got {kind_of(array)}")
    if dtype is not None and array.dtype != dtype:
        raise TypeError(f"{argument}: expected {dtype} like the rest, got {array.dtype}")
    finite = np.isfinite(array)
    if not finite.all():
        raise ValueError(f"{argument}: expected finite entries, got {array[~finite][0]}")
    return array


def checked_classes(argument: str, array: Integers, *, at_most: int | None = None) -> Integers:
    """Check for an array of integers from 0 on, and up to a bound if that is given."""
    if not is_array(array) or array.dtype.kind not in "iu":  # NumPy counts differences of times as integers
        raise TypeError(f"{argument}: expected an array of integer class indices, got {kind_of(array)}")
    for extreme in (array.min(), array.max()) if array.size else ():
        if extreme < 0 or (at_most is not None and extreme > at_most):
            bounds = "≥ 0" if at_most is None else f"from 0 to {at_most}"
            raise ValueError(f"{argument}: expected class indices {bounds}, got {extreme}")
    return array


def checked_arrays(argument: str, arrays: Mapping[str, Array], *, formats: Sequence[str] = FORMATS) -> dict[str, Array]:
    """Check for a mapping from names to finite arrays of floats, each of a dtype of its own."""
    checked_mapping(argument, arrays)
    for name in arrays:
        checked_text(f"{argument}: names", name)
    return {name: checked_floats(f"{argument}[{name!r}]", array, formats=formats) for name, array in arrays.items()}


def checked_mapping(argument: str, arrays: Mapping[str, Any]) -> None:
    """Check for a mapping."""
    if not isinstance(arrays, Mapping):
        raise TypeError(f"{argument}: expected a mapping from names to arrays, got {kind_of(arrays)}")


def checked_text(argument: str, words: str) -> str:
    """Check for a string."""
    if not isinstance(words, str):
        raise TypeError(f"{argument}: expected a string, got {kind_of(words)}")
    return words


def checked_name(argument: str, name: str, *, letter: bool = False) -> str:
    """Check for a string that is not empty, or for a single letter."""
    if not checked_text(argument, name).strip() or (letter and not (len(name) == 1 and name.isalpha())):
        raise ValueError(f"{argument}: expected {'one letter' if letter else 'a name'}, got {name!r}")
    return name


def checked_words(argument: str, words: Sequence[str], *, at_least: int = 0) -> Sequence[str]:
    """Check for a sequence of strings, which a string itself is not meant to be."""
    if isinstance(words, str | bytes) or not isinstance(words, Sequence):
        raise TypeError(f"{argument}: expected a sequence of strings, got {kind_of(words)}")
    for word in words:
        checked_text(argument, word)
    if len(words) < at_least:
        raise ValueError(f"{argument}: expected at least {at_least}, got {len(words)}")
    return words


def checked_instance(argument: str, thing: Thing, *kinds: type) -> Thing:
    """Check for an object of one of these classes."""
    if not isinstance(thing, kinds):
        expected = " or ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"{argument}: expected {expected}, got {kind_of(thing)}")
    return thing


def checked_flag(argument: str, flag: bool) -> bool:
    """Check for True or False."""
    if not isinstance(flag, bool | np.bool_):
        raise TypeError(f"{argument}: expected True or False, got {kind_of(flag)}")
    return bool(flag)


def checked_callable(argument: str, function: Callable[..., Thing]) -> Callable[..., Thing]:
    """Check for something to call."""
    if not callable(function):
        raise TypeError(f"{argument}: expected a function, got {kind_of(function)}")
    return function


def checked_entries(argument: str, *shape: int) -> None:
    """Refuse a shape, which numbers alone ask for, of more entries than anyone means."""
    if math.prod(shape) > LARGEST:
        size = " by ".join(map(_written, shape))
        raise ValueError(f"{argument}: expected an array of at most {LARGEST} entries, got {size}")


def checked_float_type(argument: str, dtype: DTypeLike) -> np.dtype[np.floating[Any]]:
    """Check for float32 or float64, given as anything that NumPy takes for a dtype except None."""
    for known in (np.float32, np.float64):
        # NumPy reads None as float64, and raises for what is no dtype at all.
        if isinstance(dtype, str | type | np.dtype) and np.dtype(known) == dtype:
            return np.dtype(known)
    raise TypeError(f"{argument}: expected float32 or float64, got {shown(dtype)}")


def checked_square(argument: str, matrix: Array) -> Array:
    """Check for a square matrix of finite floats that is not empty."""
    checked_floats(argument, matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise ValueError(f"{argument}: expected a square matrix, got shape {matrix.shape}")
    return matrix


def checked_positive(argument: str, number: float) -> float:
    """Check for a finite real number > 0."""
    checked = _checked_real(argument, number)
    if math.isnan(checked) or checked <= 0:
        raise ValueError(f"{argument}: expected a number > 0, got {number}")
    if math.isinf(checked):
        raise ValueError(f"{argument}: expected a finite number, got {number}")
    return checked


def checked_not_negative(argument: str, number: float) -> float:
    """Check for a real number ≥ 0, infinity included."""
    checked = _checked_real(argument, number)
    if math.isnan(checked) or checked < 0:
        raise ValueError(f"{argument}: expected a number ≥ 0, got {number}")
    return checked


def _checked_real(argument: str, number: float) -> float:
    if not isinstance(number, Real) or isinstance(number, bool):
        raise TypeError(f"{argument}: expected a real number, got {kind_of(number)}")
    try:
        return float(number)
    except OverflowError:
        raise ValueError(f"{argument}: expected a number in the range of a float, got {_written(number)}") from None


def checked_share(argument: str, number: float) -> float:
    """Check for a real number from 0 up to, and without, 1."""
    checked = _checked_real(argument, number)
    if not 0 <= checked < 1:
        raise ValueError(f"{argument}: expected a number with 0 ≤ {argument} < 1, got {number}")
    return checked


def checked_integer(argument: str, number: int, *, at_most: int | None = None, at_least: int = 1) -> int:
    """Check for an integer within bounds, both included."""
    if not isinstance(number, (int, np.integer)) or isinstance(number, bool):
        raise TypeError(f"{argument}: expected an integer, got {kind_of(number)}")
    if number < at_least or (at_most is not None and number > at_most):
        bounds = f"from {at_least} to {at_most}" if at_most is not None else f"≥ {at_least}"
        raise ValueError(f"{argument}: expected an integer {bounds}, got {_written(number)}")
    return int(number)


def chosen(argument: str, name: str, options: Mapping[str, Choice]) -> Choice:
    """Return the option of that name."""
    if not isinstance(name, str):
        raise TypeError(f"{argument}: expected one of the names {listed(options)}, got {kind_of(name)}")
    if name not in options:
        raise ValueError(f"{argument}: expected one of {listed(options)}, got {name!r}")
    return options[name]


def check_shape(argument: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    """Refuse another shape, with a ValueError that names both."""
    if array.shape != shape:
        raise ValueError(f"{argument}: expected shape {shape}, got shape {array.shape}")


def kind_of(thing: object) -> str:
    """What a wrong argument is, in words: its type, or the dtype of an array."""
    if isinstance(thing, np.ma.MaskedArray):
        return "a masked array"
    return f"an array of {thing.dtype}" if isinstance(thing, np.ndarray) else type(thing).__name__


def shown(thing: object) -> str:
    """A wrong argument itself, in one line, or what it is where that would be long."""
    written = kind_of(thing) if isinstance(thing, np.ndarray) else repr(thing)
    return written if len(written) <= 60 and "\n" not in written else kind_of(thing)


def _written(number: object) -> str:
    """A number, of which a long integer has too many digits to be read."""
    long = isinstance(number, int) and number.bit_length() > 64
    return f"an integer of {number.bit_length()} bits" if isinstance(number, int) and long else str(number)


def listed(names: Iterable[str]) -> str:
    """Names in quotes, with commas between them."""
    return ", ".join(map(repr, names))
