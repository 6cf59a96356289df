"""An eigenvalue's part of W, real or a complex pair: a power multiplies its length by the modulus, to that power.

A complex pair α ± iβ acts on a plane, spanned by the columns of X: W X = X [[α, β], [−β, α]]. With β = 0 both columns
are eigenvectors. α < 0, β = 0 turns the sign at every step.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, MatPow

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Inner
from backproof.theory.language.notation import W, s
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, HORN_JOHNSON, TRAINING_RNNS
from backproof.theory.theorems.spectra._eigenvectors import applied, is_plane, is_turn, planes
from backproof.theory.theorems.spectra._eigenvectors_proof import PLANE, B, X, alpha, beta, size2

carried = MatPow(W, s) * X
length = Inner(carried, carried)


def _says(image: Any, square: Any) -> Any:
    return And(Eq(carried, image, evaluate=False), Eq(length, square * Inner(X, X), evaluate=False), evaluate=False)


one, negative = [[1, 0], [0, 1]], [[-2, 0], [0, -2]]

THEOREM = Theorem(
    title="What a power does to an eigenvalue's part",
    words="Wˢ acts on the part of α ± iβ as the s-th power of [[α, β], [−β, α]], and |λ|ˢ is what it does to lengths.",
    sources=(
        TRAINING_RNNS.at("repeated multiplication by W"),
        CS6180.at("background on eigenvalues"),
        HORN_JOHNSON.at("real matrices with complex eigenvalues"),
    ),
    statement=_says(X * MatPow(B, s), size2**s),
    instances=planes(),
    check=applied,
    proof=PLANE,
    assumptions=(
        invariant := Assumption(name="invariant plane", text="W X = X B", holds=is_plane),
        turn := Assumption(name="one eigenvalue", text="B = [[α, β], [−β, α]]", holds=is_turn),
    ),
    without={
        invariant: Case({W: [[1, 1], [0, 1]], X: one, B: one, alpha: 1, beta: 0, s: 2}),
        turn: Case({W: [[1, 0], [0, 2]], X: one, B: [[1, 0], [0, 2]], alpha: 1, beta: 0, s: 2}),
    },
    certified=(Case({W: negative, X: one, B: negative, alpha: -2, beta: 0, s: 4}),),
    mutants={
        "eigenvalue not raised": _says(X * B, size2**s),
        "real part for the modulus": _says(X * MatPow(B, s), alpha ** (2 * s)),
        "conjugate eigenvalue": _says(X * MatPow(B.T, s), size2**s),
        "modulus to the fourth": _says(X * MatPow(B, s), size2 ** (2 * s)),
    },
    examples=80,
)
