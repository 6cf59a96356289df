"""Truncated back-propagation: with the state K steps back held fixed, the last K terms of each loss are left."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Max

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import LossGradient, TruncatedGradient
from backproof.theory.language.notation import T, U, W, b, h, k, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import TRAINING_RNNS, WILLIAMS_PENG
from backproof.theory.theorems.gradients._truncation import K, kept, truncated_matches, windowed
from backproof.theory.theorems.gradients._truncation_proof import TRUNCATED


def _window(whole: Any = T, **how: Any) -> Any:
    """The gradients within a window of K, and those that a window as long as the sequence gives."""
    sums = (Eq(TruncatedGradient(q, K), kept(q, **how), evaluate=False) for q in (W, U, b))
    return And(*sums, *(Eq(TruncatedGradient(q, whole), LossGradient(q), evaluate=False) for q in (W, U, b)))


relu = net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2], [2, 1]], activation="relu", loss="squared_error")

THEOREM = Theorem(
    title="Truncated gradients",
    words="A window of K steps keeps the K nearest terms of every loss; as long as the sequence, it keeps them all.",
    sources=(WILLIAMS_PENG.at("BPTT(h)"), TRAINING_RNNS.at("truncated BPTT")),
    statement=_window(),
    instances=windowed(),
    check=truncated_matches,
    proof=TRUNCATED,
    certified=(NetWithValues(relu, {K: 1}), NetWithValues(relu, {K: 2})),
    mutants={
        "one step fewer": _window(oldest=Max(1, t - K + 2)),
        "one step more": _window(oldest=Max(1, t - K)),
        "the step itself missing": _window(newest=t - 1),
        "h_k for h_{k-1}": _window(state=h[k]),
        "a window of one is the whole": _window(whole=1),
    },
    uses=("gradients/sum_over_earlier_steps", "gradients/sum_over_losses"),
    examples=40,
)
