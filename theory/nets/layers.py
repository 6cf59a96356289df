"""Layers around cells: a net as nodes, each a sequence of columns made of earlier ones, by a cell or as it stands.

Stacks, two directions, residual connections, dropout between layers and tied parameters are said by what a node reads:
sources beside each other or added up, turned round in time, or times a mask. Backward, each reading hands back what
came in at its reader the same way: turning and masking are their own adjoints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from backproof.theory.language.declared import check_kind
from backproof.theory.language.functions import UPSTREAM, Loss
from backproof.theory.language.validation import shown, text
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.equations import CellError
from backproof.theory.nets.faults import faults
from backproof.theory.nets.losses import CHARGED, REDUCTIONS


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a node reads of another: its sequence, from its last valid step to its first, times a mask of this name."""

    source: int
    turned: bool = False
    mask: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """A sequence: what is read, one below the other or added up, and what the cell makes of it, if there is one.

    ``names``: the cell's parameters, first states and what it is given, by what the net calls them.
    """

    reads: tuple[Reading, ...]
    beside: bool = True
    cell: Cell | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Layers:
    """A net of layers. Node 0 is the inputs, which reads nothing; the last node's columns are the outputs.

    ``lengths``: whether each sequence of a batch has a length of its own. ``back``: what is handed back otherwise than
    it was read, by reader and number of the reading; None for nothing. In a right net there is no such thing.
    ``what``: which fault a wrong net has.
    """

    name: str
    nodes: tuple[Node, ...]
    loss: Loss = UPSTREAM
    reduction: str = "sum"
    lengths: bool = False
    back: Mapping[tuple[int, int], Reading | None] = field(default_factory=dict)
    what: str = ""

    @property
    def cells(self) -> Iterator[tuple[int, Cell]]:
        """The nodes with a cell, by their numbers."""
        return ((number, node.cell) for number, node in enumerate(self.nodes) if node.cell is not None)

    def handed_back(self, reader: int, number: int) -> Reading | None:
        """How a reading hands back what came in at its reader."""
        return self.back.get((reader, number), self.nodes[reader].reads[number])


def alone(cell: Cell) -> Layers:
    """A cell as a net of one node, whose arrays have their own names."""
    return Layers(name=cell.name, nodes=(Node(reads=()), _node(cell, (Reading(source=0),), "")))


def layers(
    *of: Cell | Sequence[Cell],
    name: str = "layers",
    lengths: bool = False,
    dropout: bool = False,
    residual: bool = False,
    added: bool = False,
    tied: Mapping[str, str] | None = None,
    loss: Loss | str = UPSTREAM,
    reduction: str = "sum",
) -> Layers:
    """A stack of layers, from the inputs up.

    Arrays are named by the cell's names with the layer's number, ``W_l0``, and for a second direction with
    ``_reverse``, ``h0_l1_reverse``; masks between layers ``mask_l1``.

    Parameters
    ----------
    of
        A cell for each layer, or a pair: the first reads forward in time, the second from each sequence's end.
    name
        What the net is called.
    lengths
        Whether each sequence has a length of its own: after it outputs are 0, whatever the padding holds.
    dropout
        Whether the inputs of each layer but the first are multiplied by a mask.
    residual
        Whether the inputs of each layer but the first are added to its outputs.
    added
        Whether two directions are added, and not set one below the other.
    tied
        Names of parameters, by the names that are done away with: ``{"W_l1": "W_l0"}``.
    loss
        What is charged at the outputs: a name of `CHARGED`, or a loss of one's own; as it stands, none, and the
        gradients by the outputs come from above.
    reduction
        What each step counts for, a name of `REDUCTIONS`.

    Raises
    ------
    CellError
        For a layer that is no cell nor pair of cells, for names that nothing bears, or one name for two things.
    TypeError
        For an argument of another kind.
    """
    text("name", name)
    for flag, value in {"lengths": lengths, "dropout": dropout, "residual": residual, "added": added}.items():
        check_kind(flag, value, bool)
    check_kind("tied", tied, Mapping[str, str] | None)
    if not of:
        raise CellError(f"{name}: a net has a layer at least")
    tied = dict(tied or {})
    nodes, own = [Node(reads=())], set[str]()
    for depth, layer in enumerate(of):
        pair = (layer,) if isinstance(layer, Cell) else tuple(layer) if isinstance(layer, Sequence) else ()
        if not 1 <= len(pair) <= 2 or not all(isinstance(one, Cell) for one in pair):
            raise CellError(f"{name}: layer {depth} is no cell, nor a pair of cells")
        below = len(nodes) - 1
        mask = f"mask_l{depth}" if dropout and depth else None
        made = []
        for turned, cell in zip((False, True), pair, strict=False):
            suffix = f"_l{depth}" + "_reverse" * turned
            nodes.append(_node(cell, (Reading(source=below, turned=turned, mask=mask),), suffix, tied))
            own |= {f"{name}{suffix}" for name in cell.symbols}
            made.append(Reading(source=len(nodes) - 1, turned=turned))
        if len(made) == 2:
            nodes.append(Node(reads=tuple(made), beside=not added))
        if residual and depth:
            nodes.append(Node(reads=(Reading(source=len(nodes) - 1), Reading(source=below)), beside=False))
    made_of = Layers(
        name=name,
        nodes=tuple(nodes),
        loss=_loss(name, loss),
        reduction=reduction,
        lengths=lengths,
    )
    _checked(made_of, tied, own)
    return made_of


def _node(cell: Cell, reads: tuple[Reading, ...], suffix: str, tied: Mapping[str, str] | None = None) -> Node:
    own = (*cell.symbols, *(f"{q.base.name}0" for q in cell.states), *(q.base.name for q in cell.given))
    names = {name: f"{name}{suffix}" for name in own}
    return Node(reads=reads, cell=cell, names={name: (tied or {}).get(full, full) for name, full in names.items()})


def _loss(name: str, loss: Loss | str) -> Loss:
    if isinstance(loss, Loss):
        return loss
    if not isinstance(loss, str) or loss not in CHARGED:
        raise CellError(
            f"{name}: loss is one of {', '.join(map(repr, CHARGED))}, or one of your own, and not {shown(loss)}"
        )
    return CHARGED[loss]


def _checked(made: Layers, tied: Mapping[str, str], own: set[str]) -> None:
    """Raise CellError for a reduction that is none, or for a tie of what are no parameters of two cells."""
    if not isinstance(made.reduction, str) or made.reduction not in REDUCTIONS:
        known = ", ".join(map(repr, REDUCTIONS))
        raise CellError(f"{made.name}: reduction is one of {known}, and not {shown(made.reduction)}")
    uses = Counter(made.nodes[number].names[own] for number, cell in made.cells for own in cell.symbols)
    for gone, kept in tied.items():
        if gone not in own or gone in uses or uses[kept] < 2:
            raise CellError(f"{made.name}: {gone} and {kept} cannot be tied; its parameters are {', '.join(uses)}")


def joint_faults(of: Layers) -> Iterator[Layers]:
    """The faults between layers: each way in which one reading can hand back something else."""
    for reader, node in enumerate(of.nodes):
        for number, one in enumerate(node.reads):
            place, where = (reader, number), f"node {one.source}" if one.source else "the inputs"
            turned = replace(one, turned=not one.turned)
            yield replace(of, back={place: None}, what=f"node {reader} hands nothing back to {where}")
            yield replace(
                of, back={place: turned}, what=f"node {reader} hands back to {where} in the wrong order of time"
            )
            if one.mask:
                other = replace(one, mask=None)
                yield replace(of, back={place: other}, what=f"{one.mask} forgotten on the way back")


def other_conventions(of: Layers) -> Iterator[Layers]:
    """The same net with another loss for the same targets, or another reduction that differs from its own."""
    if of.loss is UPSTREAM:
        return
    for loss in CHARGED.values():
        if loss.classes == of.loss.classes and loss not in (of.loss, UPSTREAM):
            yield replace(of, loss=loss, what=f"the loss is {loss.name!r}")
    ragged = np.tri(3, 2, -1, dtype=bool) if of.lengths or of.loss.classes else np.ones((3, 2), dtype=bool)
    for name, reduce in REDUCTIONS.items():
        if not np.array_equal(reduce(ragged), REDUCTIONS[of.reduction](ragged)):
            yield replace(of, reduction=name, what=f"the reduction is {name!r}")


def layered_faults(of: Layers) -> Iterator[Layers]:
    """Every fault of a net: those of each of its cells, those between layers, and other conventions."""
    for number, cell in of.cells:
        for faulty in faults(cell):
            nodes = list(of.nodes)
            nodes[number] = replace(nodes[number], cell=faulty)
            where = f"node {number}, " if len(nodes) > 2 else ""
            yield replace(of, nodes=tuple(nodes), what=f"{where}{faulty.what}")
    yield from joint_faults(of)
    yield from other_conventions(of)
