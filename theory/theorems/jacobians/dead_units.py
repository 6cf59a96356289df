"""A ReLU whose pre-activations are negative hands nothing on: dead units make gradients vanish at one step."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq, Ge, Implies, Lt, Symbol, ZeroMatrix
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.matexpr import MatrixElement

from backproof.theory.arithmetic import Balls
from backproof.theory.instances.strategies import arrays
from backproof.theory.language.functions import z
from backproof.theory.language.nodes import StateJacobian, phi
from backproof.theory.language.notation import W, a, n, t
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import slopes_at
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import LE_JAITLY_HINTON, SLIDES
from backproof.theory.theorems.jacobians._bounds import bounds_satisfy
from backproof.theory.theorems.jacobians._elementwise import slopes_of
from backproof.theory.theorems.jacobians.identity_relu import relu

step, nothing = StateJacobian(t, t - 1), ZeroMatrix(n, n)
i = Symbol("i", integer=True, nonnegative=True)  # a unit


def _equals(claimed: Any) -> Any:
    return Eq(step, claimed, evaluate=False)


def negative(instance: Net) -> bool:
    """Whether every pre-activation is certainly negative."""
    unrolled = Unrolled(instance, Balls())
    return all(bool(a < 0) for s in range(1, instance.steps + 1) for a in unrolled.series["a"][s].entries())


@st.composite
def dead_nets(draw: Any) -> Net:
    """ReLU nets with any W whose biases keep every pre-activation negative; from the first step on h is 0."""
    size = draw(st.integers(1, 3))
    matrix, start = draw(arrays(size, size)), np.abs(draw(arrays(size)))
    inputs = -np.abs(draw(arrays(draw(st.integers(1, 4)), size)))
    lift = float(np.abs(matrix).sum() * (1 + start.sum())) + draw(st.sampled_from([0.5, 1.0, 2.0**20]))
    return net(W=matrix, inputs=inputs, b=np.full(size, -lift), h0=[start], activation="relu")


dead = Assumption(
    name="every unit dead",
    text="a_t < 0 in every unit at every step",
    holds=negative,
    says=Lt(MatrixElement(a[t], i, 0), 0, evaluate=False),
    every=(t, i),
)

PROOF = Proof(
    ranges=(Ge(t, 1, evaluate=False),),
    lines=(
        line(
            "flat part",
            Implies(z < 0, Eq(phi(z), 0, evaluate=False), evaluate=False),
            "real arithmetic",
            relu.name,
            why="Below 0 ReLU is 0",
        ),
        *slopes_of("flat part", 0, a[t], condition=z < 0, entries=dead.name, row=i),
        line(
            "this step",
            Eq(step, DiagMatrix(slopes_at(t)) * W, evaluate=False),
            "theorem",
            id="jacobians/step_jacobian",
        ),
        line(
            "flat step",
            Eq(step, DiagMatrix(ZeroMatrix(n, 1)) * W, evaluate=False),
            "equals for equals",
            "slopes",
            "this step",
            why="All slopes of the step are 0",
        ),
        line("nothing", _equals(nothing), "matrix algebra", "flat step"),
    ),
)

asleep = net(W=[[1, 2], [0, 1]], inputs=[[-1, -1], [-1, -1]], activation="relu")

THEOREM = Theorem(
    title="Dead units",
    words="A ReLU net whose pre-activations are all negative has ∂h_t/∂h_{t−1} = 0, and so nothing across more steps.",
    sources=(SLIDES.at("derivatives of sigmoid, tanh and ReLU"), LE_JAITLY_HINTON.at("identity initialisation")),
    statement=_equals(nothing),
    instances=dead_nets(),
    check=bounds_satisfy,
    proof=PROOF,
    assumptions=(relu, dead),
    without={relu: asleep.with_(activation="tanh"), dead: asleep.with_(inputs=-asleep.inputs)},
    certified=(asleep,),
    mutants={
        "handed on unchanged": _equals(Identity(n)),
        "the weights alone": _equals(W),
        "their transpose": _equals(W.T),
    },
    examples=80,
)
