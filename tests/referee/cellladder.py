"""The ladder of a cell or of a net of layers: runs from one step to long, large and extreme ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from backproof.referee.limits import FREE, Limits, place_of
from backproof.theory.language.functions import UPSTREAM
from backproof.theory.language.notation import m
from backproof.theory.nets.building import recurrent
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layers import Layers, Node, alone

Array = NDArray[Any]

RUNGS: Mapping[str, Mapping[str, Any]] = {
    "one step": {"steps": 1, "batch": 1, "size": 2},
    "a few steps": {"steps": 4, "batch": 2, "size": 3},
    "the last output alone": {"steps": 3, "batch": 1, "size": 2, "outputs": "last"},
    "the last states alone": {"steps": 3, "batch": 1, "size": 2, "outputs": "none"},
    "saturated": {"steps": 3, "batch": 1, "size": 2, "weights": 8.0},
    "long": {"steps": 24, "batch": 1, "size": 2, "weights": 0.5},
    "more sequences than units": {"steps": 2, "batch": 5, "size": 2},
    "no first states": {"steps": 3, "batch": 2, "size": 2, "firsts": 0.0},
    "large": {"steps": 2, "batch": 1, "size": 8, "weights": 0.25},
    "sizes that are no multiples": {"steps": 3, "batch": 2, "size": 13, "weights": 0.25},
    "tiny": {"steps": 3, "batch": 1, "size": 2, "scale": 2.0**-660},
    "huge": {"steps": 3, "batch": 1, "size": 2, "scale": 2.0**600},
    "denormal": {"steps": 3, "batch": 1, "size": 2, "scale": 2.0**-1060},
    "past 64 steps": {"steps": 67, "batch": 1, "size": 2, "weights": 0.5},
    "past 256 steps": {"steps": 261, "batch": 1, "size": 2, "weights": 0.5},
}
"""What each run of the ladder is like: steps, sequences, units; scale of the weights and of what comes in; which
outputs are asked."""


def ladder(of: Cell | Layers, seed: int = 0, limits: Limits = FREE) -> Iterator[tuple[str, Layered]]:
    """A run for each rung that the code can take, of multiples of 1/64: so that a kink is rarely met."""
    for number, (name, rung) in enumerate(RUNGS.items()):
        if limits.allows(name):
            yield name, drawn(of, np.random.default_rng((seed, number)), limits=limits, **rung)


def drawn(
    of: Cell | Layers,
    random: np.random.Generator,
    *,
    steps: int,
    batch: int,
    size: int,
    weights: float = 1.0,
    scale: float = 1.0,
    outputs: str = "all",
    firsts: float = 1.0,
    limits: Limits = FREE,
) -> Layered:
    """A run with entries in multiples of 1/64 up to 1; of several sizes of a cell, each is one less than the last.

    Where sequences have lengths, the first has all the steps, and what its padding holds comes in nowhere.
    """
    net = alone(of) if isinstance(of, Cell) else of
    lengths = np.full(batch, steps)
    if net.lengths:
        lengths[1:] = random.integers(1, steps + 1, batch - 1)
    drawing = _Drawing(
        random=random, steps=steps, batch=batch, size=size, weights=weights, firsts=firsts, limits=limits
    )
    drawing.widths.append(next((limits.width(INPUTS, place_of(net.nodes[first])) for first, _ in net.cells), INPUTS))
    for node in net.nodes[1:]:
        drawing.draw(node, level=any(not one.beside and len(one.reads) > 1 for one in net.nodes))
    told = drawing.targets(net, np.arange(steps)[:, None] < lengths, scale)
    if net.loss is UPSTREAM and outputs != "all":
        told["upstream"][: steps - (outputs == "last")] = 0
    last = {} if outputs == "last" or not limits.last else {name: scale * value for name, value in drawing.last.items()}
    own = {"lengths": lengths} if net.lengths else {}
    return recurrent(
        net, inputs=drawing.values(steps, batch, drawing.widths[0]), last=last, **own, **told, **drawing.arrays
    )


INPUTS = 2
"""The width of the inputs."""


@dataclass(kw_only=True)
class _Drawing:
    """Arrays for the nodes of a net, one after the other, with entries in multiples of 1/64."""

    random: np.random.Generator
    steps: int
    batch: int
    size: int
    weights: float
    firsts: float = 1.0
    limits: Limits = FREE
    arrays: dict[str, Array] = field(default_factory=dict)
    last: dict[str, Array] = field(default_factory=dict)
    widths: list[int] = field(default_factory=list)

    def values(self, *shape: int) -> Array:
        """Numbers from −1 to 1."""
        return self.random.integers(-64, 65, shape) / 64

    def mask(self, size: int) -> Array:
        """Zeros and ones for each step."""
        return self.random.integers(0, 2, (self.steps, self.batch, size))

    def draw(self, node: Node, level: bool) -> None:
        """What a node needs; where layers are added up (``level``), all the sizes of its cell are the same."""
        each = [self.widths[reading.source] for reading in node.reads]
        for reading in node.reads:
            if reading.mask:
                self.arrays[reading.mask] = self.mask(self.widths[reading.source])
        self.widths.append(sum(each) if node.beside else each[0])
        if node.cell is None:
            return
        cell, names = node.cell, node.names
        symbols = [w.shape for w in cell.parameters] + [state.base.shape for state in cell.states]
        own = dict.fromkeys(s for shape in symbols for s in shape if isinstance(s, Symbol) and s != m)
        sizes = {s: max(self.size - place * (not level), 1) for place, s in enumerate(own)}
        sizes = {s: self.limits.width(size, place_of(node), s) for s, size in sizes.items()} | {m: self.widths[-1]}

        def entries(size: Any) -> int:
            return int(size.subs(sizes))

        for w in cell.parameters:
            rows, columns = map(entries, w.shape)
            value = self.weights * self.values(*((rows,) if w.shape[1] == 1 else (rows, columns)))
            value = 0 * value if names[w.name] in self.limits.absent else value
            self.arrays.setdefault(names[w.name], value)
        for q in cell.states:
            self.arrays[names[f"{q.base.name}0"]] = (
                self.firsts * self.limits.firsts * self.values(self.batch, entries(q.base.shape[0]))
            )
            self.last[Layered.states_of(node)[q.base.name]] = self.values(self.batch, entries(q.base.shape[0]))
        for q in cell.given:
            self.arrays[names[q.base.name]] = self.mask(entries(q.base.shape[0]))
        self.widths[-1] = entries(cell.output.base.shape[0])

    def targets(self, net: Layers, valid: Array, scale: float) -> dict[str, Array]:
        """What comes in at the outputs of valid steps; or what the loss takes, and what each step counts for."""
        shape = (*valid.shape, self.widths[-1])
        if net.loss is UPSTREAM:
            return {"upstream": scale * self.values(*shape) * valid[..., None]}
        classes = self.random.integers(-1, self.widths[-1], valid.shape)
        counted = scale * self.random.integers(0, 4, valid.shape)
        return {"targets": classes if net.loss.classes else self.values(*shape), "weights": counted}
