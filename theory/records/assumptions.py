"""Assumptions that theorems of several topics share."""

from __future__ import annotations

from backproof.theory.instances.net_with_values import bounds_slopes, bounds_weights
from backproof.theory.records.records import Assumption

bound_on_W = Assumption(name="bound on W", text="β_W ≥ ‖W‖₂", holds=bounds_weights)
bound_on_slopes = Assumption(name="bound on the slopes", text="β_h ≥ |φ′(a_t)| at every step", holds=bounds_slopes)
