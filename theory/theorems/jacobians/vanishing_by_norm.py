"""Gradients of any net vanish if the largest singular value of W, times the steepest slope, is below one.

Not so for eigenvalues: a ReLU that holds one of two units at rest turns W = [[2, 2], [−2, −2]], with W² = 0, into
[[2, 2], [0, 0]], and the gradient doubles at every step.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Le, oo

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import SpectralNorm, SpectralRadius, StateJacobian
from backproof.theory.language.notation import W, k, t
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BENGIO, PASCANU
from backproof.theory.theorems.jacobians._endless import (
    BY_NORM,
    LIMIT,
    VANISHES,
    bounds_every_slope,
    contractions,
    decide_forever,
    forever_satisfies,
    gamma,
)

norm, rate = SpectralNorm(StateJacobian(t, k)), gamma * SpectralNorm(W)
SWITCH = net(W=[[2, 2], [-2, -2]], h0=[[1, 0]], inputs=[[-1, 0]] * 3, activation="relu", loss="squared_error")
"""h = (1, 0) for ever; both eigenvalues of W are 0, and ∂h_t/∂h_{t-1} = [[2, 2], [0, 0]]."""


def _says(bound: Any, limit: Any = VANISHES) -> Any:
    return And(Le(norm, bound, evaluate=False), limit, evaluate=False)


def _contracts(instance: NetWithValues) -> bool:
    return decide(rate < 1, instance) is True


def _ratio(instance: NetWithValues) -> float:
    """‖∂h_T/∂h_0‖ over (γ ‖W‖)ᵀ."""
    with precision(BITS):
        A, steps = Balls(), int(instance.net.steps)
        size = A.spectral_norm(Unrolled(instance.net, A).state_jacobian(steps, 0))
        return float(size) / float(A.spectral_norm(A.matrix(instance.net.W))) ** steps


def _linear(W: Any) -> Any:
    return net(W=W, inputs=[[0, 0], [0, 0]], activation="identity")


THEOREM = Theorem(
    title="Gradients vanish by the norm",
    words="With |φ′| ≤ γ and γ‖W‖₂ < 1 the Jacobian across a lag is at most γ‖W‖₂ to that power, and tends to 0.",
    sources=(PASCANU.at("section 2.1"), BENGIO.at("theorem on vanishing gradients")),
    statement=_says(rate ** (t - k)),
    instances=contractions(),
    check=forever_satisfies,
    proof=BY_NORM,
    decide=decide_forever,
    assumptions=(
        slopes := Assumption(name="slopes", text="|φ′| ≤ γ everywhere", holds=bounds_every_slope),
        contraction := Assumption(name="contraction", text="γ ‖W‖₂ < 1", holds=_contracts),
    ),
    without={
        slopes: NetWithValues(_linear([[1, 0], [0, 1]]), {gamma: 0.5}),
        contraction: NetWithValues(SWITCH, {gamma: 1}),
    },
    certified=(NetWithValues(_linear([[0.5, 0.25], [0, 0.5]]), {gamma: 1.25}),),
    attained=NetWithValues(_linear([[0, -0.5], [0.5, 0]]), {gamma: 1}),
    ratio=_ratio,
    mutants={
        "spectral radius for the norm": _says((gamma * SpectralRadius(W)) ** (t - k)),
        "one factor more": _says(rate ** (t - k + 1)),
        "tends to one": _says(rate ** (t - k), Eq(LIMIT, 1, evaluate=False)),
        "explodes": _says(rate ** (t - k), Eq(LIMIT, oo, evaluate=False)),
    },
    uses=("jacobians/norm_bound",),
    examples=120,
)
