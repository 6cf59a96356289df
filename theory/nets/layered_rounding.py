"""How far correct float code may be from the gradients of a net of layers: each cell's bound, carried to the next.

A node's columns are off by what its cell commits and by what comes in, forward from the inputs, then back from the
loss; `backproof.theory.nets.rounding` carries each through the steps of its cell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.arithmetic import Approximate, Floats, Rounded, Roundoff
from backproof.theory.evaluation import Environment, compiled
from backproof.theory.language.functions import UPSTREAM
from backproof.theory.language.notation import o, p, t, y
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layered_passes import Columns, Pass, assembled
from backproof.theory.nets.layers import Node, Reading
from backproof.theory.nets.linearised import Linearisation, linearisation
from backproof.theory.nets.rounding import carried, collected, pre_activations_moved

Array = NDArray[np.float64]


def layered_tolerances(net: Layered, dtype: Any = np.float64, lags: int | None = None) -> dict[str, Array]:
    """The first-order bound for every gradient by its name, in its shape; that of the inputs (T, B, m) as "inputs".

    With ``lags`` a part of it, as `backproof.theory.nets.rounding.tolerances_together` has it.

    Raises
    ------
    Undecided
        If perturbations of rounding size move a pre-activation by more than √u, as `tolerances` has it.
    """
    return layered_together(net, dtype, lags).radii


@dataclass(frozen=True, kw_only=True)
class Together:
    """Bounds by name, gradients in NumPy's longest float, and whether every quantity of the run has a finite value."""

    radii: dict[str, Array]
    gradients: dict[str, Any]
    finite: bool


def layered_together(net: Layered, dtype: Any = np.float64, lags: int | None = None) -> Together:
    """`layered_tolerances`, and every gradient in NumPy's longest float, as `gradients_in` has them."""
    roundoff = Roundoff.of(dtype)
    each, finite = [], True
    found = {name: np.zeros(array.shape) for name, array in net.arrays.items()}
    sizes = {name: np.zeros(array.shape) for name, array in net.arrays.items()}
    inputs = np.zeros(net.inputs.shape)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for index in range(net.batch):
            errors = _Errors(net, index, roundoff, lags)
            for name, (size, radius) in errors.gradients.items():
                own = name not in net.parameters and net.arrays[name].ndim == 2
                place = np.s_[index] if own else np.s_[...]
                found[name][place] += radius.reshape(found[name][place].shape)
                sizes[name][place] += size.reshape(found[name][place].shape)
            inputs[: len(errors.inputs), index] = errors.inputs
            each.append(errors.found)
            series = (values for _, named in errors.at.series.values() for values in named.values())
            finite = finite and all(np.all(np.isfinite(value)) for values in series for value in values.values())
        count = net.batch * len(net.of.nodes)
        radii = {name: found[name] + roundoff.gamma(count) * sizes[name] for name in found} | {"inputs": inputs}
        return Together(radii=radii, gradients=assembled(net, Floats(np.longdouble), each), finite=finite)


class _Errors:
    """The radii of one sequence: of every node's columns, forward, then of what comes in at them, back."""

    def __init__(self, net: Layered, index: int, roundoff: Roundoff, lags: int | None) -> None:
        self.net, self.index, self.roundoff, self.lags = net, index, roundoff, lags
        self.at = Pass(net, index, Floats(np.longdouble))
        self.found = self.at.backward()
        self.lines: dict[int, Linearisation] = {}
        self.read: dict[int, Array] = {}
        self.gradients: dict[str, tuple[Array, Array]] = {}
        nodes = net.of.nodes
        needed = {reading.source for node in nodes for reading in node.reads}
        needed |= set() if net.of.loss is UPSTREAM else {len(nodes) - 1}
        self.columns: list[Array] = [np.zeros_like(_stack(self.at.values[0]))]
        for number, node in enumerate(nodes[1:], 1):
            self.columns.append(self._forward(number, node, number in needed))
        self.inputs = self._backward()

    def _forward(self, number: int, node: Node, needed: bool) -> Array:
        """The radii of a node's columns (L, n)."""
        values = [_stack(self.at.reading(one, self.at.values[one.source])) for one in node.reads]
        shares = [
            self._moved(one, self.columns[one.source], value) for one, value in zip(node.reads, values, strict=True)
        ]
        made = np.concatenate(shares, axis=-1) if node.beside else np.sum(shares, axis=0)
        if not node.beside:
            made = made + self.roundoff.gamma(len(values)) * np.sum(np.abs(values), axis=0)
        self.read[number] = made
        if node.cell is None:
            return made
        come = _stack(self.at.incoming[number])
        run = self.net.alone(node, self.index, _stack(self.at.read[number]))
        self.lines[number] = linearisation((replace(run, targets=come[:, None]),))
        if not needed:
            return np.zeros_like(come)
        _, final = carried(self.lines[number], self.roundoff, read=_broadened(made), lags=self.lags)
        return _narrowed(final[node.cell.output[t]].radius, come.shape)

    def _moved(self, one: Reading, radius: Array, result: Array, back: bool = False) -> Array:
        """The radii of what a reading has read, or (``back``) hands back; ``result`` is the value of that."""
        mask = 1.0 if one.mask is None else np.abs(self.net.told[one.mask][: len(radius), self.index])
        radius = mask * (radius[::-1] if one.turned and back else radius)
        radius = radius[::-1] if one.turned and not back else radius
        return radius if one.mask is None else radius + self.roundoff.unit * np.abs(result)

    def _charged(self) -> Array:
        """The radii of ``ω_t ∂ℓ/∂o_t``, (L, p)."""
        values = _stack(self.at.outputs).astype(np.float64)
        if self.net.of.loss is UPSTREAM and self.net.of.reduction == "sum" and self.net.counted is None:
            return np.zeros_like(values)
        A, steps = Rounded(self.roundoff), self.at.steps
        width = values.shape[1]
        outputs = Approximate(values[..., None], self.columns[-1][..., None], self.roundoff)
        target = np.stack([self.net.column_of_target(step, self.index, width) for step in steps])
        gradient = compiled(self.net.of.loss.gradient)(
            A, Environment({p: width, o[t]: outputs, y[t]: A.matrix(target)})
        )
        weight = np.array([float(self.net.weight(step, self.index)) for step in steps])[:, None, None]
        off = self.roundoff.gamma(WEIGHING) * np.abs(weight)
        shape = gradient.value.shape
        weights = Approximate(np.broadcast_to(weight, shape), np.broadcast_to(off, shape), self.roundoff)
        radius: Array = (gradient * weights).radius[..., 0]
        return radius

    def _backward(self) -> Array:
        """The radii of the gradients by the inputs (L, m); fills those of the parameters."""
        nodes = self.net.of.nodes
        asked: list[Array] = [np.zeros(radius.shape) for radius in self.columns]
        asked[-1] = self._charged()
        for number in range(len(nodes) - 1, 0, -1):
            node, radius = nodes[number], asked[number]
            if node.cell is not None:
                radius = self._through(number, node, radius)
            start = 0
            for place, reading in enumerate(node.reads):
                handed = _stack(self.at.handed[number, place])
                share = radius[:, start : start + handed.shape[1]] if node.beside else radius
                start += handed.shape[1]
                moved = self._moved(reading, share, handed, back=True)
                readers = sum(one.source == reading.source for other in nodes for one in other.reads)
                asked[reading.source] += moved + self.roundoff.gamma(readers - 1) * np.abs(handed)
        return asked[0]

    def _through(self, number: int, node: Node, come: Array) -> Array:
        """What a node's cell makes of the radii that come in: those of its gradients, and of what it read."""
        line = self.lines[number]
        read, asked = _broadened(self.read[number]), _broadened(come)
        _, final = carried(line, self.roundoff, read=read, asked=asked, lags=self.lags)
        pre_activations_moved(line, final, self.roundoff)
        sizes, radii = collected(line.net, final, self.roundoff)
        for own, full in node.names.items():
            if own in radii:
                size, radius = sizes[own][0], radii[own][0]
                before = self.gradients.get(full, (0.0, 0.0))
                self.gradients[full] = (before[0] + size, before[1] + radius)
        return _narrowed(final["inputs"].radius, self.read[number].shape)


WEIGHING = 3
"""Roundings in a weight: a quotient and a product, and one more for a sum that is divided only when it is added up."""


def _stack(columns: Columns) -> Any:
    """Columns (n, 1) of a sequence as rows (L, n)."""
    return np.stack(columns)[..., 0]


def _broadened(rows: Array) -> Array:
    """(L, n) as (L, K, n, 1) for K = 1."""
    return rows[:, None, :, None]


def _narrowed(radius: Array, shape: tuple[int, ...]) -> Array:
    return np.broadcast_to(radius[..., 0], (shape[0], 1, shape[1]))[:, 0]
