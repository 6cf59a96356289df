"""Runs of any cell, by its equations, as instances."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Symbol

from backproof.theory.instances.strategies import HUGE, TINY, among, arrays
from backproof.theory.language.notation import m
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.recurrent import Recurrent

REGIMES = {"plain": (1.0, 1.0), "saturated": (8.0, 1.0), "tiny": (1.0, TINY), "huge": (1.0, HUGE)}
"""By name, what columns of parameters are multiplied by, and what comes in at the outputs."""


@st.composite
def cell_runs(draw: Any, cell: Cell, *, steps: tuple[int, int] = (1, 3), batch: tuple[int, int] = (1, 2)) -> Recurrent:
    """Runs of 1 to 3 units, or of as many of each size that the cell has; nothing is asked of the last states."""
    columns, scale = REGIMES[draw(among(tuple(REGIMES)))]
    T, B = draw(st.integers(*steps)), draw(st.integers(*batch))
    shapes = [w.shape for w in cell.parameters] + [state.base.shape for state in cell.states]
    sizes = {
        s: draw(st.integers(1, 3)) for s in dict.fromkeys(s for shape in shapes for s in shape if isinstance(s, Symbol))
    }
    sizes.setdefault(m, draw(st.integers(1, 2)))

    def entries(size: Any) -> int:
        return int(size.subs(sizes))

    values = {}
    for w in cell.parameters:
        rows, width = map(entries, w.shape)
        values[w.name] = columns * draw(arrays(rows)) if w.shape[1] == 1 else draw(arrays(rows, width))
    values |= {f"{q.base.name}0": draw(arrays(B, entries(q.base.shape[0]))) for q in cell.states}
    told = {q.base.name: np.sign(np.abs(draw(arrays(T, B, entries(q.base.shape[0]))))) for q in cell.given}
    return Recurrent(
        of=cell,
        arrays=values,
        inputs=draw(arrays(T, B, sizes[m])),
        targets=scale * draw(arrays(T, B, entries(cell.output.base.shape[0]))),
        asked={},
        told=told,
    )
