"""Deep feed-forward nets: the same bounds by powers as for recurrent nets, layers in place of steps."""

from __future__ import annotations

from typing import Any

from backproof.theory.instances.bounds import q, r
from backproof.theory.language.notation import k, t
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BENGIO, SLIDES
from backproof.theory.theorems.jacobians._deep import Deep, deep_nets, layers_satisfy
from backproof.theory.theorems.jacobians.uniform_steps import PROOF, at_least, at_most, between

QUIET: dict[str, Any] = {"biases": [[0, 0], [0, 0]], "start": [1, 1], "activation": "identity"}

DOUBLE = [[[2, 0], [0, -2]], [[0, 2], [2, 0]]]
HALF = [[[0.5, 0], [0, -0.5]], [[0, 0.5], [0.5, 0]]]

THEOREM = Theorem(
    title="Decay and growth in deep nets",
    words="With σ_min ≥ r and ‖·‖ ≤ q at every layer, whatever its own matrix, ‖∂h_t/∂h_k‖ lies between their powers.",
    sources=(SLIDES.at("summary, deep feed-forward nets"), BENGIO.at("theorem on vanishing gradients")),
    statement=between(q ** (t - k), r ** (t - k)),
    instances=deep_nets(),
    check=layers_satisfy,
    proof=PROOF,
    assumptions=(
        from_above := Assumption(
            name=at_most.name,
            text="‖∂h_l/∂h_{l-1}‖ ≤ q at every layer",
            holds=at_most.holds,
            says=at_most.says,
            every=at_most.every,
        ),
        from_below := Assumption(
            name=at_least.name,
            text="σ_min(∂h_l/∂h_{l-1}) ≥ r at every layer",
            holds=at_least.holds,
            says=at_least.says,
            every=at_least.every,
        ),
    ),
    without={
        from_above: Deep(weights=DOUBLE, values={q: 1, r: 1}, **QUIET),
        from_below: Deep(weights=HALF, values={q: 1, r: 1}, **QUIET),
    },
    certified=(
        Deep(weights=DOUBLE, values={q: 2, r: 2}, **QUIET),
        Deep(weights=HALF, values={q: 0.5, r: 0.5}, **QUIET),
    ),
    mutants={
        "one factor fewer": between(q ** (t - k - 1), r ** (t - k)),
        "one factor more below": between(q ** (t - k), r ** (t - k + 1)),
        "bounds exchanged": between(r ** (t - k), q ** (t - k)),
        "depth does no harm": between(q, r),
    },
    examples=150,
)
