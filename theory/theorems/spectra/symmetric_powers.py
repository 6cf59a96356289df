"""A symmetric W in its orthonormal eigenvectors: powers of eigenvalues on components, and no transient growth."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, MatPow
from sympy.matrices.expressions import Identity

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import FrobeniusNorm, LargestEntry, SpectralNorm, SpectralRadius
from backproof.theory.language.notation import D, Q, S, S_inv, W, lam, n, s, v
from backproof.theory.proving.builders import both, by_fact, equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import FYS5429, HORN_JOHNSON
from backproof.theory.theorems.spectra._eigenvectors import (
    applied,
    is_orthogonal,
    is_spectral,
    says_orthogonal,
    says_spectral,
    symmetric_cases,
)

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

largest = LargestEntry(lam)

PROOF = Proof(
    lines=(
        by_fact(
            "both sides",
            equal(Q * Q.T, Identity(n)),
            "a one-sided inverse is two-sided",
            "orthonormal eigenvectors",
            X=Q.T,
            Y=Q,
        ),
        line(
            "expansion",
            expansion,
            "matrix algebra",
            "both sides",
            why="Q Qᵀ = I: every vector is the sum of its components along the columns",
        ),
        line(
            "power",
            equal(MatPow(W, s), Q * MatPow(D, s) * Q.T),
            "theorem",
            *("spectral decomposition", "both sides"),
            id="spectra/powers",
            at={S: Q, S_inv: Q.T},
            why="Powers of a diagonalised matrix, with S = Q and S⁻¹ = Qᵀ",
        ),
        line("components", powers, "matrix algebra", "power"),
        by_fact(
            "without Q",
            equal(SpectralNorm(Q * (MatPow(D, s) * Q.T)), SpectralNorm(MatPow(D, s) * Q.T)),
            "norm after an isometry",
            "orthonormal eigenvectors",
            X=Q,
            Y=MatPow(D, s) * Q.T,
        ),
        by_fact(
            "turned",
            equal(SpectralNorm((Q * MatPow(D, s)).T), SpectralNorm(Q * MatPow(D, s))),
            "norm of a transpose",
            X=Q * MatPow(D, s),
        ),
        by_fact(
            "without Q again",
            equal(SpectralNorm(Q * MatPow(D, s)), SpectralNorm(MatPow(D, s))),
            "norm after an isometry",
            "orthonormal eigenvectors",
            X=Q,
            Y=MatPow(D, s),
        ),
        by_fact(
            "norm of the diagonal",
            equal(SpectralNorm(MatPow(D, s)), largest**s),
            "norm of a power of a diagonal",
            d=lam,
            s=s,
        ),
        line(
            "norm of the product",
            equal(SpectralNorm(Q * MatPow(D, s) * Q.T), largest**s),
            "real arithmetic",
            *("without Q", "turned", "without Q again", "norm of the diagonal"),
            why="Q and Qᵀ keep lengths, so ‖Q Dˢ Qᵀ‖ = ‖Dˢ‖ = max |λ_i|ˢ",
        ),
        by_fact(
            "similar",
            equal(SpectralRadius(Q * D * Q.T), SpectralRadius(D)),
            "spectral radius of similar matrices",
            "both sides",
            X=Q,
            Y=Q.T,
            Z=D,
        ),
        by_fact("radius of the diagonal", equal(SpectralRadius(D), largest), "spectral radius of a diagonal", d=lam),
        line(
            "radius",
            equal(SpectralRadius(W), largest),
            "equals for equals",
            *("spectral decomposition", "radius of the diagonal", "similar"),
            why="ρ(W) = ρ(D) = max |λ_i|",
        ),
        line("norm", norm, "equals for equals", "power", "radius", "norm of the product"),
        both("all", _says(expansion, powers, norm), "expansion", "components", "norm"),
    )
)

THEOREM = Theorem(
    title="Powers of a symmetric matrix",
    words="With W = Q diag(λ) Qᵀ, components α = Qᵀ v along the columns are multiplied by λ_iˢ, and ‖Wˢ‖ = ρ(W)ˢ.",
    sources=(FYS5429.at("powers of a diagonalised W"), HORN_JOHNSON.at("section 2.5, the spectral theorem")),
    statement=_says(expansion, powers, norm),
    instances=symmetric_cases(),
    check=applied,
    proof=PROOF,
    assumptions=(
        spectral := Assumption(
            name="spectral decomposition", text="W = Q diag(λ) Qᵀ", holds=is_spectral, says=says_spectral
        ),
        orthogonal := Assumption(
            name="orthonormal eigenvectors", text="QᵀQ = I", holds=is_orthogonal, says=says_orthogonal
        ),
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
    examples=60,
)
