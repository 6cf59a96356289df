"""Running a net of layers on a batch, and the vector–Jacobian product back through it.

What is asked is ∂L/∂ of every parameter, first state and input for an L of which only its gradients are known: by each
output, and by each state after the last step of its sequence.

>>> from backproof.impl.cells import CELLS
>>> from backproof.impl.stacks import layers
>>> net = layers((CELLS["gru"], CELLS["gru"]), CELLS["residual"], lengths=True)
>>> rng = np.random.default_rng(0)
>>> sizes = {"_l0": {"n": 3, "m": 2}, "_l1": {"n": 4, "m": 6}}
>>> params = {
...     name: rng.normal(size=[sizes[name[name.index("_l") :][:3]][letter] for letter in letters])
...     for name, letters in net.parameters.items()
... }
>>> run = layered_forward(net, params | {"lengths": np.array([5, 3])}, rng.normal(size=(5, 2, 2)))
>>> run.outputs.shape, list(run.last)
((5, 2, 4), ['h_l0', 'h_l0_reverse', 'h_l1'])
>>> found = layered_back(run, np.ones((5, 2, 4)), {"h_l0": np.ones((2, 3))})
>>> found["W_z_l0_reverse"].shape, found["h0_l1"].shape, found["inputs"].shape, float(abs(found["inputs"][3:, 1]).max())
((3, 3), (2, 4), (5, 2, 2), 0.0)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.impl import through_time
from backproof.impl.arrays import Array, Integers, require_no_overflow_in_time, unwarned
from backproof.impl.cell import Cell, Run, Values
from backproof.impl.cells import CELLS
from backproof.impl.checks import (
    check_shape,
    checked_floats,
    checked_instance,
    checked_mapping,
    checked_text,
    checked_words,
    is_array,
    kind_of,
    listed,
)
from backproof.impl.shapes import check_names, check_shapes, checked_format
from backproof.impl.stacks import Direction, Layers, alone, layers
from backproof.impl.sums import add_to, in_range


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Batch:
    """The lengths of T-step sequences, sorted, the longest first, and the order that sorts the batch so."""

    steps: int
    lengths: Integers
    order: Integers

    @classmethod
    def of(cls, lengths: Integers, steps: int) -> Batch:
        """Sort a batch by its lengths (B,)."""
        order = np.argsort(-lengths, kind="stable")
        return cls(steps=steps, lengths=lengths[order], order=order)

    @property
    def active(self) -> list[int]:
        """How many sequences take part in each step."""
        return [int(np.count_nonzero(self.lengths > t)) for t in range(self.steps)]

    def sorted(self, array: Array) -> Array:
        """The array (T,B,k) in this order, with 0 after the end of a sequence."""
        valid = np.arange(self.steps)[:, None, None] < self.lengths[:, None]
        return np.where(valid, array[:, self.order], array.dtype.type(0))

    def restored(self, array: Array, *, axis: int) -> Array:
        """The array in the order of the batch that was given."""
        return np.take(array, np.argsort(self.order), axis=axis)

    def turned(self, array: Array) -> Array:
        """The array (T,B,k) with each sequence from its end to its beginning; its own inverse."""
        places = np.arange(self.steps)[:, None]
        read = np.where(places < self.lengths, self.lengths - 1 - places, places)
        return np.take_along_axis(array, read[:, :, None], axis=0)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class LayeredRun:
    """What a net did: the run of each cell of each layer, outputs (T,B,k), and last states (B,n) by their names."""

    net: Layers
    params: Values
    batch: Batch
    runs: tuple[tuple[Run, ...], ...]
    outputs: Array
    last: Values


def layered_forward(of: Cell | Layers, params: Mapping[str, NDArray[Any]], inputs: Array) -> LayeredRun:
    """Run a net, or a cell alone, on inputs (T,B,m), from arrays by name as `backproof.impl.stacks` has them.

    Raises FloatingPointError naming the step at which a state or an output overflows, in the direction in which its
    cell runs, and TypeError or ValueError naming the argument that is wrong.
    """
    net = alone(of) if isinstance(of, Cell) else checked_instance("of", of, Cell, Layers)
    arrays, batch = _checked(net, params, inputs)
    return _run(net, arrays, batch, batch.sorted(inputs))


@unwarned
def _run(net: Layers, params: Values, batch: Batch, below: Array) -> LayeredRun:
    runs: list[tuple[Run, ...]] = []
    last: dict[str, Array] = {}
    active = batch.active
    for depth, layer in enumerate(net.directions):
        mask = net.mask(depth)
        read = below if mask is None else below * params[mask]
        done, columns = [], []
        for one in layer:
            own = {name: params[full] for name, full in one.names.items()}
            run = through_time.forward(one.cell, own, batch.turned(read) if one.turned else read, active)
            done.append(run)
            columns.append(batch.turned(run.output) if one.turned else run.output)
            last |= {one.last(state): batch.restored(value, axis=0) for state, value in run.last.items()}
        runs.append(tuple(done))
        joined = sum(columns[1:], columns[0]) if net.added else np.concatenate(columns, axis=2)
        below = joined + below if net.residual and depth else joined
    require_no_overflow_in_time("the output", below)
    outputs = batch.restored(below, axis=1)
    return LayeredRun(net=net, params=params, batch=batch, runs=tuple(runs), outputs=outputs, last=last)


def layered_back(run: LayeredRun, upstream: Array | None, last: Values | None = None) -> dict[str, Array]:
    """Return ∂L/∂ of every parameter and first state by name, and of the inputs (T,B,m) as "inputs".

    `upstream` (T,B,k) is ∂L/∂ of the outputs, None for zeros; `last` is ∂L/∂ of last states (B,n) by their names, of
    which those that are left out are zeros.
    Raises TypeError or ValueError for one that is wrong, and FloatingPointError where an adjoint or a gradient
    overflows, naming it.
    """
    checked_instance("run", run, LayeredRun)
    come = np.zeros_like(run.outputs) if upstream is None else upstream
    checked_floats("upstream", come, dtype=run.outputs.dtype)
    check_shape("upstream", come, run.outputs.shape)
    asked = {} if last is None else last
    checked_mapping("last", asked)
    for name, value in asked.items():
        if name not in run.last:
            raise ValueError(f"last: unknown state {name!r}, expected {listed(run.last)}")
        checked_floats(f"last[{name!r}]", value, dtype=run.outputs.dtype)
        check_shape(f"last[{name!r}]", value, run.last[name].shape)
    return in_range(_back(run, run.batch.sorted(come), {name: value[run.batch.order] for name, value in asked.items()}))


def layered_gradients(
    of: Cell | Layers, params: Mapping[str, NDArray[Any]], inputs: Array, upstream: Array | None, last: Values
) -> dict[str, Array]:
    """Return what `layered_back` does, from a run that nobody else needs."""
    return layered_back(layered_forward(of, params, inputs), upstream, last)


def cell_gradients(
    cell: str, params: Mapping[str, NDArray[Any]], inputs: Array, upstream: Array | None, last: Values
) -> dict[str, Array]:
    """Return the gradients of a cell of `CELLS` alone, by its name; NotImplementedError for one that is not there."""
    if checked_text("cell", cell) not in CELLS:
        raise NotImplementedError(f"cell: expected one of {', '.join(CELLS)}, got {cell!r}")
    return layered_gradients(CELLS[cell], params, inputs, upstream, last)


def net_gradients(
    cells: Sequence[Sequence[str]],
    params: Mapping[str, NDArray[Any]],
    inputs: Array,
    upstream: Array | None,
    last: Values,
    **options: Any,
) -> dict[str, Array]:
    """Return the gradients of layers of cells of `CELLS` by name: one name for each layer, or two for two directions.

    `options` are those of `layers`. Raises NotImplementedError for a cell that is not there, and TypeError or
    ValueError for what is wrong otherwise.
    """
    if isinstance(cells, str | bytes) or not isinstance(cells, Sequence):
        raise TypeError(f"cells: expected a sequence of layers, each a sequence of names, got {kind_of(cells)}")
    for name in (name for layer in cells for name in checked_words("cells", layer, at_least=1)):
        if name not in CELLS:
            raise NotImplementedError(f"cells: expected some of {', '.join(CELLS)}, got {name!r}")
    net = layers(*([CELLS[name] for name in layer] for layer in cells), **options)
    return layered_gradients(net, params, inputs, upstream, last)


@unwarned
def _back(run: LayeredRun, come: Array, last: Values) -> dict[str, Array]:
    net, batch = run.net, run.batch
    found: dict[str, Array] = {}
    for depth in range(len(net.directions) - 1, -1, -1):
        handed: list[Array] = []
        start = 0
        for one, done in zip(net.directions[depth], run.runs[depth], strict=True):
            end = start + done.output.shape[2]
            share = come if net.added else come[:, :, start:end]
            start = end
            own = through_time.back(done, batch.turned(share) if one.turned else share, _own(one, last))
            x = own.pop("x")
            handed.append(batch.turned(x) if one.turned else x)
            add_to(found, {one.names[name]: gradient for name, gradient in own.items()})
        below = sum(handed[1:], handed[0])
        mask = net.mask(depth)
        masked = below if mask is None else below * run.params[mask]
        come = masked + come if net.residual and depth else masked
    firsts = {name: batch.restored(found[name], axis=0) for name in net.states}
    return found | firsts | {"inputs": batch.restored(come, axis=1)}


def _own(one: Direction, last: Values) -> dict[str, Array]:
    """What comes in at the last states of a cell, by its own names for them."""
    return {state: last[one.last(state)] for state in one.cell.states if one.last(state) in last}


def _checked(net: Layers, params: Mapping[str, NDArray[Any]], inputs: Array) -> tuple[dict[str, Array], Batch]:
    """Return every array that the net needs, sorted as the batch is, and the batch."""
    masks = [mask for mask in map(net.mask, range(len(net.directions))) if mask]
    given = [name for one in net.each for name in one.given]
    check_names(params, [*net.parameters, *given, *masks], [*net.states, *["lengths"] * net.lengths])
    floats = {name: array for name, array in params.items() if name != "lengths"}
    dtype = checked_format(floats, inputs, like=next(iter(net.parameters)))
    steps, size, width = inputs.shape
    batch = Batch.of(_checked_lengths(params.get("lengths"), steps, size), steps)
    arrays: dict[str, Array] = {name: params[name] for name in net.parameters}
    for depth, layer in enumerate(net.directions):
        if mask := net.mask(depth):
            arrays[mask] = _sequence(mask, params[mask], batch, width)
        each = [(one, _sizes(one, params, width)) for one in layer]
        for one, own in each:
            arrays |= {name: _first(name, params, batch, own[k], dtype) for name, k in one.firsts.items()}
            arrays |= {name: _sequence(name, params[name], batch, own[k]) for name, k in one.given.items()}
        width = _joined(net, depth, [own[one.cell.width] for one, own in each], width)
    return arrays, batch


def _sizes(one: Direction, params: Values, width: int) -> dict[str, int]:
    """The sizes of a cell by letter, of which m is what the layer reads."""
    return check_shapes({one.names[own]: letters for own, letters in one.cell.shapes.items()}, params, {"m": width})


def _first(name: str, params: Values, batch: Batch, size: int, dtype: np.dtype[Any]) -> Array:
    shape = (len(batch.order), size)
    first = params.get(name, np.zeros(shape, dtype))
    check_shape(f"params[{name!r}]", first, shape)
    return first[batch.order]


def _sequence(name: str, array: Array, batch: Batch, width: int) -> Array:
    check_shape(f"params[{name!r}]", array, (batch.steps, len(batch.order), width))
    return batch.sorted(array)


def _joined(net: Layers, depth: int, widths: list[int], below: int) -> int:
    """The width of a layer's outputs, whose parts have these widths; ValueError where unequal ones are to be added."""
    parts = widths if net.added else [sum(widths)]
    added = [*parts, below] if net.residual and depth else parts
    if len(set(added)) > 1:
        told = ", ".join(map(str, added))
        raise ValueError(f"params: expected one width to add up in layer {depth}, got {told}")
    return parts[0]


def _checked_lengths(lengths: Any, steps: int, size: int) -> Integers:
    if lengths is None:
        return np.full(size, steps)
    if not is_array(lengths) or lengths.dtype.kind not in "iu":
        raise TypeError(f"params['lengths']: expected an array of integers, got {kind_of(lengths)}")
    check_shape("params['lengths']", lengths, (size,))
    for length in lengths:
        if not 1 <= length <= steps:
            raise ValueError(f"params['lengths']: expected lengths from 1 to {steps}, got {length}")
    return lengths.astype(np.intp)
