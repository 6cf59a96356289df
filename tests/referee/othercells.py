"""Code that is right for another cell of the library than the one it is checked against: which, where that is so.

Arrays are matched by name and shape. Where one gate of each cell is left over, they are taken to be the same gate by
two letters, and so are states; what only the other cell has is 0, and by what only this one has the gradient is 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.referee.cellcheck import Array, Gradients, answered, by_equations, compared
from backproof.theory.arithmetic import Roundoff, Undecided
from backproof.theory.cells import cell_names, cell_of
from backproof.theory.nets.building import recurrent
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.layered import Layered


@dataclass(frozen=True, kw_only=True)
class Match:
    """Another cell, with the names of arrays and states here by the names that they have there."""

    other: Cell
    parameters: Mapping[str, str]
    states: Mapping[str, str]

    def told(self, of: Cell) -> str:
        """Which cell it is, in a sentence."""
        added = [name for name in self.other.symbols if name not in self.parameters]
        left_out = [name for name in of.symbols if name not in self.parameters.values()]
        with_zeros = f" with {' and '.join(added)} = 0" * bool(added)
        return f"It is right for another cell: {self.other.name}{with_zeros}{_without(left_out)}."

    def run(self, run: Layered) -> Layered:
        """The run with the other cell in place of this."""
        firsts = {f"{theirs}0": run.arrays[f"{mine}0"] for theirs, mine in self.states.items()}
        own = {theirs: run.arrays[mine] for theirs, mine in self.parameters.items()}
        last = {theirs: run.asked[mine] for theirs, mine in self.states.items() if mine in run.asked}
        return recurrent(self.other, inputs=run.inputs, upstream=run.targets, last=last, **own, **firsts, **run.told)

    def explains(self, found: Mapping[str, Array], run: Layered, dtype: str) -> bool | None:
        """Whether what was found at a run is right for the other cell; None where the format cannot decide."""
        left_out = set(run.parameters) - {*self.parameters.values()}
        if any(np.any(found[name]) for name in left_out & found.keys()):
            return False
        named = {**self.parameters, **{f"{t}0": f"{m}0" for t, m in self.states.items()}, "inputs": "inputs"}
        theirs = self.run(run)
        own = {there: found[here] for there, here in named.items() if here in found}
        added = {name: value for name, value in answered(by_equations(theirs.of), theirs).items() if name not in named}
        try:
            return all(one.passes for one in compared(added | own, theirs, dtype))
        except Undecided:
            return None


def _without(names: list[str]) -> str:
    return f", which has no {' nor '.join(names)}" * bool(names)


def matches(of: Cell) -> Iterator[Match]:
    """The other cells of the library whose arrays are those of a cell, at least half of them."""
    for other in map(cell_of, cell_names()):
        states = _paired([q.base.name for q in other.states], [q.base.name for q in of.states])
        gates = _paired(_gates(other), _gates(of))
        parameters = {}
        for name, symbol in other.symbols.items():
            letter, mark, gate = name.partition("_")
            mine = of.symbols.get(f"{letter}{mark}{gates.get(gate, gate)}")
            if mine is not None and mine.shape == symbol.shape:
                parameters[name] = mine.name
        alike = (
            len(states) == len(of.states) == len(other.states)
            and {q.base.name for q in other.given} == {q.base.name for q in of.given}
            and other.output.base.shape == of.output.base.shape
        )
        if other is not of and alike and 2 * len(parameters) >= max(len(of.symbols), len(other.symbols)):
            yield Match(other=other, parameters=parameters, states=states)


def _gates(cell: Cell) -> list[str]:
    return list(dict.fromkeys(name.partition("_")[2] for name in cell.symbols))


def _paired(theirs: list[str], mine: list[str]) -> dict[str, str]:
    """Names here by names there: the same ones, and the one of each that is left over."""
    rest = [name for name in theirs if name not in mine], [name for name in mine if name not in theirs]
    left = {rest[0][0]: rest[1][0]} if len(rest[0]) == len(rest[1]) == 1 else {}
    return {name: name for name in theirs if name in mine} | left


def other_cells(gradients: Gradients, of: Any, runs: Iterable[Layered], dtype: str = "float64") -> list[str]:
    """For which cells code is right at each of these runs of a cell that the format decides, a sentence each.

    Nothing for a net of layers, and where the code raises anything at one of the runs.
    """
    if not isinstance(of, Cell):
        return []
    left, decided = list(matches(of)), set()
    for run in runs if left else ():
        if not all(map(Roundoff.of(dtype).holds, run.numbers)):
            continue
        try:
            found = answered(gradients, run)
        except Exception:  # of the user's code, at a run that was not asked for: what is known to be wrong stays wrong
            return []
        for match in list(left):
            verdict = match.explains(found, run, dtype)
            if verdict is False:
                left.remove(match)
            elif verdict:
                decided.add(match.other)
        if not left:
            break
    return [match.told(of) for match in left if match.other in decided]
