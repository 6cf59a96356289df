"""What truncation leaves out decays with the window, as the Jacobians do."""

from __future__ import annotations

from typing import Any

from sympy import And, Ge, Le, Lt

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.bounds import beta_h, beta_W
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.values import evaluated
from backproof.theory.language.nodes import EuclideanNorm, FrobeniusNorm, LossGradient, StepSum, TruncatedGradient
from backproof.theory.language.notation import T, V, W, b, g, h, t
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import bound_on_slopes, bound_on_W
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import AICHER
from backproof.theory.theorems.gradients._left_out import common, left_out
from backproof.theory.theorems.gradients._steps import EARLIER
from backproof.theory.theorems.gradients._truncation import (
    G,
    H,
    K,
    constant,
    contracting,
    error_bounded,
)

q = beta_W * beta_h
missed = {theta: FrobeniusNorm(LossGradient(theta) - TruncatedGradient(theta, K)) for theta in (W, b)}


def _at_most(share: Any, states: Any = H) -> Any:
    """What is left out of the gradients of W and b is at most ``β_h G`` (times H for W) times a share."""
    sizes = {W: states, b: 1}
    return And(*(Le(missed[theta], beta_h * size * G * share, evaluate=False) for theta, size in sizes.items()))


def _attained(instance: NetWithValues) -> float:
    """What is left out of the gradient of W over its bound."""
    with precision(BITS):
        environment = Unrolled(instance.net, Balls()).environment
        environment |= evaluated(instance.values, Balls())
        bound = evaluate(beta_h * H * G * q**K / (1 - q), Balls(), environment)
        return float(evaluate(missed[W], Balls(), environment) / bound)


def _witness(net: Any, window: int = 1, **values: float) -> NetWithValues:
    named = {"beta_W": beta_W, "beta_h": beta_h, "G": G, "H": H}
    return NetWithValues(net, {K: window} | {named[name]: value for name, value in values.items()})


half = constant(0.5, 1.0, 3)

enough = Le(StepSum(EuclideanNorm(V.T * g[t]), t, 1, T), G, evaluate=False)
short, below = Le(EuclideanNorm(h[t - 1]), H, evaluate=False), Lt(q, 1, evaluate=False)
losses = Assumption(
    name="bound on the losses",
    text="G ≥ Σ_t ‖Vᵀ g_t‖",
    holds=lambda case: decide(enough, case) is True,
    says=enough,
)
states = Assumption(
    name="bound on the states",
    text="H ≥ ‖h_{t−1}‖ at every step",
    holds=lambda case: decide(short, case) is True,
    says=short,
    every=(t,),
)
contraction = Assumption(
    name="contraction", text="β_W β_h < 1", holds=lambda case: decide(below, case) is True, says=below
)
statement = _at_most(q**K / (1 - q))

PROOF = Proof(
    ranges=EARLIER,
    lines=(
        *common(contraction.name),
        *(one for theta in (W, b) for one in left_out(theta, states.name, losses.name)),
        line("left out", statement, "together", *(f"left out by {theta}" for theta in (W, b))),
    ),
)

THEOREM = Theorem(
    title="Truncation error",
    words="With q = β_W β_h < 1, a window of K misses at most C q^K/(1 − q), where C = β_h H G and G = Σ ‖Vᵀ g_t‖.",
    sources=(AICHER.at("bounds on the truncated gradient"),),
    statement=statement,
    instances=contracting(),
    check=error_bounded,
    proof=PROOF,
    assumptions=(bound_on_W, bound_on_slopes, losses, states, contraction),
    without={
        bound_on_W: _witness(half, beta_W=0.25, beta_h=1, G=1, H=1),
        bound_on_slopes: _witness(half, beta_W=0.5, beta_h=0.5, G=1, H=1),
        losses: _witness(half, beta_W=0.5, beta_h=1, G=0.5, H=1),
        states: _witness(half, beta_W=0.5, beta_h=1, G=1, H=0.5),
        contraction: _witness(constant(2.0, 1.0, 3), beta_W=2, beta_h=1, G=1, H=1),
    },
    attained=_witness(constant(0.5, 1.0, 30), beta_W=0.5, beta_h=1, G=1, H=1),
    ratio=_attained,
    ledger=("F3",),
    mutants={
        "one power more": _at_most(q ** (K + 1) / (1 - q)),
        "one term alone": _at_most(q**K),
        "states left out": _at_most(q**K / (1 - q), states=1),
        "slopes left out of the rate": _at_most(beta_W**K / (1 + q)),
        "from below": And(*(Ge(value, beta_h * H * G * q**K / (1 - q), evaluate=False) for value in missed.values())),
    },
    examples=30,
)
