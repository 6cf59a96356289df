"""A state of one number: factors between r and q give products between the powers of r and q."""

from __future__ import annotations

from typing import Any

from sympy import And, Ge, Le

from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.instances.bounds import bounded_above, bounded_below, q, r, scalar_nets
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import SpectralNorm, StateJacobian
from backproof.theory.language.notation import k, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BENGIO, SLIDES
from backproof.theory.theorems.jacobians._products import SCALAR

size = SpectralNorm(StateJacobian(t, k))


def _between(high: Any, low: Any) -> Any:
    return And(Le(size, high, evaluate=False), Ge(size, low, evaluate=False), evaluate=False)


growing = net(W=[[2]], inputs=[[1], [1]], activation="identity")

THEOREM = Theorem(
    title="Products of scalar factors",
    words="With every |factor| between r and q, the product lies between their powers: q < 1 decays, r > 1 grows.",
    sources=(SLIDES.at("scalar hidden state"), BENGIO.at("theorem on vanishing gradients")),
    statement=_between(q ** (t - k), r ** (t - k)),
    instances=scalar_nets(),
    check=jacobians_satisfy,
    proof=SCALAR,
    assumptions=(
        from_above := Assumption(name="one bound above", text="|∂h_i/∂h_{i-1}| ≤ q at every step", holds=bounded_above),
        from_below := Assumption(name="one bound below", text="|∂h_i/∂h_{i-1}| ≥ r at every step", holds=bounded_below),
    ),
    without={
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
    uses=("jacobians/product_of_steps",),
)
