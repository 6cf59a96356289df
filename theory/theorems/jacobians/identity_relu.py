"""W = I with ReLU hands gradients on unchanged, for as long as no unit is dead."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Rational, ZeroMatrix
from sympy.matrices.expressions import Identity

from backproof.theory.language.nodes import StateJacobian
from backproof.theory.language.notation import k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import LE_JAITLY_HINTON, TRAINING_RNNS
from backproof.theory.theorems.jacobians._bounded_steps import copying, positive, rectified, rectified_copies
from backproof.theory.theorems.jacobians._bounds import RECTIFIED, bounds_satisfy


def _equals(claimed: Any) -> Any:
    return Eq(StateJacobian(t, k), claimed, evaluate=False)


alive = net(W=[[1, 0], [0, 1]], inputs=[[1, 2], [1, 1], [2, 1]], activation="relu")
dead = alive.with_(inputs=-alive.inputs)
one = Identity(n)

THEOREM = Theorem(
    title="Identity weights with ReLU",
    words="If W = I, φ is ReLU and every pre-activation is positive, then ∂h_t/∂h_k = I at every lag.",
    sources=(TRAINING_RNNS.at("solution for vanishing gradients"), LE_JAITLY_HINTON.at("identity initialisation")),
    statement=_equals(one),
    instances=rectified_copies(),
    check=bounds_satisfy,
    proof=RECTIFIED,
    assumptions=(
        relu := Assumption(name="ReLU", text="φ = ReLU", holds=rectified),
        identity := Assumption(name="identity weights", text="W = I", holds=copying),
        active := Assumption(name="no dead unit", text="a_t > 0 in every unit at every step", holds=positive),
    ),
    without={relu: alive.with_(activation="tanh"), identity: alive.with_(W=alive.W * 2), active: dead},
    certified=(alive,),
    mutants={
        "nothing comes through": _equals(ZeroMatrix(n, n)),
        "halved at each step": _equals(Rational(1, 2) ** (t - k) * one),
        "summed over the steps": _equals((t - k + 1) * one),
        "the other sign": _equals((-1) ** (t - k) * one),
    },
    uses=("jacobians/product_of_steps",),
    examples=150,
)
