"""One bound for the norms of all steps, q, and one for their smallest singular values, r: powers of both bound it."""

from __future__ import annotations

from typing import Any

from sympy import And, Ge, Le

from backproof.theory.instances.bounds import q, r
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import SmallestSingularValue, SpectralNorm, StateJacobian
from backproof.theory.language.notation import k, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Proof
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BENGIO, SLIDES, VORONTSOV
from backproof.theory.theorems.jacobians._bounded_steps import QUARTER_TURN, stretched_nets
from backproof.theory.theorems.jacobians._bounds import bounds_satisfy
from backproof.theory.theorems.jacobians._by_lag import RANGES, both, by_powers, longer_products, of_one_step, step
from backproof.theory.theorems.jacobians._laws import bounded_above, bounded_below, or_of_law

norm, one = SpectralNorm(StateJacobian(t, k)), StateJacobian(t, t - 1)


def between(high: Any, low: Any) -> Any:
    """``low ≤ ‖∂h_t/∂h_k‖ ≤ high``."""
    return And(Le(norm, high, evaluate=False), Ge(norm, low, evaluate=False), evaluate=False)


statement = between(q ** (t - k), r ** (t - k))
stretch, keep = Le(SpectralNorm(one), q, evaluate=False), Ge(SmallestSingularValue(one), r, evaluate=False)
at_most = Assumption(
    name="one bound above",
    text="‖∂h_i/∂h_{i-1}‖ ≤ q at every step",
    holds=or_of_law(certainly(stretch), bounded_above),
    says=stretch,
    every=(t,),
)
at_least = Assumption(
    name="one bound below",
    text="σ_min(∂h_i/∂h_{i-1}) ≥ r at every step",
    holds=or_of_law(certainly(keep), bounded_below),
    says=keep,
    every=(t,),
)

PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        of_one_step("this step from above", at_most.name, Le(SpectralNorm(step), q, evaluate=False)),
        of_one_step("this step from below", at_least.name, Ge(SmallestSingularValue(step), r, evaluate=False)),
        *by_powers("above", Le, q, "this step from above"),
        *by_powers("below", Ge, r, "this step from below"),
        both(statement, "above", "below"),
    ),
)

turning = net(W=QUARTER_TURN, inputs=[[1, 0], [0, 1]], activation="identity")
doubling, halving = turning.with_(W=turning.W * 2), turning.with_(W=turning.W / 2)

THEOREM = Theorem(
    title="Exponential decay and growth",
    words="With σ_min ≥ r and ‖·‖ ≤ q at every step, ‖∂h_t/∂h_k‖ lies between powers of r and q.",
    sources=(
        SLIDES.at("matrices, spectral norm below one"),
        BENGIO.at("theorem on vanishing gradients"),
        VORONTSOV.at("norms of Jacobian products"),
    ),
    statement=statement,
    instances=stretched_nets(),
    check=bounds_satisfy,
    proof=PROOF,
    assumptions=(at_most, at_least),
    without={at_most: NetWithValues(doubling, {q: 1, r: 1}), at_least: NetWithValues(halving, {q: 1, r: 1})},
    certified=(
        NetWithValues(doubling, {q: 2, r: 2}),
        NetWithValues(halving, {q: 0.5, r: 0.5}),
        NetWithValues(turning, {q: 1, r: 1}),
    ),
    mutants={
        "one factor fewer": between(q ** (t - k - 1), r ** (t - k)),
        "one factor more below": between(q ** (t - k), r ** (t - k + 1)),
        "bounds exchanged": between(r ** (t - k), q ** (t - k)),
        "growth without its lower bound": between(q ** (t - k), q ** (t - k)),
        "times the lag for to the power": between(q * (t - k), r ** (t - k)),
    },
    examples=100,
)
