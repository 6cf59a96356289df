"""Orthogonal weights with ReLU: no gradient grows, and one vanishes if the units at work lean on those at rest.

"Neither vanish nor explode" is half of it. A unit at rest takes its share of every length away, and an orthogonal
matrix that mixes the units brings it a new share at each step. Where the units at work change, `orthogonal_weights`
with q = 1 says the first half.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import And, Eq, Ge, Integer, Le, Rational

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import signed_permutations
from backproof.theory.language.nodes import SpectralNorm
from backproof.theory.language.notation import W, k, t
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.kernel import Proof
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import ARJOVSKY, VORONTSOV
from backproof.theory.theorems.jacobians._at_work import (
    kept,
    mask,
    norm,
    one_step_more,
    p,
    pattern,
    switches,
    vanishing,
)
from backproof.theory.theorems.jacobians._by_lag import RANGES, both, by_powers, longer_products
from backproof.theory.theorems.jacobians.orthogonal_weights import orthogonal, weights


def _says(rate: Any = kept ** (t - k), longest: Any = 1) -> Any:
    return And(Le(norm, longest, evaluate=False), Le(kept * norm, rate, evaluate=False), evaluate=False)


statement = _says()

PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        *weights[:2],
        *mask,
        *by_powers("above", Le, Integer(1), "step at most 1"),
        *one_step_more,
        *vanishing,
        both(statement, "above", "vanishes"),
    ),
)

MIXING = np.kron([[1.0, 1.0], [1.0, -1.0]], [[1.0, 1.0], [1.0, -1.0]]) / 2
"""Orthogonal, and each unit reads a half of every other."""


def masked(weights: Any, working: Any, steps: int) -> NetWithValues:
    """A ReLU net driven so that a_t is 1 in the units at work and −1 in those at rest, at every step."""
    chosen = np.asarray(working, dtype=np.float64)
    drive = 2 * chosen - 1 - np.asarray(weights) @ chosen
    held = net(W=weights, inputs=[drive] * steps, h0=[chosen], activation="relu", loss="squared_error")
    return NetWithValues(held, {p: chosen[:, None].tolist()})


@st.composite
def rectified(draw: Any) -> NetWithValues:
    """ReLU nets with W orthogonal without rounding, some of their units at work and the others at rest."""
    size = draw(st.integers(1, 4))
    weights = draw(signed_permutations(size))
    if size == 4:
        weights = weights @ MIXING @ draw(signed_permutations(size))
    working = draw(st.lists(st.sampled_from([1.0, 0.0]), min_size=size, max_size=size))
    return masked(weights, working, draw(st.integers(1, 4)))


mixed = masked(MIXING, [1, 0, 0, 0], 3)
copied = masked([[1, 0], [0, 1]], [1, 1], 3)
half = net(W=[[-1]], inputs=[[0.5]] * 4, h0=[[0.5]], activation="sigmoid", loss="squared_error")


def _ratio(instance: NetWithValues) -> float:
    """‖∂h_T/∂h_0‖, of which 1 is the most."""
    with precision(BITS):
        return float(Balls().spectral_norm(Unrolled(instance.net, Balls()).state_jacobian(instance.net.steps, 0)))


THEOREM = Theorem(
    title="Orthogonal weights with ReLU",
    words="With W orthogonal and the units P at work, ‖∂h_t/∂h_k‖ ≤ 1, and it vanishes as ‖PWP‖^(t−k) if that is < 1.",
    sources=(ARJOVSKY.at("bound on the gradient, for unitary weights"), VORONTSOV.at("norms of Jacobian products")),
    statement=statement,
    instances=rectified(),
    proof=PROOF,
    assumptions=(orthogonal, pattern, switches),
    without={
        orthogonal: NetWithValues(copied.net.with_(W=2 * copied.net.W), copied.values),
        pattern: NetWithValues(mixed.net.with_(activation="identity"), mixed.values),
        switches: NetWithValues(half, {p: [[0.25]]}),
    },
    attained=copied,
    ratio=_ratio,
    mutants={
        "kept, and so never vanishing": And(Eq(norm, 1, evaluate=False), Le(kept * norm, kept ** (t - k))),
        "one factor more": _says(kept ** (t - k + 1)),
        "W for what is kept of it": _says(SpectralNorm(W) ** (t - k) * kept**2),
        "half at most": _says(longest=Rational(1, 2)),
        "never less": And(Ge(norm, 1, evaluate=False), Le(kept * norm, kept ** (t - k))),
    },
    examples=40,
)
