"""Nets of layers around cells: stacks, two directions, masks between layers, residual connections, tied parameters.

Arrays are a mapping by name. Those of a cell alone have the cell's own names; in a net they end in the layer's number,
"W_l0", and for the second direction in "_reverse" as well, "h0_l1_reverse". First states (B,n) are zero if left out;
what a cell is given (T,B,n), in the order of its own steps, and masks between layers, "mask_l1" (T,B,k), must be there.

>>> from backproof.impl.cells import CELLS
>>> net = layers((CELLS["gru"], CELLS["gru"]), CELLS["residual"], lengths=True)
>>> list(net.parameters)[:3], net.states
(['W_z_l0', 'U_z_l0', 'b_z_l0'], ['h0_l0', 'h0_l0_reverse', 'h0_l1'])
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backproof.impl.cell import Cell
from backproof.impl.checks import checked_flag, checked_mapping, checked_words, listed, shown


@dataclass(frozen=True, kw_only=True, eq=False)
class Direction:
    """A cell in a layer, and what its parameters, first states and what it is given are called there.

    `turned` cells read each sequence from its end to its beginning.
    """

    cell: Cell
    names: Mapping[str, str]
    turned: bool = False

    @property
    def firsts(self) -> dict[str, str]:
        """The first states by name, each with the letter of its size."""
        return {self.names[f"{state}0"]: letter for state, letter in self.cell.states.items()}

    @property
    def given(self) -> dict[str, str]:
        """What the cell is given by name, each with the letter of its size."""
        return {self.names[own]: letter for own, letter in self.cell.given.items()}

    def last(self, state: str) -> str:
        """What the state after the last step is called: its first state without the 0."""
        return state + self.names[f"{state}0"].removeprefix(f"{state}0")


@dataclass(frozen=True, kw_only=True, eq=False)
class Layers:
    """A net of layers, from the inputs up, each of one direction or two; `layers` says what the rest means."""

    directions: tuple[tuple[Direction, ...], ...]
    lengths: bool = False
    dropout: bool = False
    residual: bool = False
    added: bool = False

    @property
    def each(self) -> Iterator[Direction]:
        """Every cell of every layer."""
        return (direction for layer in self.directions for direction in layer)

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters by name, each with its letters of sizes, as its cell has them."""
        return {one.names[own]: letters for one in self.each for own, letters in one.cell.shapes.items()}

    @property
    def states(self) -> list[str]:
        """The names of the first states."""
        return [name for one in self.each for name in one.firsts]

    def mask(self, depth: int) -> str | None:
        """The name of the mask of a layer's inputs."""
        return f"mask_l{depth}" if self.dropout and depth else None


def alone(cell: Cell) -> Layers:
    """A cell as a net of one layer, whose arrays have their own names."""
    return Layers(directions=((Direction(cell=cell, names=_names(cell, "", {})),),))


def layers(
    *of: Cell | Sequence[Cell],
    lengths: bool = False,
    dropout: bool = False,
    residual: bool = False,
    added: bool = False,
    tied: Mapping[str, str] | None = None,
) -> Layers:
    """Return a stack of layers, from the inputs up: each is a cell, or two, the second from the end of a sequence.

    `lengths`: each sequence has a length of its own, from "lengths" (B,), T if left out; after its end outputs are 0
    and no gradient comes in, whatever the padding holds. `dropout`: the inputs of every layer but the first are
    multiplied by a mask. `residual`: the inputs of every layer but the first are added to its outputs. `added`: two
    directions are added, and not set beside each other. `tied`: names of parameters by the names that are done away
    with, {"W_l1": "W_l0"}; one that stands in several places gets the sum of its gradients.
    Raises TypeError for a layer that is no cell nor a pair of cells, and ValueError for a tie of what is not there.
    """
    for name, flag in {"lengths": lengths, "dropout": dropout, "residual": residual, "added": added}.items():
        checked_flag(name, flag)
    if tied is not None:
        checked_mapping("tied", tied)
        checked_words("tied", [*tied, *tied.values()])
    if not of:
        raise ValueError("layers: expected at least one layer, got none")
    found = []
    for depth, layer in enumerate(of):
        pair = (layer,) if isinstance(layer, Cell) else layer
        if not isinstance(pair, Sequence) or len(pair) not in (1, 2) or not all(isinstance(one, Cell) for one in pair):
            raise TypeError(f"layers: expected a cell or a pair of cells, got {shown(layer)} as layer {depth}")
        found.append(tuple(_direction(cell, depth, bool(second), tied or {}) for second, cell in enumerate(pair)))
    net = Layers(directions=tuple(found), lengths=lengths, dropout=dropout, residual=residual, added=added)
    if tied:
        _check_ties(tied, layers(*of).parameters)
    return net


def _check_ties(tied: Mapping[str, str], parameters: Mapping[str, str]) -> None:
    for gone, kept in tied.items():
        if gone not in parameters or kept not in parameters or kept in tied:
            raise ValueError(f"tied: expected two of {listed(parameters)}, got {gone!r} and {kept!r}")


def _direction(cell: Cell, depth: int, turned: bool, tied: Mapping[str, str]) -> Direction:
    return Direction(cell=cell, names=_names(cell, f"_l{depth}" + "_reverse" * turned, tied), turned=turned)


def _names(cell: Cell, suffix: str, tied: Mapping[str, str]) -> dict[str, str]:
    names = {name: f"{name}{suffix}" for name in (*cell.shapes, *(f"{state}0" for state in cell.states), *cell.given)}
    return {own: tied.get(full, full) for own, full in names.items()}
