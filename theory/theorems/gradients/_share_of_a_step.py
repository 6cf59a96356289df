"""The share of step k in the gradient of the loss of step t: how long it can be, after the lag t − k."""

from __future__ import annotations

from sympy import Eq, Le, Symbol
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.instances.bounds import beta_h, beta_W
from backproof.theory.language.nodes import (
    EuclideanNorm,
    LargestEntry,
    SpectralNorm,
    StateJacobian,
)
from backproof.theory.language.notation import V, g, k, t
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, line
from backproof.theory.records.assumptions import bound_on_slopes, bound_on_W, slopes_at

RATE = beta_W * beta_h
ASKED = EuclideanNorm(V.T * g[t])
q = Symbol("q", positive=True)
CARRIED = StateJacobian(t, k).T * V.T * g[t]
SLOPES = DiagMatrix(slopes_at(k))
SHARE = SLOPES * CARRIED


def share() -> tuple[Line, ...]:
    """``‖φ′(a_k) ∘ (∂h_t/∂h_k)ᵀ Vᵀ g_t‖ ≤ β_h q^(t−k) ‖Vᵀ g_t‖``, the line called "share"."""
    between = StateJacobian(t, k)
    return (
        line(
            "Jacobian",
            Le(SpectralNorm(between), RATE ** (t - k), evaluate=False),
            "theorem",
            bound_on_W.name,
            bound_on_slopes.name,
            id="jacobians/norm_bound",
        ),
        by_fact(
            "its transpose",
            Eq(SpectralNorm(between.T), SpectralNorm(between), evaluate=False),
            "norm of a transpose",
            X=between,
        ),
        by_fact(
            "what is asked, carried",
            Le(EuclideanNorm(CARRIED), SpectralNorm(between.T) * ASKED, evaluate=False),
            "a norm is attained",
            X=between.T,
            v=V.T * g[t],
        ),
        line(
            "carried",
            Le(EuclideanNorm(CARRIED), RATE ** (t - k) * ASKED, evaluate=False),
            "real arithmetic",
            "Jacobian",
            "its transpose",
            "what is asked, carried",
        ),
        by_fact(
            "slopes as a diagonal",
            Eq(SpectralNorm(SLOPES), LargestEntry(slopes_at(k)), evaluate=False),
            "norm of a diagonal",
            d=slopes_at(k),
        ),
        line(
            "slopes there",
            Le(LargestEntry(slopes_at(k)), beta_h, evaluate=False),
            "instance",
            bound_on_slopes.name,
            at={t: k},
        ),
        by_fact(
            "through the slopes",
            Le(EuclideanNorm(SHARE), SpectralNorm(SLOPES) * EuclideanNorm(CARRIED), evaluate=False),
            "a norm is attained",
            X=SLOPES,
            v=CARRIED,
        ),
        line(
            "at most as steep",
            Le(EuclideanNorm(SHARE), beta_h * EuclideanNorm(CARRIED), evaluate=False),
            "real arithmetic",
            "through the slopes",
            "slopes there",
            "slopes as a diagonal",
        ),
        line(
            "share",
            Le(EuclideanNorm(SHARE), beta_h * RATE ** (t - k) * ASKED, evaluate=False),
            "real arithmetic",
            "at most as steep",
            "carried",
        ),
    )
