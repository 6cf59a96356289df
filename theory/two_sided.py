"""Nets with bounds from above and from below on their weights and slopes: what they then teach about far-off words."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import Symbol

from theory.arithmetic import Balls, Rationals, precision
from theory.bounded import Bounded, below, bounded_nets, semidefinite, slopes
from theory.decide import BITS
from theory.records import Assumption

gamma_W, gamma_h = Symbol("gamma_W", nonnegative=True), Symbol("gamma_h", nonnegative=True)


def weights_from_below(instance: Bounded) -> bool:
    """Whether γ_W ≤ σ_min(W): WᵀW − γ_W² I is positive semidefinite, in exact rationals."""
    A = Rationals()
    W, bound = A.matrix(instance.net.W), A.number(instance.values[gamma_W])
    return semidefinite(W.transpose() * W - A.scale(bound * bound, A.identity(W.nrows())))


def slopes_from_below(instance: Bounded) -> bool:
    """Whether γ_h ≤ |φ′(a_t)| for every unit at every step, certified in balls."""
    bound = instance.values[gamma_h]
    with precision(BITS):
        return bound == 0 or all(slope >= bound for row in slopes(instance.net) for slope in row)


weights_below = Assumption(name="weights from below", text="γ_W ≤ σ_min(W)", holds=weights_from_below)
slopes_below = Assumption(name="slopes from below", text="γ_h ≤ |φ′(a_t)| at every step", holds=slopes_from_below)


@st.composite
def two_sided_nets(draw: Any) -> Bounded:
    """Nets of one sequence with all four bounds, each the nearest float of twelve bits, or looser."""
    drawn = draw(bounded_nets())
    with precision(BITS):
        least = below(Balls().smallest_singular_value(Balls().matrix(drawn.net.W)))
        flattest = min(below(slope) for row in slopes(drawn.net) for slope in row)
    loose = draw(st.sampled_from([1, 1, 0.5]))
    return Bounded(drawn.net, {**drawn.values, gamma_W: least * loose, gamma_h: flattest})
