"""A symmetric W in its orthonormal eigenvectors: powers of eigenvalues on components, and no transient growth."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, MatPow

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import FrobeniusNorm, SpectralNorm, SpectralRadius
from backproof.theory.language.notation import D, Q, W, lam, s
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import FYS5429, HORN_JOHNSON
from backproof.theory.theorems.spectra._eigenvectors import applied, is_orthogonal, is_spectral, symmetric_cases
from backproof.theory.theorems.spectra._eigenvectors_proof import SYMMETRIC, v

expansion = Eq(v, Q * (Q.T * v), evaluate=False)
norm = Eq(SpectralNorm(MatPow(W, s)), SpectralRadius(W) ** s, evaluate=False)


def carried(image: Any) -> Any:
    """``Wˢ v`` as claimed."""
    return Eq(MatPow(W, s) * v, image, evaluate=False)


def _says(*relations: Any) -> Any:
    return And(*relations, evaluate=False)


def _case(matrix: Any, basis: Any, values: Any) -> Case:
    return Case({W: matrix, Q: basis, lam: values, v: [[1], [2]], s: 2})


powers = carried(Q * MatPow(D, s) * Q.T * v)
one, swap = [[1, 0], [0, 1]], [[0, 1], [1, 0]]

THEOREM = Theorem(
    title="Powers of a symmetric matrix",
    words="With W = Q diag(λ) Qᵀ, components α = Qᵀ v along the columns are multiplied by λ_iˢ, and ‖Wˢ‖ = ρ(W)ˢ.",
    sources=(FYS5429.at("powers of a diagonalised W"), HORN_JOHNSON.at("section 2.5, the spectral theorem")),
    statement=_says(expansion, powers, norm),
    instances=symmetric_cases(),
    check=applied,
    proof=SYMMETRIC,
    assumptions=(
        spectral := Assumption(name="spectral decomposition", text="W = Q diag(λ) Qᵀ", holds=is_spectral),
        orthogonal := Assumption(name="orthonormal eigenvectors", text="QᵀQ = I", holds=is_orthogonal),
    ),
    without={
        spectral: _case([[1, 1], [0, 1]], one, [[1], [1]]),
        orthogonal: _case([[4, 0], [0, 4]], [[2, 0], [0, 2]], [[1], [1]]),
    },
    certified=(Case({W: [[2, 0], [0, -3]], Q: swap, lam: [[-3], [2]], v: [[1], [2]], s: 3}),),
    mutants={
        "eigenvalues not raised": _says(expansion, carried(Q * D * Q.T * v), norm),
        "transposes exchanged": _says(expansion, carried(Q.T * MatPow(D, s) * Q * v), norm),
        "one power more": _says(expansion, carried(Q * MatPow(D, s + 1) * Q.T * v), norm),
        "the Frobenius norm": _says(
            expansion, powers, Eq(FrobeniusNorm(MatPow(W, s)), SpectralRadius(W) ** s, evaluate=False)
        ),
    },
    uses=("spectra/powers",),
    examples=60,
)
