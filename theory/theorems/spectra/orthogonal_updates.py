"""Cayley and exponential steps keep Q orthogonal; a plain step leaves at first order, a tangent one at second."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, ZeroMatrix

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import MatrixExponential
from backproof.theory.language.notation import Q, n
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HELFRICH
from backproof.theory.theorems.spectra._updates import (
    UPDATES,
    A,
    G,
    M,
    completed,
    eta,
    is_inverse,
    is_orthogonal,
    one,
    steps,
    tangent_departure,
    updates_satisfy,
)

half = eta / 2 * A
first, second = eta * (Q.T * G + G.T * Q), eta**2 * G.T * G


def _gram(X: Any) -> Any:
    return X.T * X


def _says(numerator: Any = one - half, generator: Any = -eta * A, departure: Any = second - first) -> Any:
    cayley, rotated = M * numerator * Q, MatrixExponential(generator) * Q
    plain, tangent = Q - eta * G, Q - eta * A * Q
    return And(
        Eq(_gram(cayley), one, evaluate=False),
        Eq(_gram(rotated), one, evaluate=False),
        Eq(_gram(plain) - one, departure, evaluate=False),
        Eq(_gram(tangent) - one, tangent_departure, evaluate=False),
        evaluate=False,
    )


upper = [[0, 1], [0, 0]]

THEOREM = Theorem(
    title="Updates that stay orthogonal",
    words="Cayley and exponential steps keep QᵀQ = I; a plain step misses it by O(η), along a tangent by O(η²).",
    sources=(HELFRICH.at("Cayley transform"),),
    statement=_says(),
    instances=steps(),
    check=updates_satisfy,
    proof=UPDATES,
    assumptions=(
        orthogonal := Assumption(name="orthogonal", text="QᵀQ = I", holds=is_orthogonal),
        inverse := Assumption(name="inverse", text="M (I + ½ηA) = I with A = GQᵀ − QGᵀ", holds=is_inverse),
    ),
    without={
        orthogonal: completed([[2, 0], [0, 2]], upper, 1.0),
        inverse: Case({Q: [[1, 0], [0, 1]], G: upper, eta: 1.0, M: [[1, 0], [0, 1]]}),
    },
    ledger=("F11",),
    mutants={
        "numerator with the whole step": _says(numerator=one - eta * A),
        "gradient not made skew": _says(generator=-eta * G * Q.T),
        "symmetric part for skew": _says(numerator=one - eta / 2 * (G * Q.T + Q * G.T)),
        "a plain step stays orthogonal": _says(departure=ZeroMatrix(n, n)),
        "a plain step leaves at second order": _says(departure=second),
        "the first order alone": _says(departure=-first),
    },
    examples=100,
)
