"""Nested lists as the arrays of a net: what is left out is filled in, and every shape is checked against the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.language.notation import m, n, p
from backproof.theory.nets.cells import Cell

Array = NDArray[np.float64]


def input_array(inputs: Any) -> Array:
    """Inputs as an array (T, B, m), from (T, B, m) or from (T, m) for one sequence."""
    array = np.asarray(inputs, dtype=np.float64)
    array = array[:, None, :] if array.ndim == 2 else array
    if array.ndim != 3 or not array.size:
        raise ValueError(f"inputs must be (T, B, m), or (T, m) for one sequence, got the shape {np.shape(inputs)}")
    return array


def parameter_arrays(
    cell: Cell, inputs: Array, units: int, given: Mapping[str, Any], identities: tuple[str, ...]
) -> dict[str, Array]:
    """The parameters and initial states of a cell by name; what is None is an identity if it is named, or else zeros.

    Raises
    ------
    TypeError
        For a name that the cell does not have.
    ValueError
        For a shape that does not fit.
    """
    given = {name: value for name, value in given.items() if value is not None}
    sizes = {n: units, m: inputs.shape[2], p: len(given["V"]) if "V" in given else units}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, symbol in cell.symbols.items():
        rows, columns = (sizes.get(size, 1) for size in symbol.shape)
        shapes[name] = (rows,) if symbol.shape[1] == 1 else (rows, columns)
    shapes |= {f"{state.base.name}0": (inputs.shape[1], units) for state in cell.states}
    unknown = sorted(set(given) - set(shapes))
    if unknown:
        raise TypeError(f"{cell.name} nets have no array {unknown[0]!r}; theirs are {', '.join(shapes)}")
    return {
        name: expect(name, given.get(name, plain(name, shape, identities)), shape) for name, shape in shapes.items()
    }


def plain(name: str, shape: tuple[int, ...], identities: tuple[str, ...]) -> Array:
    """What an array is filled in with: an identity, or zeros."""
    return np.eye(shape[0], shape[-1]) if name in identities else np.zeros(shape)


def expect(name: str, values: Any, shape: tuple[int, ...]) -> Array:
    """The values as an array of this shape; zeros if there are none.

    Raises
    ------
    ValueError
        If they have another shape.
    """
    array = np.zeros(shape) if values is None else np.asarray(values, dtype=np.float64)
    if array.shape != shape:
        raise ValueError(f"{name} has the shape {array.shape}, expected {shape}")
    return array
