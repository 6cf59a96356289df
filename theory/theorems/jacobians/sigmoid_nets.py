"""A sigmoid passes on a quarter of a gradient at most; what comes through many steps is up to the weights as well."""

from __future__ import annotations

from sympy import Ge, Le, Rational

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import beta_W, bounds_weights
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import SpectralNorm, StateJacobian
from backproof.theory.language.notation import k, t
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, PASCANU
from backproof.theory.theorems.jacobians._bounded_steps import QUARTER_TURN, held_net, sigmoid, sigmoid_nets
from backproof.theory.theorems.jacobians._bounds import SIGMOID_NETS, bounds_satisfy

norm = SpectralNorm(StateJacobian(t, k))
steepest = held_net([[0, -4], [4, 0]])


def _attained(instance: NetWithValues) -> float:
    """‖∂h_T/∂h_0‖ over its bound."""
    with precision(BITS):
        size = Balls().spectral_norm(Unrolled(instance.net, Balls()).state_jacobian(instance.net.steps, 0))
    return float(size / (instance.values[beta_W] / 4) ** instance.net.steps)


THEOREM = Theorem(
    title="Many sigmoids",
    words="A step with the sigmoid passes on at most a quarter of ‖W‖ of a gradient, so it vanishes for ‖W‖ < 4.",
    sources=(CS6180.at("multiplying many derivatives of the sigmoid"), PASCANU.at("section 2.1")),
    statement=Le(norm, (beta_W / 4) ** (t - k), evaluate=False),
    instances=sigmoid_nets(),
    check=bounds_satisfy,
    proof=SIGMOID_NETS,
    assumptions=(
        squashing := Assumption(name="sigmoid", text="φ = σ", holds=sigmoid),
        bound_on_W := Assumption(name="bound on W", text="β_W ≥ ‖W‖₂", holds=bounds_weights),
    ),
    without={
        squashing: NetWithValues(net(W=QUARTER_TURN, inputs=[[0, 0], [0, 0]]), {beta_W: 1}),
        bound_on_W: NetWithValues(steepest, {beta_W: 1}),
    },
    attained=NetWithValues(steepest, {beta_W: 4}),
    ratio=_attained,
    certified=(NetWithValues(held_net([[2, 0], [0, 2]]), {beta_W: 2}),),
    mutants={
        "the slopes alone": Le(norm, Rational(1, 4) ** (t - k), evaluate=False),
        "slopes of an eighth": Le(norm, (beta_W / 8) ** (t - k), evaluate=False),
        "one factor more": Le(norm, (beta_W / 4) ** (t - k + 1), evaluate=False),
        "the weights alone, from below": Ge(norm, beta_W ** (t - k), evaluate=False),
        "once for all steps": Le(norm, beta_W / 4, evaluate=False),
    },
    uses=("activations/sigmoid_slope", "jacobians/norm_bound"),
    examples=200,
)
