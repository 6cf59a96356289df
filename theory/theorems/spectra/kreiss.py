"""Kreiss' lower bound: if the resolvent is large just outside the unit circle, some power of W is large.

(z I − W)⁻¹ = Σ_s z^(−s−1) Wˢ, so powers of norm at most M give it a norm of at most M/(z − 1), here with z = 1 + ε.
"""

from __future__ import annotations

from typing import Any

from sympy import Le

from backproof.theory.arithmetic import Balls
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import FrobeniusNorm, SpectralNorm
from backproof.theory.language.notation import W
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import TREFETHEN_EMBREE
from backproof.theory.theorems.spectra._resolvents import (
    KREISS,
    R,
    bounds_powers,
    epsilon,
    inverts,
    kreiss_cases,
    most,
    powers_exceed,
)


def _says(low: Any, high: Any = most) -> Any:
    return Le(low, high, evaluate=False)


def _ratio(case: Case) -> float:
    """ε ‖R‖ over M, in whole numbers."""
    A = Balls()
    return float(A.number(case[epsilon]) * A.spectral_norm(A.matrix(case[R])) / A.number(case[most]))


one = [[1, 0], [0, 1]]

THEOREM = Theorem(
    title="Kreiss' lower bound",
    words="With R = ((1 + ε) I − W)⁻¹, no bound on all the powers of W is below ε ‖R‖, whatever ρ(W) promises.",
    sources=(TREFETHEN_EMBREE.at("part IV, the Kreiss matrix theorem"),),
    statement=_says(epsilon * SpectralNorm(R)),
    instances=kreiss_cases(),
    check=powers_exceed,
    proof=KREISS,
    assumptions=(
        bounded := Assumption(name="bound on the powers", text="‖Wˢ‖ ≤ M for every s ≥ 0", holds=bounds_powers),
        resolvent := Assumption(name="resolvent", text="R ((1 + ε) I − W) = I", holds=inverts),
    ),
    without={
        bounded: Case({W: [[0, 8], [0, 0]], R: [[0.5, 2], [0, 0.5]], epsilon: 1, most: 1}),
        resolvent: Case({W: [[0, 0], [0, 0]], R: [[3, 0], [0, 3]], epsilon: 1, most: 1}),
    },
    attained=Case({W: one, R: [[2, 0], [0, 2]], epsilon: 0.5, most: 1}),
    ratio=_ratio,
    ledger=("F6",),
    mutants={
        "no distance to the circle": _says(SpectralNorm(R)),
        "one power of ε more below": _says(SpectralNorm(R) / epsilon),
        "the Frobenius norm": _says(epsilon * FrobeniusNorm(R)),
        "less than the bound": _says((1 + epsilon) * epsilon * SpectralNorm(R)),
    },
    uses=("spectra/transient_growth",),
    examples=100,
)
