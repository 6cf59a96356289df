"""Diagonal, similar and skew-symmetric matrices, exponentials. X, Y, Z are square matrices, d, v columns."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Le, MatPow
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.language.nodes import (
    EuclideanNorm,
    LargestEntry,
    MatrixExponential,
    SpectralNorm,
    SpectralRadius,
)
from backproof.theory.proving.facts.norms import HORN_JOHNSON
from backproof.theory.proving.facts.schema import Built, fact

HIGHAM_FUNCTIONS = "Higham, Functions of Matrices, theorem 1.18 and 10.1"


def _columns(*columns: Any) -> None:
    if any(column.shape != (columns[0].shape[0], 1) for column in columns):
        raise ValueError(f"{columns} are not columns of one length")


def _of_one_size(*matrices: Any) -> None:
    size = matrices[0].shape[0]
    if any(matrix.shape != (size, size) for matrix in matrices):
        raise ValueError(f"{matrices} are not square matrices of one size")


@fact("length after a diagonal", HORN_JOHNSON)
def stretched_by_diagonal(d: Any, v: Any) -> Built:
    """``‖diag(d) v‖ ≤ max |d_i| ‖v‖``."""
    _columns(d, v)
    return (), Le(EuclideanNorm(DiagMatrix(d) * v), LargestEntry(d) * EuclideanNorm(v), evaluate=False)


@fact("norm of a power of a diagonal", HORN_JOHNSON)
def power_of_diagonal(d: Any, s: Any) -> Built:
    """``‖diag(d)^s‖ = (max |d_i|)^s`` for an exponent s ≥ 0."""
    _columns(d)
    if not (s.is_integer and s.is_nonnegative):
        raise ValueError(f"{s} is not an exponent from 0 on")
    return (), Eq(SpectralNorm(MatPow(DiagMatrix(d), s)), LargestEntry(d) ** s, evaluate=False)


@fact("spectral radius of a diagonal", HORN_JOHNSON)
def radius_of_diagonal(d: Any) -> Built:
    """``ρ(diag(d)) = max |d_i|``."""
    _columns(d)
    return (), Eq(SpectralRadius(DiagMatrix(d)), LargestEntry(d), evaluate=False)


@fact("spectral radius of similar matrices", HORN_JOHNSON)
def radius_of_similar(X: Any, Y: Any, Z: Any) -> Built:
    """``X Y = I ⟹ ρ(X Z Y) = ρ(Z)``."""
    _of_one_size(X, Y, Z)
    inverse = Eq(X * Y, Identity(X.shape[0]), evaluate=False)
    return (inverse,), Eq(SpectralRadius(X * Z * Y), SpectralRadius(Z), evaluate=False)


@fact("exponential of a transpose", HIGHAM_FUNCTIONS)
def exponential_of_transpose(X: Any) -> Built:
    """``exp(X)ᵀ = exp(Xᵀ)``."""
    _of_one_size(X)
    return (), Eq(MatrixExponential(X).T, MatrixExponential(X.T), evaluate=False)


@fact("inverse of an exponential", HIGHAM_FUNCTIONS)
def inverse_of_exponential(X: Any) -> Built:
    """``exp(−X) exp(X) = I``."""
    _of_one_size(X)
    return (), Eq(MatrixExponential(-X) * MatrixExponential(X), Identity(X.shape[0]), evaluate=False)
