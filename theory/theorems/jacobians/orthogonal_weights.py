"""Orthogonal weights leave everything to the slopes: they keep a gradient alive, but do not save it from tanh."""

from __future__ import annotations

from typing import Any

from sympy import And, Ge, Le

from backproof.theory.instances.bounds import q, r
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import SpectralNorm, StateJacobian
from backproof.theory.language.notation import k, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, VORONTSOV
from backproof.theory.theorems.jacobians._bounded_steps import (
    QUARTER_TURN,
    orthogonal_nets,
    orthogonal_weights,
    slopes_at_least,
    slopes_at_most,
)
from backproof.theory.theorems.jacobians._bounds import ORTHOGONAL_NETS, bounds_satisfy

norm = SpectralNorm(StateJacobian(t, k))


def _between(high: Any, low: Any) -> Any:
    return And(Le(norm, high, evaluate=False), Ge(norm, low, evaluate=False), evaluate=False)


tanh_net = net(W=QUARTER_TURN, inputs=[[2, 2], [2, 2], [2, 2]])  # tanh′ lies between 0.01 and 0.5 at its states
linear_net = tanh_net.with_(activation="identity")

THEOREM = Theorem(
    title="Orthogonal weights",
    words="With W orthogonal and every slope in [r, q], ‖∂h_t/∂h_k‖ lies between r and q to the lag; tanh has q ≤ 1.",
    sources=(
        VORONTSOV.at("norms of Jacobian products"),
        CS6180.at("orthogonal initialisation does not fully solve it"),
    ),
    statement=_between(q ** (t - k), r ** (t - k)),
    instances=orthogonal_nets(),
    check=bounds_satisfy,
    proof=ORTHOGONAL_NETS,
    assumptions=(
        orthogonal := Assumption(name="orthogonal", text="WᵀW = I", holds=orthogonal_weights),
        flat := Assumption(name="slopes bounded above", text="φ′(a_t) ≤ q at every step", holds=slopes_at_most),
        steep := Assumption(name="slopes bounded below", text="φ′(a_t) ≥ r at every step", holds=slopes_at_least),
    ),
    without={
        orthogonal: NetWithValues(linear_net.with_(W=linear_net.W * 2), {q: 1, r: 1}),
        flat: NetWithValues(linear_net, {q: 0.5, r: 0.5}),
        steep: NetWithValues(tanh_net, {q: 1, r: 1}),
    },
    certified=(NetWithValues(tanh_net, {q: 0.5, r: 2.0**-8}), NetWithValues(linear_net, {q: 1, r: 1})),
    ledger=("F4",),
    mutants={
        "orthogonal weights keep every gradient": _between(1, 1),
        "one factor more": _between(q ** (t - k + 1), r ** (t - k)),
        "one factor fewer below": _between(q ** (t - k), r ** (t - k - 1)),
        "bounds exchanged": _between(r ** (t - k), q ** (t - k)),
        "the lag as a factor": _between(q ** (t - k), r * (t - k)),
    },
    uses=("jacobians/uniform_steps",),
    examples=100,
)
