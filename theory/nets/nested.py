"""Nested lists as the arrays of a net: what is left out is filled in, and every shape is checked against the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.language.functions import LOSSES
from backproof.theory.language.notation import m, n, p
from backproof.theory.language.validation import (
    choice,
    few_entries,
    integer,
    kind_of,
    known_names,
    number_array,
)
from backproof.theory.nets.cells import Cell

Array = NDArray[np.float64]


def input_array(inputs: Any) -> Array:
    """Inputs as an array (T, B, m), from (T, B, m) or from (T, m) for one sequence."""
    given = number_array("inputs", inputs)
    array = given[:, None, :] if given.ndim == 2 else given
    if array.ndim != 3 or not array.size:
        raise ValueError(f"inputs must be (T, B, m), or (T, m) for one sequence, got the shape {given.shape}")
    return array


def rows_of(name: str, values: Any) -> int:
    """How many rows a matrix has, which is a size of the net."""
    array = number_array(name, values)
    if array.ndim != 2 or not array.size:
        raise ValueError(f"{name} must be a matrix with a row at least, got the shape {array.shape}")
    return len(array)


def parameter_arrays(
    cell: Cell, inputs: Array, units: int, given: Mapping[str, Any], identities: tuple[str, ...]
) -> dict[str, Array]:
    """The parameters and initial states of a cell by name; what is None is an identity if it is named, or else zeros.

    Raises
    ------
    TypeError
        For a name that the cell does not have, or what holds no real numbers.
    ValueError
        For a shape that does not fit, or an entry that is not finite.
    """
    known_names(f"{cell.name} nets have", "array", given, (*cell.symbols, *(f"{q.base.name}0" for q in cell.states)))
    given = {name: value for name, value in given.items() if value is not None}
    few_entries("units", units, max(units, *inputs.shape[1:]))
    outputs = rows_of("V", given["V"]) if "V" in given else units
    shapes = shapes_of(cell, inputs, units, outputs)
    return {
        name: expect(name, given[name] if name in given else plain(name, shape, identities), shape)
        for name, shape in shapes.items()
    }


def shapes_of(cell: Cell, inputs: Array, units: int, outputs: int) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter and first state of a cell by name, columns as (n,)."""
    sizes = {n: units, m: inputs.shape[2], p: outputs}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, symbol in cell.symbols.items():
        rows, columns = (sizes.get(size, 1) for size in symbol.shape)
        shapes[name] = (rows,) if symbol.shape[1] == 1 else (rows, columns)
    return shapes | {f"{state.base.name}0": (inputs.shape[1], units) for state in cell.states}


def check_net(net: Any, cell: Cell, arrays: Mapping[str, Array]) -> None:
    """Check the arrays of a net and what is charged for it, as they stand.

    Raises
    ------
    TypeError
        For what is no array of floats, or no array of integers where the targets are classes.
    ValueError
        For a shape that does not fit, an entry that is not finite, a class that does not exist, or an unknown name.
    """
    choice("loss", net.loss, LOSSES)
    choice("reduction", net.reduction, ("sum", "mean"))
    integer("mean_divisor", net.mean_divisor, 1)
    if not isinstance(arrays, Mapping):
        raise TypeError(f"arrays must be a mapping from names to arrays, got {kind_of(arrays)}")
    names = (*cell.symbols, *(f"{q.base.name}0" for q in cell.states))
    known_names(f"{cell.name} nets have", "array", arrays, names)
    for name in names:
        if name not in arrays:
            raise ValueError(f"arrays must hold {name}, which a {cell.name} net has")
    for name, array in {**arrays, "inputs": net.inputs, "targets": net.targets}.items():
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{name} must be an array, got {kind_of(array)}")
    outputs, inputs = rows_of("V", arrays["V"]), input_array(net.inputs)
    for name, shape in shapes_of(cell, inputs, arrays["V"].shape[1], outputs).items():
        expect(name, arrays[name], shape)
    found = LOSSES[net.loss].targets(net.targets, inputs.shape[0], inputs.shape[1], outputs)
    for name, given, shape in (("inputs", net.inputs, inputs.shape), ("targets", net.targets, found.shape)):
        if given.shape != shape:
            raise ValueError(f"{name} has the shape {given.shape}, expected {shape}")


def plain(name: str, shape: tuple[int, ...], identities: tuple[str, ...]) -> Array:
    """What an array is filled in with: an identity, or zeros."""
    return np.eye(shape[0], shape[-1]) if name in identities else np.zeros(shape)


def expect(name: str, values: Any, shape: tuple[int, ...]) -> Array:
    """The values as an array of this shape; zeros if there are none.

    Raises
    ------
    TypeError
        If they are no real numbers.
    ValueError
        If they have another shape, or are not finite.
    """
    few_entries(name, *shape)
    array = np.zeros(shape) if values is None else number_array(name, values)
    if array.shape != shape:
        raise ValueError(f"{name} has the shape {array.shape}, expected {shape}")
    return array
