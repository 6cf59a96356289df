"""W = I with ReLU hands gradients on unchanged, for as long as no unit is dead."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Gt, Implies, Max, Rational, Symbol, ZeroMatrix
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixElement

from backproof.theory.language.functions import z
from backproof.theory.language.nodes import StateJacobian, phi
from backproof.theory.language.notation import W, a, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import certainly, of_the_activation
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import LE_JAITLY_HINTON, TRAINING_RNNS
from backproof.theory.theorems.jacobians._bounded_steps import positive, rectified_copies
from backproof.theory.theorems.jacobians._bounds import bounds_satisfy
from backproof.theory.theorems.jacobians._by_lag import RANGES, closed_form, late, longer_products, this_step
from backproof.theory.theorems.jacobians._elementwise import slopes_of


def _equals(claimed: Any) -> Any:
    return Eq(StateJacobian(t, k), claimed, evaluate=False)


alive = net(W=[[1, 0], [0, 1]], inputs=[[1, 2], [1, 1], [2, 1]], activation="relu")
dead = alive.with_(inputs=-alive.inputs)
one = Identity(n)
i = Symbol("i", integer=True, nonnegative=True)  # a unit
rectified, copied = Eq(phi(z), Max(z, 0), evaluate=False), Eq(W, one, evaluate=False)
relu = Assumption(name="ReLU", text="φ(z) = max(z, 0)", holds=of_the_activation(rectified), says=rectified, every=(z,))
identity = Assumption(name="identity weights", text="W = I", holds=certainly(copied), says=copied)
active = Assumption(
    name="no dead unit",
    text="a_t > 0 in every unit at every step",
    holds=positive,
    says=Gt(MatrixElement(a[t], i, 0), 0, evaluate=False),
    every=(t, i),
)
statement = _equals(one)
at_work = Gt(MatrixElement(a[late], i, 0), 0, evaluate=False)

PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        *this_step(),
        line(
            "linear part",
            Implies(z > 0, Eq(phi(z), z, evaluate=False), evaluate=False),
            "real arithmetic",
            relu.name,
            why="Above 0 ReLU is the identity",
        ),
        line("at work", at_work, "instance", active.name, at={t: late}),
        *slopes_of("linear part", 1, a[late], condition=z > 0, entries="at work", row=i),
        *closed_form(lambda lag: one, 1, one, identity.name),
    ),
)

THEOREM = Theorem(
    title="Identity weights with ReLU",
    words="If W = I, φ is ReLU and every pre-activation is positive, then ∂h_t/∂h_k = I at every lag.",
    sources=(TRAINING_RNNS.at("solution for vanishing gradients"), LE_JAITLY_HINTON.at("identity initialisation")),
    statement=statement,
    instances=rectified_copies(),
    check=bounds_satisfy,
    proof=PROOF,
    assumptions=(relu, identity, active),
    without={relu: alive.with_(activation="tanh"), identity: alive.with_(W=alive.W * 2), active: dead},
    certified=(alive,),
    mutants={
        "nothing comes through": _equals(ZeroMatrix(n, n)),
        "halved at each step": _equals(Rational(1, 2) ** (t - k) * one),
        "summed over the steps": _equals((t - k + 1) * one),
        "the other sign": _equals((-1) ** (t - k) * one),
    },
    examples=150,
)
