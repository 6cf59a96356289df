"""What a network asks of a model: its parameters and states by name, and a small batch to try it with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.referee.cellladder import INPUTS, drawn
from backproof.referee.limits import Limits, place_of
from backproof.referee.models.matching import Ours, Shape
from backproof.theory.language.notation import t
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layers import Layers, alone
from backproof.theory.nets.networks import Gated, Net

Array = NDArray[Any]


def states_of(network: Any) -> dict[str, list[str]]:
    """By letter, what the first states of each layer and direction are called; that which is the output first."""
    if isinstance(network, Net | Gated):
        return {name[:-1]: [name] for name in network.initial}
    net = net_of(network)
    found: dict[str, list[str]] = {}
    for number, cell in net.cells:
        output = _output_of(cell)
        for name in sorted((q.base.name for q in cell.states), key=lambda name, first=output: name != first):  # type: ignore[misc]
            found.setdefault(name, []).append(net.nodes[number].names[f"{name}0"])
    return found


def _output_of(cell: Cell) -> str:
    """The state that is the output, as it is or by another name; or what else it is called."""
    left, right = cell.equations[-1]
    states = {q[t]: q.base.name for q in cell.states}
    return str(states.get(right, left.name))


def width_of(network: Any) -> int:
    """That of the inputs; of a cell's, any."""
    return INPUTS if isinstance(network, Cell | Layers) else int(network.inputs.shape[2])


def net_of(network: Any) -> Layers:
    """The net of layers that a cell, layers or a run are of."""
    of = network.of if isinstance(network, Layered) else network
    return alone(of) if isinstance(of, Cell) else of


def ours_of(network: Any) -> list[Ours]:
    """The parameters of a network; of a cell or layers, with symbols for sizes."""
    if isinstance(network, Net | Gated):
        return [_one(name, name, "", array.shape) for name, array in network.weights.items()]
    net = net_of(network)
    found: dict[str, Ours] = {}
    for number, cell in net.cells:
        names, place = net.nodes[number].names, place_of(net.nodes[number])
        for own, symbol in cell.symbols.items():
            name = names[own]
            if isinstance(network, Layered):
                found.setdefault(name, _one(name, own, place, network.arrays[name].shape))
            else:
                one = Ours(name=name, own=own, place=place, shape=symbol.shape, vector=symbol.shape[1] == 1)
                found.setdefault(name, one)
    return list(found.values())


def sizes_of(network: Any, ours: Sequence[Ours], sizes: Mapping[tuple[str, Any], int]) -> Mapping[tuple[str, Any], int]:
    """The sizes of every layer: those of one whose parameters are another's follow from them."""
    if not isinstance(network, Cell | Layers):
        return sizes
    net, found, known = net_of(network), dict(sizes), {one.name: one for one in ours}
    for number, cell in net.cells:
        node = net.nodes[number]
        for own, symbol in cell.symbols.items():
            one = known[node.names[own]]
            for size, theirs in zip(symbol.shape, one.shape, strict=True):
                if (one.place, theirs) in sizes:
                    found.setdefault((place_of(node), size), sizes[one.place, theirs])
    return found


def _one(name: str, own: str, place: str, shape: Shape) -> Ours:
    return Ours(name=name, own=own, place=place, shape=shape if len(shape) > 1 else (*shape, 1), vector=len(shape) < 2)


def sample(network: Any, limits: Limits) -> tuple[Array, dict[str, Array], int | None, Mapping[str, Array]]:
    """A small batch whose T and B are no other sizes: inputs, first states, the width of the outputs, parameters."""
    if isinstance(network, Net | Gated):
        T, B = _others(network.sizes[2:])
        x = np.zeros((T, B, network.sizes[3]))
        firsts = {name: np.zeros((B, array.shape[1])) for name, array in network.initial.items()}
        return x, firsts, network.sizes[4], network.parameters
    T, B = _others([*limits.sizes.values(), 2, 3])
    run = network
    if not isinstance(network, Layered):
        run = drawn(network, np.random.default_rng(0), steps=T, batch=B, size=3, limits=limits)
    firsts = {name: np.zeros((B, a.shape[-1])) for name, a in run.arrays.items() if name not in run.parameters}
    x = np.zeros((T, B, run.inputs.shape[2]))
    width = None if run.of.loss.classes else run.targets.shape[-1]
    told = {name: array[:T, :B] for name, array in run.told.items()} if not isinstance(network, Layered) else {}
    return x, firsts, width, {**run.arrays, **told}


def _others(sizes: Sequence[int]) -> tuple[int, int]:
    """Two small numbers that are none of these."""
    free = [number for number in range(2, 12 + len(sizes)) if number not in sizes]
    return free[1], free[0]
