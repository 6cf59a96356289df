"""A state of one number: factors between r and q give products between the powers of r and q."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Le

from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.instances.bounds import q, r, scalar_nets
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import SpectralNorm, StateJacobian
from backproof.theory.language.notation import k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BENGIO, SLIDES
from backproof.theory.theorems.jacobians._by_lag import (
    RANGES,
    both,
    by_powers,
    longer_products,
    of_one_step,
    product,
    step,
)
from backproof.theory.theorems.jacobians._laws import Endless, bounded_above, bounded_below, or_of_law

size, one = SpectralNorm(StateJacobian(t, k)), SpectralNorm(StateJacobian(t, t - 1))


def _between(high: Any, low: Any) -> Any:
    return And(Le(size, high, evaluate=False), Ge(size, low, evaluate=False), evaluate=False)


statement = _between(q ** (t - k), r ** (t - k))
single, at_most, at_least = Eq(n, 1, evaluate=False), Le(one, q, evaluate=False), Ge(one, r, evaluate=False)
scalar = Assumption(
    name="one unit", text="n = 1", holds=or_of_law(certainly(single), lambda law: type(law) is Endless), says=single
)
from_above = Assumption(
    name="one bound above",
    text="|∂h_i/∂h_{i-1}| ≤ q at every step",
    holds=or_of_law(certainly(at_most), bounded_above),
    says=at_most,
    every=(t,),
)
from_below = Assumption(
    name="one bound below",
    text="|∂h_i/∂h_{i-1}| ≥ r at every step",
    holds=or_of_law(certainly(at_least), bounded_below),
    says=at_least,
    every=(t,),
)

PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        by_fact(
            "factors",
            Eq(SpectralNorm(step * product), SpectralNorm(step) * SpectralNorm(product), evaluate=False),
            "norm of a product of numbers",
            scalar.name,
            why="With one unit the Jacobians are numbers",
            X=step,
            Y=product,
        ),
        of_one_step("this step from above", from_above.name, Le(SpectralNorm(step), q, evaluate=False)),
        of_one_step("this step from below", from_below.name, Ge(SpectralNorm(step), r, evaluate=False)),
        *by_powers("above", Le, q, "this step from above"),
        *by_powers("below", Ge, r, "this step from below", factors="factors"),
        both(statement, "above", "below"),
    ),
)

growing = net(W=[[2]], inputs=[[1], [1]], activation="identity")

THEOREM = Theorem(
    title="Products of scalar factors",
    words="With every |factor| between r and q, the product lies between their powers: q < 1 decays, r > 1 grows.",
    sources=(SLIDES.at("scalar hidden state"), BENGIO.at("theorem on vanishing gradients")),
    statement=statement,
    instances=scalar_nets(),
    check=jacobians_satisfy,
    proof=PROOF,
    assumptions=(scalar, from_above, from_below),
    without={
        scalar: NetWithValues(net(W=[[0, 2], [0, 0]], inputs=[[0, 0], [0, 0]], activation="identity"), {q: 4, r: 1}),
        from_above: NetWithValues(growing, {q: 1, r: 1}),
        from_below: NetWithValues(growing.with_(W=growing.W / 4), {q: 1, r: 1}),
    },
    certified=(NetWithValues(growing, {q: 2, r: 1}), NetWithValues(growing.with_(W=growing.W / 4), {q: 1, r: 0.25})),
    mutants={
        "one factor fewer": _between(q ** (t - k - 1), r ** (t - k)),
        "one factor more below": _between(q ** (t - k), r ** (t - k + 1)),
        "bounds exchanged": _between(r ** (t - k), q ** (t - k)),
        "times the lag for to the power": _between(q * (t - k), r ** (t - k)),
    },
)
