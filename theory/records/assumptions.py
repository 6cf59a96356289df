"""Assumptions that theorems of several topics share."""

from __future__ import annotations

from typing import Any

from sympy import Le

from backproof.theory.instances.bounds import beta_h, beta_W, bounds_slopes, bounds_weights
from backproof.theory.language.nodes import LargestEntry, SpectralNorm, phi_prime
from backproof.theory.language.notation import W, a, t
from backproof.theory.records.records import Assumption


def slopes_at(time: Any) -> Any:
    """``φ′(a_t)``, the column of slopes of a step."""
    return a[time].applyfunc(phi_prime)


bound_on_W = Assumption(name="bound on W", text="β_W ≥ ‖W‖₂", holds=bounds_weights, says=Le(SpectralNorm(W), beta_W))
bound_on_slopes = Assumption(
    name="bound on the slopes",
    text="β_h ≥ |φ′(a_t)| at every step",
    holds=bounds_slopes,
    says=Le(LargestEntry(slopes_at(t)), beta_h),
    every=(t,),
)
