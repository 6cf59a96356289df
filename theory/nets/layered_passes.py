"""A net of layers evaluated in any arithmetic, sequence by sequence, forward and back through its nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.theory.arithmetic import Arithmetic, Balls, Dual, Duals, Undecided
from backproof.theory.evaluation import Environment, compiled
from backproof.theory.language.notation import o, p, t, y
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layers import Node, Reading
from backproof.theory.nets.passes import (
    Seeds,
    Series,
    adjoints,
    as_rows,
    forward,
    gradients,
    input_gradients,
    of_the_batch,
)
from backproof.theory.nets.recurrent import Recurrent

Columns = list[Any]  # one for each step of a sequence


@dataclass
class Pass:
    """One sequence through a net of layers in an arithmetic: forward at once, backward when it is asked.

    ``seeds``: tangents of parameters (by the net's names), first states and inputs, where the arithmetic has them.
    By node: ``values`` its columns, ``read`` what it made them of, ``incoming`` what came in at them on the way
    back, and by reading ``handed``, what it handed back.
    """

    net: Layered
    index: int
    arithmetic: Arithmetic
    seeds: Seeds = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.length = int(self.net.lengths[self.index])
        self.steps = range(1, self.length + 1)
        self.read: dict[int, Columns] = {}
        self.values: list[Columns] = []
        self.incoming: dict[int, Columns] = {}
        self.handed: dict[tuple[int, int], Columns] = {}
        self.series: dict[int, tuple[Recurrent, Series]] = {}
        for number, node in enumerate(self.net.of.nodes):
            self.values.append(self._forward(number, node))

    def _forward(self, number: int, node: Node) -> Columns:
        A = self.arithmetic
        if not node.reads:
            read = self.net.inputs[: self.length, self.index]
            columns = [A.matrix(column[:, None]) for column in read]
            return [self._moved(("x", step), column) for step, column in zip(self.steps, columns, strict=True)]
        shares = [self.reading(one, self.values[one.source]) for one in node.reads]
        made = [beside(A, each) if node.beside else A.sum_time(list(each)) for each in zip(*shares, strict=True)]
        self.read[number] = made
        if node.cell is None:
            return made
        run = self.net.alone(node, self.index, np.zeros((self.length, A.shape(made[0])[0])), fed=tuple(made))
        series = forward(run, A, self._seeds_of(node))
        self.series[number] = run, series
        return [series[node.cell.output.base.name][step] for step in self.steps]

    def _moved(self, place: Any, value: Any) -> Any:
        if place not in self.seeds:
            return value
        return Dual(value.value, self.seeds[place])

    def _seeds_of(self, node: Node) -> Seeds | None:
        own = {full: name for name, full in node.names.items()}
        found = {}
        for (full, step), tangent in self.seeds.items():
            if full in own:
                name = own[full]
                found[(name[:-1], 0) if name.endswith("0") and step == 0 else (name, step)] = tangent
        return found or None

    def reading(self, one: Reading, columns: Columns) -> Columns:
        """The columns as a reading has them: masked, then turned."""
        masked = self._masked(one, columns)
        return masked[::-1] if one.turned else masked

    def _handed_back(self, one: Reading, columns: Columns) -> Columns:
        """What comes in at a reading, as it hands it back: turned, then masked."""
        return self._masked(one, columns[::-1] if one.turned else columns)

    def _masked(self, one: Reading, columns: Columns) -> Columns:
        if one.mask is None:
            return columns
        A, mask = self.arithmetic, self.net.told[one.mask][: self.length, self.index]
        return [A.hadamard(A.matrix(row[:, None]), column) for row, column in zip(mask, columns, strict=True)]

    @property
    def outputs(self) -> Columns:
        """The columns of the last node."""
        return self.values[-1]

    def charged(self) -> Columns:
        """``ω_t ∂ℓ/∂o_t`` by its step."""
        gradient = compiled(self.net.of.loss.gradient)
        return [self._of_the_loss(gradient, step) for step in self.steps]

    def _of_the_loss(self, of: Any, step: int) -> Any:
        """The loss or its gradient at a step, times what the step counts for."""
        A, column = self.arithmetic, self.outputs[step - 1]
        width = A.shape(column)[0]
        target = A.matrix(self.net.column_of_target(step, self.index, width))
        value = of(A, Environment({p: width, o[t]: column, y[t]: target}))
        weight = self.net.weight(step, self.index)
        return value if weight == 1 else A.scale(A.number(weight), value)

    def loss(self) -> Any:
        """The loss of the sequence, a 1 by 1 matrix, with what its last states are asked."""
        A, value = self.arithmetic, compiled(self.net.of.loss.value)
        terms = [self._of_the_loss(value, step) for step in self.steps]
        for run, series in self.series.values():
            terms += [A.matmul(A.matrix(asked), series[own][self.length]) for own, asked in run.final.items()]
        return A.sum_time(terms)

    def demand_values(self) -> None:
        """Raise Undecided if a quantity of a cell is a ball that is not finite: what has no value has no gradient."""
        for _, series in self.series.values():
            for name, values in series.items():
                for step, value in values.items():
                    if not all(entry.is_finite() for entry in value.entries()):
                        raise Undecided(f"{name}[{step}] has no finite value here, and what has none has no gradient")

    def backward(self) -> dict[str, Any]:
        """Every gradient by its name, that of the inputs as a list of columns."""
        A, nodes = self.arithmetic, self.net.of.nodes
        found: dict[str, Any] = {}
        asked: list[Columns | None] = [None] * len(nodes)
        asked[-1] = self.charged()
        for number in range(len(nodes) - 1, 0, -1):
            node, come = nodes[number], asked[number]
            if come is None:
                come = [A.zeros(*A.shape(column)) for column in self.values[number]]
            self.incoming[number] = come
            if node.cell is not None:
                by_name, come = self._through(number, node, come)
                for name, value in by_name.items():
                    found[name] = A.add(found[name], value) if name in found else value
            start = 0
            for place, reading in enumerate(node.reads):
                width = A.shape(self.values[reading.source][0])[0]
                share = [rows(A, column, start, start + width) for column in come] if node.beside else come
                start += width
                back = self.net.of.handed_back(number, place)
                if back is not None:
                    share, before = self._handed_back(back, share), asked[reading.source]
                    self.handed[number, place] = share
                    asked[reading.source] = share if before is None else list(map(A.add, before, share))
        pulled = asked[0] or [A.zeros(*A.shape(column)) for column in self.values[0]]
        return {**found, "inputs": pulled}

    def _through(self, number: int, node: Node, come: Columns) -> tuple[dict[str, Any], Columns]:
        """The gradients by a node's own arrays, and what it hands back to what it read."""
        run, series = self.series[number]
        series["y"] = dict(zip(self.steps, come, strict=True))
        carried = adjoints(run, self.arithmetic, series)
        own = gradients(run, self.arithmetic, series, carried)
        pulled = input_gradients(run, self.arithmetic, series)
        return {node.names[name]: value for name, value in own.items()}, [pulled[step] for step in self.steps]


def rows(A: Arithmetic, column: Any, start: int, stop: int) -> Any:
    """Some rows of a column."""
    if A.shape(column)[0] == stop - start:
        return column
    if isinstance(A, Duals):
        tangent = None if column.tangent is None else rows(A.base, column.tangent, start, stop)
        return Dual(rows(A.base, column.value, start, stop), tangent)
    return A.matrix([[A.entry(column, i, 0)] for i in range(start, stop)])


def beside(A: Arithmetic, columns: Sequence[Any]) -> Any:
    """Columns one below the other."""
    if len(columns) == 1:
        return columns[0]
    if isinstance(A, Duals):
        tangents = [A.base.zeros(*A.shape(c)) if c.tangent is None else c.tangent for c in columns]
        moved = any(c.tangent is not None for c in columns)
        return Dual(beside(A.base, [c.value for c in columns]), beside(A.base, tangents) if moved else None)
    return A.matrix([[A.entry(column, i, 0)] for column in columns for i in range(A.shape(column)[0])])


def gradients_in(net: Layered, arithmetic: Arithmetic) -> dict[str, Any]:
    """Every gradient by the derived equations, as one matrix each.

    Rows are sequences for first states of which each has its own, and steps and sequences for inputs; after a
    sequence's end the gradient by its inputs is 0.

    Raises
    ------
    Undecided
        If balls say that some quantity of the run has no finite value, as the logarithm of −1 has none.
    """
    passes = [Pass(net, index, arithmetic) for index in range(net.batch)]
    if isinstance(arithmetic, Balls):
        for one in passes:
            one.demand_values()
    return assembled(net, arithmetic, [one.backward() for one in passes])


def assembled(net: Layered, arithmetic: Arithmetic, each: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The gradients of the batch, as `gradients_in` has them, from those of every sequence."""
    own = [name for name, array in net.arrays.items() if name not in net.parameters and array.ndim == 2]
    found = of_the_batch(arithmetic, each, own)
    blank = arithmetic.zeros(net.inputs.shape[2], 1)
    pulled = [one["inputs"][step] if step < len(one["inputs"]) else blank for step in range(net.steps) for one in each]
    return {**found, "inputs": as_rows(arithmetic, pulled)}
