"""A gradient step moves the eigenvalues of W: their sum by −η Σ_t ⟨α_t, h_{t−1}⟩."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Sum, Trace

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import Inner, LossGradient, TimeSum
from backproof.theory.language.notation import T, W, alpha, delta, h, t
from backproof.theory.proving.builders import equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Measurement, Theorem
from backproof.theory.records.sources import CS6180, HORN_JOHNSON
from backproof.theory.theorems.spectra._determinants import eta, moved_radius, update_satisfies


def _equals(share: Any, sign: int = -1) -> Any:
    moved = Trace(W) + sign * eta * Sum(share, (t, 1, T))
    return Eq(Trace(W - eta * LossGradient(W)), moved, evaluate=False)


statement = _equals(Inner(alpha[t], h[t - 1]))

PROOF = Proof(
    lines=(
        line(
            "gradient",
            equal(LossGradient(W), TimeSum(alpha[t] * h[t - 1].T, (t, 1, T))),
            "theorem",
            id="gradients/recurrent_weights",
        ),
        line(
            "trace",
            statement,
            "matrix algebra",
            "gradient",
            why="The trace is linear, and that of α hᵀ is ⟨α, h⟩",
        ),
    )
)

THEOREM = Theorem(
    title="A gradient step moves the eigenvalues",
    words="After W ← W − η ∂L/∂W the eigenvalues add up to what they did, less η times the sum of ⟨α_t, h_{t−1}⟩.",
    sources=(CS6180.at("update of W_h"), HORN_JOHNSON.at("section 1.2, trace and eigenvalues")),
    statement=statement,
    instances=nets(batch=(1, 1), regimes=("plain", "near the unit circle", "non-normal", "saturated")),
    check=update_satisfies,
    proof=PROOF,
    mutants={
        "uphill": _equals(Inner(alpha[t], h[t - 1]), 1),
        "states after the step": _equals(Inner(alpha[t], h[t])),
        "slope left out": _equals(Inner(delta[t], h[t - 1])),
        "pairs of adjoints": _equals(Inner(alpha[t], delta[t])),
    },
    measurement=Measurement(
        quantity="share of random tanh nets of 8 units whose ρ(W) a gradient step moves beyond rounding",
        effect="more than four in five",
        seeds=40,
        sample=moved_radius,
        expected=(0.8, 1.0),
    ),
    examples=100,
)
