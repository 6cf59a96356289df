"""Entries and norms, matrices of one entry, isometries, functions of a column of zeros."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Integer, Lambda, Le, OneMatrix, ZeroMatrix
from sympy.matrices.expressions import Identity

from backproof.theory.language.nodes import LargestEntry, OpenFunction, SmallestSingularValue, SpectralNorm
from backproof.theory.proving.facts.norms import HORN_JOHNSON
from backproof.theory.proving.facts.schema import Built, fact


@fact("an entry is at most the norm", HORN_JOHNSON)
def entry(X: Any) -> Built:
    """``max |X_ij| ≤ ‖X‖``: an entry is part of a column, which is the image of a unit vector."""
    return (), Le(LargestEntry(X), SpectralNorm(X), evaluate=False)


@fact("norm of a product of numbers", "|x y| = |x| |y|")
def one_by_one(X: Any, Y: Any) -> Built:
    """``‖X Y‖ = ‖X‖ ‖Y‖`` for matrices of one row and one column."""
    sizes = dict.fromkeys((*X.shape, *Y.shape))
    hypotheses = tuple(Eq(size, 1, evaluate=False) for size in sizes if size != 1)
    return hypotheses, Eq(SpectralNorm(X * Y), SpectralNorm(X) * SpectralNorm(Y), evaluate=False)


@fact("least singular value of an isometry", HORN_JOHNSON)
def least_of_isometry(X: Any) -> Built:
    """``XᵀX = I ⟹ σ_min(X) = 1`` for square X: the singular values are the roots of the eigenvalues of XᵀX."""
    if X.shape[0] != X.shape[1]:
        raise ValueError(f"{X} is not square")
    hypothesis = Eq(X.T * X, Identity(X.shape[0]), evaluate=False)
    return (hypothesis,), Eq(SmallestSingularValue(X), Integer(1), evaluate=False)


@fact("function of a column of zeros", "by definition")
def of_zeros(function: Any, size: Any) -> Built:
    """``f((0, …, 0)) = (f(0), …, f(0))``."""
    if not isinstance(function, Lambda) and not (isinstance(function, type) and issubclass(function, OpenFunction)):
        raise ValueError(f"{function} is not a function of one number")
    if function(0).is_finite is False:
        raise ValueError(f"{function} has no value at 0")
    zeros, ones = ZeroMatrix(size, 1), OneMatrix(size, 1)
    return (), Eq(zeros.applyfunc(function), function(0) * ones, evaluate=False)
