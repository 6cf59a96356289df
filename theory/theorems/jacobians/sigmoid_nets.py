"""A sigmoid passes on a quarter of a gradient at most; what comes through many steps is up to the weights as well."""

from __future__ import annotations

from sympy import Abs, Eq, Ge, Gt, Le, Rational

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import beta_W
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.functions import logistic, z
from backproof.theory.language.nodes import SpectralNorm, StateJacobian, phi, phi_prime
from backproof.theory.language.notation import k, t
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import bound_on_W, of_the_activation
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, PASCANU
from backproof.theory.theorems.jacobians._bounded_steps import QUARTER_TURN, held_net, sigmoid_nets
from backproof.theory.theorems.jacobians._bounds import bounds_satisfy
from backproof.theory.theorems.jacobians._by_lag import RANGES, by_powers, late, longer_products, slopes_and_weights
from backproof.theory.theorems.jacobians._elementwise import bounded_slopes

norm = SpectralNorm(StateJacobian(t, k))
steepest = held_net([[0, -4], [4, 0]])


def _attained(instance: NetWithValues) -> float:
    """‖∂h_T/∂h_0‖ over its bound."""
    with precision(BITS):
        size = Balls().spectral_norm(Unrolled(instance.net, Balls()).state_jacobian(instance.net.steps, 0))
    return float(size / (instance.values[beta_W] / 4) ** instance.net.steps)


quarter, product = Rational(1, 4), logistic(z) * (1 - logistic(z))
squashed = Eq(phi(z), logistic(z), evaluate=False)
squashing = Assumption(name="sigmoid", text="φ = σ", holds=of_the_activation(squashed), says=squashed, every=(z,))
statement = Le(norm, (beta_W / 4) ** (t - k), evaluate=False)

PROOF = Proof(
    ranges=RANGES,
    lines=(
        line(
            "slope",
            Eq(phi_prime(z), product, evaluate=False),
            "differentiated",
            squashing.name,
            variable=z,
            why="σ′ = σ(1 − σ)",
        ),
        line("not negative", Gt(product, 0, evaluate=False), "theorem", id="activations/sigmoid_slope"),
        line("a quarter", Le(product, quarter, evaluate=False), "theorem", id="activations/sigmoid_slope"),
        line(
            "every slope",
            Le(Abs(phi_prime(z)), quarter, evaluate=False),
            "real arithmetic",
            "slope",
            "not negative",
            "a quarter",
            why="So |φ′| is at most 1/4 everywhere",
        ),
        bounded_slopes(quarter, late, "every slope"),
        *longer_products(),
        *slopes_and_weights(beta_W / 4, "steepest", bound_on_W.name),
        *by_powers("every step", Le, beta_W / 4, "this step from above"),
    ),
)

THEOREM = Theorem(
    title="Many sigmoids",
    words="A step with the sigmoid passes on at most a quarter of ‖W‖ of a gradient, so it vanishes for ‖W‖ < 4.",
    sources=(CS6180.at("multiplying many derivatives of the sigmoid"), PASCANU.at("section 2.1")),
    statement=statement,
    instances=sigmoid_nets(),
    check=bounds_satisfy,
    proof=PROOF,
    assumptions=(squashing, bound_on_W),
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
    examples=200,
)
