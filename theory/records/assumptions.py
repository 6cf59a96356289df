"""Assumptions that theorems of several topics share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Le, simplify

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.bounds import beta_h, beta_W, bounds_slopes, bounds_weights
from backproof.theory.language.functions import z
from backproof.theory.language.nodes import DERIVATIVES, LargestEntry, SpectralNorm, phi_prime
from backproof.theory.language.notation import W, a, t
from backproof.theory.nets.networks import net_of
from backproof.theory.records.records import Assumption


def slopes_at(time: Any) -> Any:
    """``φ′(a_t)``, the column of slopes of a step."""
    return a[time].applyfunc(phi_prime)


def certainly(says: Any) -> Callable[[Any], bool]:
    """Whether a proposition certainly holds at an instance, in exact or ball arithmetic."""
    return lambda instance: decide(says, instance) is True


def of_the_activation(says: Any) -> Callable[[Any], bool]:
    """Whether an equation for φ(z), φ′(z) or φ″(z) holds of the net's activation for every real z."""

    def holds(instance: Any) -> bool:
        known = net_of(instance).phi.derivatives
        left, right = (
            side.xreplace({open_(z): derivative(z) for open_, derivative in zip(DERIVATIVES, known, strict=True)})
            for side in says.args
        )
        return bool(simplify(left - right) == 0)

    return holds


bound_on_W = Assumption(name="bound on W", text="β_W ≥ ‖W‖₂", holds=bounds_weights, says=Le(SpectralNorm(W), beta_W))
bound_on_slopes = Assumption(
    name="bound on the slopes",
    text="β_h ≥ |φ′(a_t)| at every step",
    holds=bounds_slopes,
    says=Le(LargestEntry(slopes_at(t)), beta_h),
    every=(t,),
)
