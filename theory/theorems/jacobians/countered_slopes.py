"""Weights can make up for the sigmoid's slopes: four times an orthogonal matrix, held where σ is steepest."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq

from backproof.theory.language.nodes import SpectralNorm, StateJacobian
from backproof.theory.language.notation import W, k, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, PASCANU
from backproof.theory.theorems.jacobians._bounded_steps import (
    four_times_orthogonal,
    held_at_zero,
    held_net,
    held_nets,
    sigmoid,
)
from backproof.theory.theorems.jacobians._bounds import HELD, bounds_satisfy

lag = t - k
total = StateJacobian(t, k)


def _says(product: Any, norm: Any = 1) -> Any:
    return And(Eq(total, product, evaluate=False), Eq(SpectralNorm(total), norm, evaluate=False), evaluate=False)


turn = [[0, -4], [4, 0]]

THEOREM = Theorem(
    title="Weights that counter the slopes",
    words="At σ′ = 1/4 in every unit, W = 4Q with Q orthogonal gives ∂h_t/∂h_k = Q to the lag, of norm 1.",
    sources=(CS6180.at("the derivative also relies on W_h"), PASCANU.at("section 2.1")),
    statement=_says(4 ** (-lag) * W**lag),
    instances=held_nets(),
    check=bounds_satisfy,
    proof=HELD,
    assumptions=(
        squashing := Assumption(name="sigmoid", text="φ = σ", holds=sigmoid),
        held := Assumption(name="held", text="a_t = 0 at every step", holds=held_at_zero),
        fourfold := Assumption(name="four times orthogonal", text="WᵀW = 16 I", holds=four_times_orthogonal),
    ),
    without={
        squashing: net(W=turn, inputs=[[0, 0], [0, 0]]),
        held: held_net(turn).with_(h0=held_net(turn).h0 * 4),
        fourfold: held_net([[1, 0], [0, 1]]),
    },
    certified=(held_net([[4, 0], [0, 4]]), held_net([[4]])),
    mutants={
        "the slopes forgotten": _says(W**lag),
        "the weights forgotten": _says(4 ** (-lag) * W**0),
        "a slope too many": _says(4 ** (-lag - 1) * W**lag),
        "it vanishes all the same": _says(4 ** (-lag) * W**lag, norm=4 ** (-lag)),
        "W for its transpose": _says(4 ** (-lag) * W.T**lag),
    },
    uses=("jacobians/product_of_steps", "activations/sigmoid_slope"),
    examples=100,
)
