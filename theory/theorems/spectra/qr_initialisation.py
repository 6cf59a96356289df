"""Orthogonal initialisation: Q of a QR factorisation of a Gaussian matrix, and where its eigenvalues lie."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Lt, MatrixSymbol
from sympy.matrices.expressions import Identity

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SmallestModulus, SpectralRadius
from backproof.theory.language.notation import A, Q, R, n
from backproof.theory.proving.builders import both, equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, HIGHAM
from backproof.theory.theorems.spectra._matrices import Drawn, drawn, initialised_satisfies
from backproof.theory.theorems.spectra.orthogonal import THEOREM as ORTHOGONAL

on_circle = Eq(SpectralRadius(Q), 1, evaluate=False)


def _says(gram: Any, largest: Any = on_circle) -> Any:
    return And(gram, largest, Eq(SmallestModulus(Q), 1, evaluate=False), evaluate=False)


def _holds(says: Any) -> Any:
    """A draw has it but for an event of probability 0, by what a QR factorisation is; a case is decided."""
    return lambda instance: isinstance(instance, Drawn) or decide(says, instance) is True


orthonormal = equal(Q.T * Q, Identity(n))
R_inv = MatrixSymbol("R^{-1}", n, n)
factored, gram, inverted = equal(Q * R, A), equal(A.T * A, R.T * R), equal(R * R_inv, Identity(n))
one, two, zero = [[1, 0], [0, 1]], [[2, 0], [0, 2]], [[0, 0], [0, 0]]

PROOF = Proof(
    lines=(
        line(
            "Q",
            equal(Q, A * R_inv),
            "linear combination",
            *("factorisation", "full rank"),
            factors=((1, R_inv), (-Q, 1)),
            why="Q = (Q R) R⁻¹ = A R⁻¹",
        ),
        line(
            "orthonormal",
            orthonormal,
            "matrix algebra",
            *("Q", "triangle", "full rank"),
            why="QᵀQ = R⁻ᵀ AᵀA R⁻¹ = R⁻ᵀ RᵀR R⁻¹ = I",
        ),
        line("moduli", ORTHOGONAL.statement, "theorem", "orthonormal", id="spectra/orthogonal"),
        both("all", _says(orthonormal), "orthonormal", "moduli"),
    )
)

THEOREM = Theorem(
    title="Orthogonal start by QR",
    words="The factor Q of a Gaussian matrix is orthogonal and all its |λ| are 1, up to Householder's rounding.",
    sources=(CS6180.at("orthogonal initialisation"), HIGHAM.at("theorem 19.4")),
    statement=_says(orthonormal),
    instances=drawn,
    check=initialised_satisfies,
    proof=PROOF,
    assumptions=(
        factorisation := Assumption(name="factorisation", text="Q R = A", holds=_holds(factored), says=factored),
        triangle := Assumption(name="triangle", text="RᵀR = AᵀA", holds=_holds(gram), says=gram),
        full := Assumption(name="full rank", text="R R⁻¹ = I", holds=_holds(inverted), says=inverted),
    ),
    without={
        factorisation: Case({Q: two, A: one, R: one, R_inv: one}),
        triangle: Case({Q: two, A: two, R: one, R_inv: one}),
        full: Case({Q: two, A: zero, R: zero, R_inv: zero}),
    },
    mutants={
        "columns not normalised": _says(Eq(Q.T * Q, n * Identity(n), evaluate=False)),
        "Q for its transpose": _says(Eq(Q * Q, Identity(n), evaluate=False)),
        "columns opposed": _says(Eq(Q.T * Q, -Identity(n), evaluate=False)),
        "eigenvalues inside the circle": _says(orthonormal, Lt(SpectralRadius(Q), 1, evaluate=False)),
    },
)
