"""Singular values of W within a margin of 1: in a linear net every gradient stays between powers of 1 − μ and 1 + μ.

With tanh the upper end stays, for its slopes are at most 1, and the lower end is lost: not even μ = 0 keeps it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import And, Eq, Ge, Le, Symbol
from sympy.matrices.expressions import Identity

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import nets, signed_permutations
from backproof.theory.language.functions import z
from backproof.theory.language.nodes import SmallestSingularValue, SpectralNorm, StateJacobian, phi
from backproof.theory.language.notation import W, a, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import certainly, of_the_activation
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import VORONTSOV
from backproof.theory.theorems.jacobians._bounded_steps import QUARTER_TURN
from backproof.theory.theorems.jacobians._bounds import bounds_satisfy
from backproof.theory.theorems.jacobians._by_lag import (
    RANGES,
    at_every_lag,
    both,
    by_powers,
    lag,
    late,
    longer,
    longer_products,
    product,
    start,
    step,
    this_step,
)
from backproof.theory.theorems.jacobians._elementwise import slopes_of

mu = Symbol("mu", nonnegative=True)
across = StateJacobian(t, k)
high, low = 1 + mu, 1 - mu


def _between(below: Any, above: Any) -> Any:
    """Every gradient g that goes back across the lag has at least σ_min ‖g‖ and at most ‖·‖ ‖g‖."""
    least, most = SmallestSingularValue(across), SpectralNorm(across)
    return And(Ge(least, below, evaluate=False), Le(most, above, evaluate=False), evaluate=False)


statement = _between(low ** (t - k), high ** (t - k))
straight = Eq(phi(z), z, evaluate=False)
stretch, keep = Le(SpectralNorm(W), high, evaluate=False), Ge(SmallestSingularValue(W), low, evaluate=False)
at_most_one = Le(mu, 1, evaluate=False)
linear = Assumption(name="linear", text="φ(z) = z", holds=of_the_activation(straight), says=straight, every=(z,))
above = Assumption(name="largest singular value", text="‖W‖ ≤ 1 + μ", holds=certainly(stretch), says=stretch)
below = Assumption(name="least singular value", text="σ_min(W) ≥ 1 − μ", holds=certainly(keep), says=keep)
margin = Assumption(name="margin", text="μ ≤ 1", holds=certainly(at_most_one), says=at_most_one)


def _least(of: Any, power: Any) -> Any:
    return Ge(SmallestSingularValue(of), low**power, evaluate=False)


THIS_STEP = (
    *this_step(),
    *slopes_of(linear.name, 1, a[late]),
    line("weights", Eq(step, 1 * W, evaluate=False), "equals for equals", "slopes", "this step"),
    line("one factor", Eq(step, W, evaluate=False), "matrix algebra", "weights", why="In a linear net a step is W"),
    line(
        "this step from above",
        Le(SpectralNorm(step), high, evaluate=False),
        "equals for equals",
        "one factor",
        above.name,
    ),
    line(
        "this step from below",
        Ge(SmallestSingularValue(step), low, evaluate=False),
        "equals for equals",
        "one factor",
        below.name,
    ),
)

FROM_BELOW = (
    by_fact(
        "least of I",
        Eq(SmallestSingularValue(Identity(n)), 1, evaluate=False),
        "least singular value of the identity",
        size=n,
    ),
    line(
        "least of no step",
        Eq(SmallestSingularValue(start), 1, evaluate=False),
        "equals for equals",
        "no step",
        "least of I",
    ),
    line("below: start", _least(start, 0), "real arithmetic", "least of no step"),
    line("below: hypothesis", _least(product, lag), "supposition", why="Suppose it at lag l"),
    line("low from 0", Ge(low, 0, evaluate=False), "real arithmetic", margin.name),
    by_fact(
        "powers from 0",
        Ge(low**lag, 0, evaluate=False),
        "powers of what is not negative",
        "low from 0",
        a=low,
        s=lag,
    ),
    by_fact(
        "least of both",
        Le(
            SmallestSingularValue(step) * SmallestSingularValue(product),
            SmallestSingularValue(step * product),
            evaluate=False,
        ),
        "least singular value of a product",
        X=step,
        Y=product,
    ),
    line(
        "below: product",
        _least(step * product, lag + 1),
        "real arithmetic",
        *("below: hypothesis", "least of both", "this step from below", "low from 0", "powers from 0"),
        why="One more factor keeps at least 1 − μ of what the others keep",
    ),
    line("below: step", _least(longer, lag + 1), "equals for equals", "one more step", "below: product"),
    *at_every_lag("below", _least(product, lag), _least(across, t - k), "below: "),
)

PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        *THIS_STEP,
        *by_powers("above", Le, high, "this step from above"),
        *FROM_BELOW,
        both(statement, "above", "below"),
    ),
)


@st.composite
def margins(draw: Any) -> NetWithValues:
    """Linear nets with W = P diag(σ) Q for signed permutations P, Q: its singular values σ are known exactly."""
    size = draw(st.integers(1, 3))
    values = np.array([1 + draw(st.integers(-4, 4)) / 4 for _ in range(size)])
    matrix = draw(signed_permutations(size)) @ np.diag(values) @ draw(signed_permutations(size))
    drawn = draw(nets(activations=("identity",), batch=(1, 1), units=(size, size), losses=("squared_error",)))
    loose = draw(st.sampled_from([0.0, 0.0, 0.25]))
    return NetWithValues(drawn.with_(W=matrix), {mu: min(1.0, float(np.max(np.abs(values - 1))) + loose)})


turning = net(W=QUARTER_TURN, inputs=[[1, 0], [0, 1]], activation="identity")
uneven = turning.with_(W=np.diag([1.5, 0.5]))

THEOREM = Theorem(
    title="Singular values within a margin of 1",
    words="In a linear net with all singular values of W in [1 − μ, 1 + μ], μ ≤ 1, those of ∂h_t/∂h_k lie between "
    "1 − μ and 1 + μ to the power of the lag; so every gradient keeps its length up to these factors.",
    sources=(VORONTSOV.at("singular values within a margin of 1"),),
    statement=statement,
    instances=margins(),
    check=bounds_satisfy,
    proof=PROOF,
    assumptions=(linear, above, below, margin),
    without={
        linear: NetWithValues(turning.with_(activation="tanh"), {mu: 0}),
        above: NetWithValues(turning.with_(W=turning.W * 2), {mu: 0.5}),
        below: NetWithValues(turning.with_(W=turning.W / 4), {mu: 0.5}),
        margin: NetWithValues(turning, {mu: 3}),
    },
    certified=(NetWithValues(turning, {mu: 0}), NetWithValues(uneven, {mu: 0.5}), NetWithValues(uneven, {mu: 1})),
    mutants={
        "lengths kept": _between(1, 1),
        "ends exchanged": _between(high ** (t - k), low ** (t - k)),
        "one factor more below": _between(low ** (t - k - 1), high ** (t - k)),
        "one factor fewer above": _between(low ** (t - k), high ** (t - k - 1)),
        "the margin as a rate": _between(low ** (t - k), 1 + mu * (t - k)),
    },
    examples=100,
)
