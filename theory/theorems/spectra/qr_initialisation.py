"""Orthogonal initialisation: Q of a QR factorisation of a Gaussian matrix, and where its eigenvalues lie."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Lt
from sympy.matrices.expressions import Identity

from backproof.theory.language.nodes import SmallestModulus, SpectralRadius
from backproof.theory.language.notation import Q, n
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import CS6180, HIGHAM
from backproof.theory.theorems.spectra._matrices import drawn, initialised_satisfies
from backproof.theory.theorems.spectra._matrices_proof import GRAM_SCHMIDT

on_circle = Eq(SpectralRadius(Q), 1, evaluate=False)


def _says(gram: Any, largest: Any = on_circle) -> Any:
    return And(gram, largest, Eq(SmallestModulus(Q), 1, evaluate=False), evaluate=False)


orthonormal = Eq(Q.T * Q, Identity(n), evaluate=False)

THEOREM = Theorem(
    title="Orthogonal start by QR",
    words="The factor Q of a Gaussian matrix is orthogonal and all its |λ| are 1, up to Householder's rounding.",
    sources=(CS6180.at("orthogonal initialisation"), HIGHAM.at("theorem 19.4")),
    statement=_says(orthonormal),
    instances=drawn,
    check=initialised_satisfies,
    proof=GRAM_SCHMIDT,
    mutants={
        "columns not normalised": _says(Eq(Q.T * Q, n * Identity(n), evaluate=False)),
        "Q for its transpose": _says(Eq(Q * Q, Identity(n), evaluate=False)),
        "columns opposed": _says(Eq(Q.T * Q, -Identity(n), evaluate=False)),
        "eigenvalues inside the circle": _says(orthonormal, Lt(SpectralRadius(Q), 1, evaluate=False)),
    },
    uses=("spectra/orthogonal",),
)
