"""Rounding errors of the forward pass are amplified by the Jacobians that carry the gradient back."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Le

from backproof.theory.instances.strategies import SMOOTH, nets
from backproof.theory.language.nodes import EuclideanNorm, StateJacobian, TimeSum
from backproof.theory.language.notation import W, k, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Assumption, Measurement, Theorem
from backproof.theory.records.sources import HIGHAM
from backproof.theory.theorems.jacobians._perturbed import (
    AMPLIFIED,
    Perturbed,
    amplification_holds,
    committed,
    curvature,
    error,
    observed,
    perturbed,
    rest,
)

between, moved = StateJacobian(t, k), EuclideanNorm(W * error[t - 1])


def _carried(
    summand: Any = between * (committed[k] + rest[k]), *, lower: Any = 1, upper: Any = t, size: Any = moved**2 / 2
) -> Any:
    """Δ_t as a sum over the steps that committed it, and how small r is."""
    total = Eq(error[t], TimeSum(summand, (k, lower, upper)), evaluate=False)
    return And(total, Le(EuclideanNorm(rest[t]), curvature * size, evaluate=False), evaluate=False)


def _bounds_curvature(instance: Any) -> bool:
    """Whether γ is at least the largest |φ″|."""
    if not isinstance(instance, Perturbed):
        return True  # a net alone is confronted with the bound of its own activation
    return bool(instance.values[curvature] >= instance.net.phi.curvature)


curvature_bound = Assumption(name="bound on the curvature", text="γ ≥ |φ″| everywhere", holds=_bounds_curvature)
linear = net(W=[[2, 1], [0, 2]], inputs=[[1, 0], [0, 1], [1, 1]], activation="identity")

THEOREM = Theorem(
    title="Rounding errors travel as gradients do",
    words="An error e_k of step k reaches h_t as ∂h_t/∂h_k e_k, up to second order: exploding is ill-conditioned.",
    sources=(HIGHAM.at("chapter 1, backward and forward errors, conditioning"),),
    statement=_carried(),
    instances=nets(activations=SMOOTH, batch=(1, 1)),
    check=amplification_holds,
    proof=AMPLIFIED,
    assumptions=(curvature_bound,),
    without={curvature_bound: Perturbed(net(W=[[1]], inputs=[[1], [0]]), {curvature: 0}, states=[[0.5], [0.5]])},
    certified=(perturbed(linear, [[1, 0.5], [2, 2], [7, 4.0]]),),
    ledger=("F15",),
    mutants={
        "Jacobians transposed": _carried(between.T * (committed[k] + rest[k])),
        "errors do not travel": _carried(committed[k] + rest[k]),
        "the step's own error missing": _carried(upper=t - 1),
        "first step exact": _carried(lower=2),
    },
    measurement=Measurement(
        quantity="log₁₀ of the float32 error of h_T over u Σ_k ‖∂h_T/∂h_k‖ ‖h_k‖, linear nets of 8 units, gain 3/2",
        effect="the error is between 1/1000 of the predicted amplification and all of it",
        seeds=30,
        sample=observed,
        expected=(-3.0, 0.0),
    ),
    uses=("jacobians/product_of_steps",),
    examples=100,
)
