"""Gated nets whose states are kept: how much their gates let go, as a number that bounds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Symbol

from theory.arithmetic import Arithmetic, Balls, precision
from theory.bounded import above
from theory.decide import BITS, environments
from theory.evaluation import Environment
from theory.nets import Gated, readable
from theory.strategies import gated_nets
from theory.unroll import Unrolled

epsilon = Symbol("epsilon", nonnegative=True)
KEEPERS = {"lstm": "a_f", "gru": "a_z"}
"""The pre-activation of the gate that keeps the state."""


@dataclass(frozen=True, eq=False)
class Keeping:
    """A gated net of one sequence and values of further symbols, each meant exactly."""

    net: Gated
    values: Mapping[Any, float]

    def __repr__(self) -> str:
        """The values, then the net."""
        return ", ".join(f"{name} = {readable(value)}" for name, value in self.values.items()) + f", {self.net}"


@environments.register
def _keeping(instance: Keeping, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
    for environment in environments(instance.net, arithmetic, statement):
        for symbol, value in instance.values.items():
            environment[symbol] = arithmetic.number(value)
        yield environment


def opening(net: Gated) -> float:
    """The largest ``1 − gate`` of the gate that keeps the state, over steps and units, rounded up to twelve bits."""
    with precision(BITS):
        unrolled, A = Unrolled(net, Balls()), Balls()
        shut = [A.map(A.functions["logistic"], -series) for series in unrolled.series[KEEPERS[net.kind]].values()]
        return max(above(value) for column in shut for value in column.entries())


def keeps(instance: Keeping) -> bool:
    """Whether ε is at least that."""
    return bool(instance.values[epsilon] >= opening(instance.net))


def within_one(instance: Keeping) -> bool:
    """Whether the initial state lies within [−1, 1]; a GRU's states then all do."""
    return bool(np.all(np.abs(instance.net.initial["h0"]) <= 1))


@st.composite
def keeping(draw: Any, kind: str) -> Keeping:
    """One sequence through a gated cell, with ε just above what its keeping gate lets go; h_0 within [−1, 1]."""
    drawn = draw(gated_nets(kind, batch=(1, 1), steps=(1, 4)))
    drawn = drawn.with_(h0=np.clip(drawn.initial["h0"], -1, 1))
    return Keeping(drawn, {epsilon: opening(drawn)})
