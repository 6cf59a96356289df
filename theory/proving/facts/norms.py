"""Norms and least singular values. X, Y are matrices, c a real number, d, u, v columns."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Eq, Integer, Le
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.language.nodes import (
    EuclideanNorm,
    FrobeniusNorm,
    Inner,
    LargestEntry,
    SmallestSingularValue,
    SpectralNorm,
)
from backproof.theory.proving.facts.schema import Built, fact

HORN_JOHNSON = "Horn and Johnson, Matrix Analysis, on matrix norms and singular values"


def _square(X: Any) -> None:
    if X.shape[0] != X.shape[1]:
        raise ValueError(f"{X} is not square")


def must_be_column(v: Any) -> None:
    """Refuse what is not a column."""
    if v.shape[1] != 1:
        raise ValueError(f"{v} is not a column")


@fact("norm of a product", HORN_JOHNSON)
def product(X: Any, Y: Any) -> Built:
    """``‖X Y‖ ≤ ‖X‖ ‖Y‖``."""
    return (), Le(SpectralNorm(X * Y), SpectralNorm(X) * SpectralNorm(Y), evaluate=False)


@fact("norm of the identity", HORN_JOHNSON)
def identity(size: Any) -> Built:
    """``‖I‖ = 1``."""
    return (), Eq(SpectralNorm(Identity(size)), 1, evaluate=False)


@fact("norm of a multiple", HORN_JOHNSON)
def multiple(c: Any, X: Any) -> Built:
    """``‖c X‖ = |c| ‖X‖``."""
    return (), Eq(SpectralNorm(c * X), Abs(c) * SpectralNorm(X), evaluate=False)


@fact("norm of a sum", HORN_JOHNSON)
def triangle(X: Any, Y: Any) -> Built:
    """``‖X + Y‖ ≤ ‖X‖ + ‖Y‖``."""
    return (), Le(SpectralNorm(X + Y), SpectralNorm(X) + SpectralNorm(Y), evaluate=False)


@fact("length of a sum", HORN_JOHNSON)
def triangle_of_lengths(X: Any, Y: Any) -> Built:
    """``‖X + Y‖_F ≤ ‖X‖_F + ‖Y‖_F``, for columns the triangle inequality."""
    return (), Le(FrobeniusNorm(X + Y), FrobeniusNorm(X) + FrobeniusNorm(Y), evaluate=False)


@fact("norm of a transpose", HORN_JOHNSON)
def transpose(X: Any) -> Built:
    """``‖Xᵀ‖ = ‖X‖``."""
    return (), Eq(SpectralNorm(X.T), SpectralNorm(X), evaluate=False)


@fact("norm of a diagonal", HORN_JOHNSON)
def diagonal(d: Any) -> Built:
    """``‖diag(d)‖ = max |d_i|``."""
    must_be_column(d)
    return (), Eq(SpectralNorm(DiagMatrix(d)), LargestEntry(d), evaluate=False)


@fact("norm after an isometry", HORN_JOHNSON)
def isometry(X: Any, Y: Any) -> Built:
    """``XᵀX = I ⟹ ‖X Y‖ = ‖Y‖``."""
    return (Eq(X.T * X, Identity(X.shape[1]), evaluate=False),), Eq(
        SpectralNorm(X * Y), SpectralNorm(Y), evaluate=False
    )


@fact("a norm is attained", HORN_JOHNSON)
def stretch(X: Any, v: Any) -> Built:
    """``‖X v‖ ≤ ‖X‖ ‖v‖``."""
    must_be_column(v)
    return (), Le(EuclideanNorm(X * v), SpectralNorm(X) * EuclideanNorm(v), evaluate=False)


@fact("least stretch", HORN_JOHNSON)
def least_stretch(X: Any, v: Any) -> Built:
    """``σ_min(X) ‖v‖ ≤ ‖X v‖`` for square X."""
    _square(X)
    must_be_column(v)
    return (), Le(SmallestSingularValue(X) * EuclideanNorm(v), EuclideanNorm(X * v), evaluate=False)


@fact("least singular value of a product", HORN_JOHNSON)
def least_of_product(X: Any, Y: Any) -> Built:
    """``σ_min(X) σ_min(Y) ≤ σ_min(X Y)`` for square X and Y."""
    _square(X)
    _square(Y)
    below = SmallestSingularValue(X) * SmallestSingularValue(Y)
    return (), Le(below, SmallestSingularValue(X * Y), evaluate=False)


@fact("norm from below", HORN_JOHNSON)
def from_below(X: Any, Y: Any) -> Built:
    """``σ_min(X) ‖Y‖ ≤ ‖X Y‖`` for square X."""
    _square(X)
    return (), Le(SmallestSingularValue(X) * SpectralNorm(Y), SpectralNorm(X * Y), evaluate=False)


@fact("the least is at most the largest", HORN_JOHNSON)
def least_at_most(X: Any) -> Built:
    """``σ_min(X) ≤ ‖X‖`` for square X."""
    _square(X)
    return (), Le(SmallestSingularValue(X), SpectralNorm(X), evaluate=False)


@fact("least singular value of the identity", HORN_JOHNSON)
def least_of_identity(size: Any) -> Built:
    """``σ_min(I) = 1``."""
    return (), Eq(SmallestSingularValue(Identity(size)), Integer(1), evaluate=False)


@fact("least singular value of a transpose", HORN_JOHNSON)
def least_of_transpose(X: Any) -> Built:
    """``σ_min(Xᵀ) = σ_min(X)`` for square X."""
    _square(X)
    return (), Eq(SmallestSingularValue(X.T), SmallestSingularValue(X), evaluate=False)


@fact("spectral and Frobenius norm", HORN_JOHNSON)
def at_most_frobenius(X: Any) -> Built:
    """``‖X‖ ≤ ‖X‖_F``."""
    return (), Le(SpectralNorm(X), FrobeniusNorm(X), evaluate=False)


@fact("norm of an outer product", HORN_JOHNSON)
def outer(u: Any, v: Any) -> Built:
    """``‖u vᵀ‖_F = ‖u‖ ‖v‖``."""
    must_be_column(u)
    must_be_column(v)
    return (), Eq(FrobeniusNorm(u * v.T), EuclideanNorm(u) * EuclideanNorm(v), evaluate=False)


@fact("Cauchy and Schwarz", HORN_JOHNSON)
def cauchy_schwarz(X: Any, Y: Any) -> Built:
    """``⟨X, Y⟩² ≤ ⟨X, X⟩ ⟨Y, Y⟩``."""
    return (), Le(Inner(X, Y) ** 2, Inner(X, X) * Inner(Y, Y), evaluate=False)
