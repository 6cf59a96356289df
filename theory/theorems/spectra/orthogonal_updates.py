"""Cayley and exponential steps keep Q orthogonal; a plain step leaves at first order, a tangent one at second."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, ZeroMatrix

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import MatrixExponential
from backproof.theory.language.notation import Q, n
from backproof.theory.proving.builders import both, by_fact, equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HELFRICH
from backproof.theory.theorems.spectra._updates import (
    A,
    G,
    K,
    M,
    completed,
    eta,
    is_inverse,
    is_orthogonal,
    one,
    says_inverse,
    says_orthogonal,
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


exponential, inverse_exponential = MatrixExponential(-eta * A), MatrixExponential(eta * A)
cayley, rotated = M * (one - half) * Q, exponential * Q

PROOF = Proof(
    lines=(
        by_fact("other side", equal(K * M, one), "a one-sided inverse is two-sided", "inverse", X=M, Y=K),
        line("other side, transposed", equal(M.T * K.T, one), "transposed", "other side"),
        line(
            "commuting",
            equal(M * K.T, K.T * M),
            "linear combination",
            *("other side", "inverse"),
            factors=((-M * K.T, 1), (1, K.T * M)),
            why="K = I + ½ηA and Kᵀ = I − ½ηA commute, so M Kᵀ = M Kᵀ K M = M K Kᵀ M = Kᵀ M",
        ),
        line(
            "Cayley",
            equal(_gram(cayley), one),
            "linear combination",
            *("commuting", "other side, transposed", "other side", "orthogonal"),
            factors=((Q.T * K * M.T, Q), (Q.T * K, M * Q), (Q.T, Q), (1, 1)),
            why="With X = M Kᵀ Q: XᵀX = Qᵀ K Mᵀ (Kᵀ M) Q = Qᵀ K M Q = QᵀQ",
        ),
        by_fact(
            "turned",
            equal(exponential.T, MatrixExponential((-eta * A).T)),
            "exponential of a transpose",
            X=-eta * A,
        ),
        by_fact("undone", equal(inverse_exponential * exponential, one), "inverse of an exponential", X=-eta * A),
        line(
            "rotation",
            equal(_gram(rotated), one),
            "matrix algebra",
            *("undone", "turned", "orthogonal"),
            why="A is skew-symmetric, so exp(−ηA)ᵀ exp(−ηA) = exp(ηA) exp(−ηA) = I",
        ),
        line("plain", equal(_gram(Q - eta * G) - one, second - first), "matrix algebra", "orthogonal"),
        line(
            "tangent",
            equal(_gram(Q - eta * A * Q) - one, tangent_departure),
            "matrix algebra",
            "orthogonal",
            why="What is of first order cancels, as A is skew-symmetric",
        ),
        both("all", _says(), "Cayley", "rotation", "plain", "tangent"),
    )
)

upper = [[0, 1], [0, 0]]

THEOREM = Theorem(
    title="Updates that stay orthogonal",
    words="Cayley and exponential steps keep QᵀQ = I; a plain step misses it by O(η), along a tangent by O(η²).",
    sources=(HELFRICH.at("Cayley transform"),),
    statement=_says(),
    instances=steps(),
    check=updates_satisfy,
    proof=PROOF,
    assumptions=(
        orthogonal := Assumption(name="orthogonal", text="QᵀQ = I", holds=is_orthogonal, says=says_orthogonal),
        inverse := Assumption(
            name="inverse", text="M (I + ½ηA) = I with A = GQᵀ − QGᵀ", holds=is_inverse, says=says_inverse
        ),
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
