"""Nets with a direction: what moving the parameters does to everything, by forward differentiation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import MatrixSymbol

from theory.arithmetic import Arithmetic, Duals
from theory.decide import environments
from theory.evaluation import Environment
from theory.nets import Net, readable
from theory.notation import PARAMETERS, Sequence, n, p
from theory.passes import Seeds, forward
from theory.strategies import arrays, nets
from theory.unroll import Unrolled

hdot, odot = Sequence("hdot", n), Sequence("odot", p)
DIRECTIONS = {name: MatrixSymbol(f"{name}dot", *symbol.shape) for name, symbol in PARAMETERS.items()}
"""A direction for each parameter; that of h_0 is ``hdot[0]``."""


@dataclass(frozen=True, eq=False)
class Directed:
    """A net of one sequence and a direction for each of its parameters, h_0 included."""

    net: Net
    directions: Mapping[str, NDArray[np.float64]]

    def __repr__(self) -> str:
        """The directions that move something, then the net."""
        shown = [f"{name}dot = {readable(d)}" for name, d in self.directions.items() if np.any(d)]
        return ", ".join([*shown, repr(self.net)])


@environments.register
def _directed(instance: Directed, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
    unrolled = Unrolled(instance.net, arithmetic)
    columns = {
        name: d.T if name == "h0" else d if d.ndim == 2 else d[:, None] for name, d in instance.directions.items()
    }
    moved = {name: arithmetic.matrix(d) for name, d in columns.items()}
    seeds: Seeds = {("h", 0) if name == "h0" else (name, None): d for name, d in moved.items()}
    series = forward(instance.net, Duals(arithmetic), seeds)
    for name, tangent in (("h", hdot), ("o", odot)):
        unrolled.given[tangent.base.name] = {step: dual.tangent for step, dual in series[name].items()}
    environment = unrolled.environment
    environment |= {DIRECTIONS[name]: d for name, d in moved.items() if name in DIRECTIONS}
    yield environment


@st.composite
def directed(draw: Any) -> Directed:
    """Any net of one sequence; directions of halves."""
    drawn = draw(nets(batch=(1, 1), steps=(1, 3)))
    return Directed(drawn, {name: draw(arrays(*array.shape)) for name, array in drawn.parameters.items()})
