"""Arrays by name against the shapes that are asked for, which have a letter for each size: {"W": "nn", "U": "nm"}.

>>> import numpy as np
>>> check_shapes({"W": "nn", "U": "nm"}, {"W": np.eye(3), "U": np.ones((3, 2))}, {})
{'n': 3, 'm': 2}
>>> check_shapes({"U": "nm"}, {"U": np.ones((3, 2))}, {"m": 4})
Traceback (most recent call last):
ValueError: params['U']: expected shape (3, 4), got shape (3, 2)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from backproof.impl.arrays import Array
from backproof.impl.checks import check_shape, checked_floats, checked_mapping, listed


def check_names(params: Mapping[str, Any], required: Iterable[str], optional: Iterable[str]) -> None:
    """Refuse what is no mapping, a name that is not known, and one that is missing."""
    checked_mapping("params", params)
    needed = list(dict.fromkeys(required))
    known = [*needed, *optional]
    unknown = [name for name in params if name not in known]
    if unknown:
        raise ValueError(f"params: unknown parameter {unknown[0]!r}, expected {listed(known)}")
    missing = [name for name in needed if name not in params]
    if missing:
        raise ValueError(f"params: expected {listed(needed)}, got no {listed(missing)}")


def checked_format(params: Mapping[str, Array], inputs: Array, like: str) -> np.dtype[Any]:
    """Return the dtype of a parameter, `like` which all have to be: finite parameters, and finite inputs (T,B,m)."""
    dtype = checked_floats(f"params[{like!r}]", params[like]).dtype
    for name, array in params.items():
        checked_floats(f"params[{name!r}]", array, dtype=dtype)
    checked_floats("inputs", inputs, dtype=dtype)
    if inputs.ndim != 3 or 0 in inputs.shape:
        raise ValueError(
            "inputs: expected shape (T, B, m) with at least one step, one sequence and one input, "
            f"got shape {inputs.shape}"
        )
    return dtype


def check_shapes(shapes: Mapping[str, str], params: Mapping[str, Array], known: Mapping[str, int]) -> dict[str, int]:
    """Return the sizes by letter: those that are `known`, and of the others what the first array says that has it."""
    sizes = dict(known)
    for name, letters in shapes.items():
        array = params[name]
        if array.ndim != len(letters) or 0 in array.shape:
            kind = {1: "vector", 2: "matrix"}[len(letters)]
            raise ValueError(f"params[{name!r}]: expected a non-empty {kind}, got shape {array.shape}")
        for letter, size in zip(letters, array.shape, strict=True):
            sizes.setdefault(letter, size)
        check_shape(f"params[{name!r}]", array, tuple(sizes[letter] for letter in letters))
    return sizes
