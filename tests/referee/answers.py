"""What comes back from a subject's ``gradients``, read as arrays: one clear line for everything that is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.language.suggest import did_you_mean

Array = NDArray[Any]


class NoGradient(ValueError):
    """What came back is no array of real numbers, or not by name; the message is one line and names the parameter."""


class NothingChecked(AssertionError):
    """A gradient that was to be checked did not come back, so that nothing can be said of it."""


def by_name(found: Any) -> Mapping[str, Any]:
    """The gradients as the mapping that they have to be.

    Raises
    ------
    NoGradient
        For anything else.
    """
    if isinstance(found, Mapping):
        return found
    if isinstance(found, tuple) and len(found) == 2 and isinstance(found[1], Mapping):
        raise NoGradient("gradients returns a pair, and not gradients by name: return the second of the two alone")
    kind = "nothing" if found is None else f"a {type(found).__name__}"
    raise NoGradient(f"gradients returns {kind}, and not gradients by name")


def as_array(name: str, value: Any, shapes: Mapping[str, tuple[int, ...]]) -> Array:
    """One gradient as an array of real numbers, in the precision in which it came; ``shapes`` are those of parameters.

    Tensors of a framework are taken out of it. Integers are numbers too.

    Raises
    ------
    NoGradient
        For None, lists and tuples, complex numbers, objects, strings, truth values, masked arrays, other shapes.
    """
    what = f"∂L/∂{name}"
    if value is None:
        raise NoGradient(f"{what} is None, expected an array")
    if isinstance(value, list | tuple | Mapping):
        raise NoGradient(f"{what} comes back as a {type(value).__name__}, expected an array")
    if np.ma.is_masked(value):
        raise NoGradient(f"{what} is a masked array, expected one in which nothing is masked")
    array = _out_of_its_framework(value)
    if array.dtype.kind == "c":
        raise NoGradient(f"{what} is complex ({array.dtype}), expected real numbers")
    if array.dtype.kind not in "fiu" and array.dtype.name != "bfloat16":  # of ml_dtypes, as JAX has it
        raise NoGradient(f"{what} has the dtype {array.dtype}, expected real numbers")
    if array.shape != shapes[name]:
        same = [other for other, shape in shapes.items() if shape == array.shape]
        whose = f" (the shape of {' and '.join(same)})" if same else ""
        raise NoGradient(f"{what} has shape {array.shape}{whose}, expected {shapes[name]}")
    return array


def _out_of_its_framework(value: Any) -> Array:
    if callable(getattr(value, "detach", None)):  # a tensor of PyTorch
        value = value.detach().cpu()
        value = value.float() if "bfloat16" in str(value.dtype) else value
    try:
        return np.asarray(value)
    except Exception:  # whatever an object raises that says it is an array
        return np.asarray(None)


def missing(name: str, came: Iterable[Any], parameters: tuple[str, ...]) -> str:
    """That the gradient by a parameter did not come back, with what came instead, and what to do about it."""
    keys = [str(key) for key in came]
    if not keys:
        return f"∂L/∂{name} did not come back: gradients returns no gradient at all, so nothing was checked"
    strange = [key for key in keys if key not in parameters]
    near = did_you_mean(name, strange) or did_you_mean(f"d{name}", strange)
    way = f"; return it as {name!r}" if near else f"; if the code has no {name}, say so: skip=({name!r},)"
    return f"∂L/∂{name} did not come back, only {', '.join(map(repr, keys))}{way}"
