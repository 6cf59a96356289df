"""Runs of cells and of nets of layers from nested lists: what is left out is zeros, and every shape is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.language.declared import check_kind
from backproof.theory.language.functions import UPSTREAM
from backproof.theory.language.notation import m
from backproof.theory.language.validation import known_names, number_array, plain_array
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layers import Layers, Node, alone
from backproof.theory.nets.nested import expect, input_array

Array = NDArray[np.float64]


def recurrent(
    of: Cell | Layers,
    *,
    inputs: Any,
    upstream: Any = None,
    targets: Any = None,
    last: Mapping[str, Any] | None = None,
    lengths: Any = None,
    weights: Any = None,
    **arrays: Any,
) -> Layered:
    """A run of a cell or of a net of layers from nested lists; what is left out is zeros, masks and weights ones.

    Parameters
    ----------
    of
        The equations of a step, or the layers.
    inputs
        (T, B, m), or (T, m) for one sequence.
    upstream
        (T, B, p), the gradient that comes in at each output; or (T, p). For a net without a loss.
    targets
        For a net with a loss, what the loss takes: (T, B, p), or (T, B) classes, negative where a step is ignored.
    last
        (B, n) by the name of a state, the gradient that comes in after the last step of each sequence.
    lengths
        (B,), for a net whose sequences have lengths of their own; T if they are left out.
    weights
        (T, B), what the loss of each step is multiplied by beside the net's reduction.
    arrays
        Parameters by name, columns as (n,); first states (B, n), named like ``h0``, or (n,) where the batch shares one;
        masks and what else each step is given, (T, B, n). Each size has to be in some array.

    Raises
    ------
    TypeError
        For an array that the net does not have, or that holds no real numbers, or no integers where classes are asked.
    ValueError
        For a shape that does not fit the others, a number that is not finite, a class that does not exist, a length
        that no sequence can have, or a size that no array tells.
    """
    check_kind("of", of, Cell | Layers)
    check_kind("last", last, Mapping[str, Any] | None)
    net = alone(of) if isinstance(of, Cell) else of
    inputs = input_array(inputs)
    right, wrong = ("upstream", "targets") if net.loss is UPSTREAM else ("targets", "upstream")
    if {"upstream": upstream, "targets": targets}[wrong] is not None:
        raise TypeError(f"{net.name} takes {right}, and not {wrong}: its loss is {net.loss.name}")
    steps, batch, width = inputs.shape
    lengths = _lengths(net, lengths, steps, batch)
    shapes = _Shapes(net=net, steps=steps, batch=batch, widths=[width], given=arrays)
    for node in net.nodes[1:]:
        shapes.read(node)
    known_names(f"{net.name} has", "array", arrays, (*shapes.arrays, *shapes.told))
    known_names(f"last: {net.name} has", "array", last or {}, shapes.states)
    asked = upstream if right == "upstream" else targets
    return Layered(
        of=net,
        arrays={
            name: expect(name, arrays.get(name), shape[1:] if shapes.shared(name) else shape)
            for name, shape in shapes.arrays.items()
        },
        inputs=inputs,
        targets=net.loss.targets(asked, steps, batch, shapes.widths[-1], right, ignored=True),
        asked={name: expect(f"last {name}", value, shapes.states[name]) for name, value in (last or {}).items()},
        told={
            name: expect(name, np.ones(shape) if arrays.get(name) is None else arrays[name], shape)
            for name, shape in shapes.told.items()
        },
        lengths=lengths,
        counted=None if weights is None else expect("weights", weights, (steps, batch)),
    )


def _lengths(net: Layers, lengths: Any, steps: int, batch: int) -> NDArray[np.int64]:
    if lengths is None:
        return np.full(batch, steps)
    if not net.lengths:
        raise TypeError(f"{net.name} has no lengths: layers(…, lengths=True) has them")
    found = plain_array("lengths", lengths, f"{batch} integers from 1 to {steps}", "iu")
    if found.shape != (batch,) or found.dtype.kind not in "iu" or not np.all((found >= 1) & (found <= steps)):
        raise ValueError(f"lengths must be {batch} integers from 1 to {steps}, got {found.tolist()}")
    return found


@dataclass(kw_only=True)
class _Shapes:
    """The shapes of what a net needs, node by node: the sizes of each cell are read off the arrays that are given."""

    net: Layers
    steps: int
    batch: int
    widths: list[int]
    given: Mapping[str, Any]
    arrays: dict[str, tuple[int, ...]] = field(default_factory=dict)
    states: dict[str, tuple[int, ...]] = field(default_factory=dict)
    firsts: set[str] = field(default_factory=set)
    told: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def read(self, node: Node) -> None:
        """Find the shapes of what a node reads and, if it has a cell, of what that needs."""
        each = [self.widths[reading.source] for reading in node.reads]
        if not node.beside and len(set(each)) > 1:
            raise ValueError(f"{self.net.name}: columns of {' and '.join(map(str, each))} rows cannot be added")
        for reading in node.reads:
            if reading.mask:
                self.told[reading.mask] = (self.steps, self.batch, self.widths[reading.source])
        self.widths.append(sum(each) if node.beside else each[0])
        if node.cell is not None:
            self._of_the_cell(node, node.cell)

    def shared(self, name: str) -> bool:
        """Whether it is a first state that is given once for the batch."""
        return name in self.firsts and self.given.get(name) is not None and np.ndim(self.given[name]) == 1

    def _of_the_cell(self, node: Node, cell: Cell) -> None:
        sizes = _sizes(node, cell, self.given) | {m: self.widths[-1]}
        where = f" in {cell.name}" if len(self.net.nodes) > 2 else ""

        def entries(size: Any) -> int:
            value = size.subs(sizes)
            if not value.is_Integer:
                raise ValueError(f"{self.net.name}: no array says how much {size} is{where}")
            return int(value)

        for own, symbol in cell.symbols.items():
            rows, columns = map(entries, symbol.shape)
            name, shape = node.names[own], (rows, columns) if symbol.shape[1] != 1 else (rows,)
            if self.arrays.setdefault(name, shape) != shape:
                raise ValueError(f"{self.net.name}: {name} has two shapes, {self.arrays[name]} and {shape}")
        for q in cell.states:
            shape = (self.batch, entries(q.base.shape[0]))
            first = node.names[f"{q.base.name}0"]
            self.firsts.add(first)
            self.arrays[first] = shape
            self.states[Layered.states_of(node)[q.base.name]] = shape
        for q in cell.given:
            self.told[node.names[q.base.name]] = (self.steps, self.batch, entries(q.base.shape[0]))
        self.widths[-1] = entries(cell.output.base.shape[0])


def _sizes(node: Node, cell: Cell, given: Mapping[str, Any]) -> dict[Any, int]:
    """The sizes of a node's cell; where the arrays that are given say several, the first parameter's counts."""
    shapes = {q.base.name: q.base.shape[:1] for q in cell.given}
    shapes |= {f"{q.base.name}0": q.base.shape[:1] for q in cell.states}
    shapes |= {own: symbol.shape for own, symbol in reversed(cell.symbols.items())}
    found: dict[Any, int] = {}
    for own, shape in shapes.items():
        value = given.get(node.names[own])
        if value is not None:
            given_shape = number_array(node.names[own], value).shape
            axes = len(shape) - (shape[-1] == 1)
            if len(given_shape) < axes:
                raise ValueError(f"{node.names[own]} has the shape {given_shape}, expected {axes} axes at least")
            numbers = given_shape[-1:] if len(shape) == 1 else given_shape
            found |= dict(zip(shape, map(int, numbers), strict=False))
    return {size: number for size, number in found.items() if not size.is_Integer}
