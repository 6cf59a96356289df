"""Orthogonal weights leave everything to the slopes: they keep a gradient alive, but do not save it from tanh."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Le
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.instances.bounds import q, r
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import LargestEntry, SmallestSingularValue, SpectralNorm, StateJacobian
from backproof.theory.language.notation import W, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import certainly, slopes_at
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, VORONTSOV
from backproof.theory.theorems.jacobians._bounded_steps import QUARTER_TURN, orthogonal_nets
from backproof.theory.theorems.jacobians._bounds import bounds_satisfy
from backproof.theory.theorems.jacobians._by_lag import (
    RANGES,
    both,
    by_powers,
    late,
    longer_products,
    of_one_step,
    slopes,
    slopes_and_weights,
    step,
)

norm = SpectralNorm(StateJacobian(t, k))


def _between(high: Any, low: Any) -> Any:
    return And(Le(norm, high, evaluate=False), Ge(norm, low, evaluate=False), evaluate=False)


statement = _between(q ** (t - k), r ** (t - k))
turning = Eq(W.T * W, Identity(n), evaluate=False)
below_q = Le(LargestEntry(slopes_at(t)), q, evaluate=False)
above_r = Ge(SmallestSingularValue(DiagMatrix(slopes_at(t))), r, evaluate=False)
orthogonal = Assumption(name="orthogonal", text="WᵀW = I", holds=certainly(turning), says=turning)
flat = Assumption(
    name="slopes bounded above", text="|φ′(a_t)| ≤ q at every step", holds=certainly(below_q), says=below_q, every=(t,)
)
steep = Assumption(
    name="slopes bounded below", text="|φ′(a_t)| ≥ r at every step", holds=certainly(above_r), says=above_r, every=(t,)
)

weights = (
    by_fact(
        "norm of W I",
        Eq(SpectralNorm(W * Identity(n)), SpectralNorm(Identity(n)), evaluate=False),
        "norm after an isometry",
        orthogonal.name,
        why="W keeps every length",
        X=W,
        Y=Identity(n),
    ),
    line("norm of W", Eq(SpectralNorm(W), 1, evaluate=False), "real arithmetic", "norm of W I", "norm of I"),
    by_fact(
        "least of W",
        Eq(SmallestSingularValue(W), 1, evaluate=False),
        "least singular value of an isometry",
        orthogonal.name,
        X=W,
    ),
)

from_below = (
    of_one_step("steep there", steep.name, Ge(SmallestSingularValue(slopes), r, evaluate=False)),
    by_fact(
        "least of both",
        Le(SmallestSingularValue(slopes) * SmallestSingularValue(W), SmallestSingularValue(slopes * W), evaluate=False),
        "least singular value of a product",
        X=slopes,
        Y=W,
    ),
    line(
        "their least",
        Ge(SmallestSingularValue(slopes * W), r, evaluate=False),
        "real arithmetic",
        "steep there",
        "least of both",
        "least of W",
        why="A step keeps at least the least slope of every length",
    ),
    line(
        "this step from below",
        Ge(SmallestSingularValue(step), r, evaluate=False),
        "equals for equals",
        "this step",
        "their least",
    ),
)

PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        *weights,
        of_one_step("flat there", flat.name, Le(LargestEntry(slopes_at(late)), q, evaluate=False)),
        *slopes_and_weights(q, "flat there", "norm of W"),
        *from_below,
        *by_powers("above", Le, q, "this step from above"),
        *by_powers("below", Ge, r, "this step from below"),
        both(statement, "above", "below"),
    ),
)

bent = net(W=QUARTER_TURN, inputs=[[2, 2], [2, 2], [2, 2]])  # tanh′ lies between 0.01 and 0.5 at its states
straight = bent.with_(activation="identity")

THEOREM = Theorem(
    title="Orthogonal weights",
    words="With W orthogonal and every slope in [r, q], ‖∂h_t/∂h_k‖ lies between r and q to the lag; tanh has q ≤ 1.",
    sources=(
        VORONTSOV.at("norms of Jacobian products"),
        CS6180.at("orthogonal initialisation does not fully solve it"),
    ),
    statement=statement,
    instances=orthogonal_nets(),
    check=bounds_satisfy,
    proof=PROOF,
    assumptions=(orthogonal, flat, steep),
    without={
        orthogonal: NetWithValues(straight.with_(W=straight.W * 2), {q: 1, r: 1}),
        flat: NetWithValues(straight, {q: 0.5, r: 0.5}),
        steep: NetWithValues(bent, {q: 1, r: 1}),
    },
    certified=(NetWithValues(bent, {q: 0.5, r: 2.0**-8}), NetWithValues(straight, {q: 1, r: 1})),
    ledger=("F4",),
    mutants={
        "orthogonal weights keep every gradient": _between(1, 1),
        "one factor more": _between(q ** (t - k + 1), r ** (t - k)),
        "one factor fewer below": _between(q ** (t - k), r ** (t - k - 1)),
        "bounds exchanged": _between(r ** (t - k), q ** (t - k)),
        "the lag as a factor": _between(q ** (t - k), r * (t - k)),
    },
    examples=100,
)
