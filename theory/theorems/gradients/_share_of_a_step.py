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
        line(
            "its transpose",
            Eq(SpectralNorm(between.T), SpectralNorm(between), evaluate=False),
            "fact",
            fact="norm of a transpose",
            of={"X": between},
        ),
        line(
            "what is asked, carried",
            Le(EuclideanNorm(CARRIED), SpectralNorm(between.T) * ASKED, evaluate=False),
            "fact",
            fact="a norm is attained",
            of={"X": between.T, "v": V.T * g[t]},
        ),
        line(
            "carried",
            Le(EuclideanNorm(CARRIED), RATE ** (t - k) * ASKED, evaluate=False),
            "real arithmetic",
            "Jacobian",
            "its transpose",
            "what is asked, carried",
        ),
        line(
            "slopes as a diagonal",
            Eq(SpectralNorm(SLOPES), LargestEntry(slopes_at(k)), evaluate=False),
            "fact",
            fact="norm of a diagonal",
            of={"d": slopes_at(k)},
        ),
        line(
            "slopes there",
            Le(LargestEntry(slopes_at(k)), beta_h, evaluate=False),
            "instance",
            bound_on_slopes.name,
            at={t: k},
        ),
        line(
            "through the slopes",
            Le(EuclideanNorm(SHARE), SpectralNorm(SLOPES) * EuclideanNorm(CARRIED), evaluate=False),
            "fact",
            fact="a norm is attained",
            of={"X": SLOPES, "v": CARRIED},
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
