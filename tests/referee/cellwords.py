"""What a cell is in words: its equations forward and back, and how well the derivation stands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any

from flint import arb_mat
from sympy import ZeroMatrix

from backproof.referee.cellladder import ladder
from backproof.referee.cellrun import faults_of, nets_in
from backproof.theory.arithmetic import Balls, Duals, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.notation import t
from backproof.theory.language.plain import barred, plain
from backproof.theory.language.typeset import tex
from backproof.theory.nets import operations
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.equations import READOUT, CellError
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layered_passes import Pass
from backproof.theory.nets.layers import Layers, Reading
from backproof.theory.records.catalogue import load_module


def equations_of(cell: Cell, *, latex: bool = False) -> str:
    """Forward and derived backward equations, one a line; an adjoint is what ∂L is by its quantity."""
    written = tex if latex else plain

    def line(left: Any, right: Any, lead: str = "") -> str:
        return f"    {lead}{written(left)} = {written(right)}"

    forward = [line(lhs, rhs) for lhs, rhs in cell.equations if lhs.name != READOUT]
    backward = [
        line(symbol, cell.adjoint.recursion(symbol))
        for symbol, _, _ in cell.adjoint.backward
        if symbol != cell.adjoint_of(cell.output[t])
    ]
    sign = r"\partial L/\partial " if latex else "∂L/∂"
    gradients = [line(w, cell.adjoint.gradient(w), sign) for w in cell.parameters]
    if not isinstance(cell.adjoint.inputs, ZeroMatrix):
        gradients.append(f"    {sign}x[t] = {written(cell.adjoint.inputs)}")
    counts = {
        "forward": operations.forward(cell),
        "back": operations.backward(cell),
        "for the gradients": sum(operations.accumulated(cell).values()),
    }
    incoming = barred(cell.adjoints[READOUT].base.name)
    return "\n".join(
        (
            f"{cell.name}: one step, t = 1 … T",
            *forward,
            "",
            f"Back, from t = T to 1; {incoming}[t] comes in from above, and after T what is asked of the last states",
            *backward,
            "",
            "Gradients",
            *gradients,
            "",
            f"Multiplications a step: {', '.join(f'{written(count)} {what}' for what, count in counts.items())}",
        )
    )


def verified(of: Cell | Layers, runs: int = 4) -> tuple[int, list[str]]:
    """How many entries of gradients were compared with forward differentiation in balls, and which differ."""
    compared, wrong = 0, []
    with precision(BITS):
        for rung, run in islice(ladder(of), runs):
            for name, derived, defined in _both_ways(run):
                for place, (one, other) in enumerate(zip(derived.entries(), defined.entries(), strict=True)):
                    compared += 1
                    if not (one.is_finite() and other.is_finite() and one.overlaps(other)):
                        wrong.append(f"∂L/∂{name}, entry {place}, at {rung!r}: {one} and {other}")
    return compared, wrong


def _both_ways(run: Layered) -> Iterator[tuple[str, Any, Any]]:
    """Each gradient by the derived equations and by forward differentiation of the loss."""
    for index in range(run.batch):
        found = Pass(run, index, Balls()).backward()
        for step, value in enumerate(found.pop("inputs"), 1):
            yield f"x[{step}]", value, _forward_mode(run, index, ("x", step), value)
        for name, value in found.items():
            place = (name, None if name in run.parameters else 0)
            yield name, value, _forward_mode(run, index, place, value)


def _forward_mode(run: Layered, index: int, place: tuple[str, int | None], like: arb_mat) -> arb_mat:
    """The gradient of a sequence's loss by one array, an entry at a time."""
    found = arb_mat(like.nrows(), like.ncols())
    for i, j in product(range(like.nrows()), range(like.ncols())):
        unit = arb_mat(like.nrows(), like.ncols())
        unit[i, j] = 1
        tangent = Pass(run, index, Duals(Balls()), {place: unit}).loss().tangent
        found[i, j] = 0 if tangent is None else tangent[0, 0]
    return found


def derived(file: Path, *, latex: bool = False, list_faults: bool = False) -> tuple[str, bool]:
    """The equations of a file's cells, each with a sentence on how they stand, and whether all do.

    ``list_faults``: the names of the faults that each invites, too.

    Raises
    ------
    CellError
        If the file defines no cell.
    """
    nets = nets_in(load_module(file))
    if not nets:
        raise CellError(f"{file} defines no cell: CELL = cell(name, equations), from backproof.cells")
    texts, sound = [], True
    for net in nets.values():
        compared, wrong = verified(net)
        sound = sound and not wrong
        lines = list(_parts_of(net, latex))
        lines += ["", *(wrong or [f"{compared} entries agree with forward differentiation in balls of {BITS} bits."])]
        if list_faults:
            lines += ["", "Faults", *(f"    {faulty.what}" for faulty in faults_of(net))]
        texts.append("\n".join(lines))
    return "\n\n".join(texts), sound


def _parts_of(net: Cell | Layers, latex: bool) -> Iterator[str]:
    """The equations of a cell; of a net of layers those of each of its cells, once, and what its nodes read."""
    if isinstance(net, Cell):
        yield equations_of(net, latex=latex)
        return
    for cell in dict.fromkeys(cell for _, cell in net.cells):
        yield equations_of(cell, latex=latex) + "\n"
    yield f"{net.name}: node 0 is the inputs"
    for number, node in enumerate(net.nodes[1:], 1):
        reads = [_reading(one) for one in node.reads]
        joined = (", one below the other: " if node.beside else ", added up: ") if len(reads) > 1 else ": "
        yield f"    node {number}{joined}{', '.join(reads)}" + (f" → {node.cell.name}" if node.cell else "")


def _reading(one: Reading) -> str:
    turned, mask = " from its last step to its first" if one.turned else "", f" ∘ {one.mask}" if one.mask else ""
    return f"node {one.source}{mask}{turned}"
