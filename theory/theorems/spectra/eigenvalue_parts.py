"""An eigenvalue's part of W, real or a complex pair: a power multiplies its basis by the modulus, to that power.

The length is that of the basis, its Frobenius norm. One vector of a complex pair's plane may be stretched and shrunk on
the way: by the modulus to that power times at most the condition of the basis.

A complex pair α ± iβ acts on a plane, spanned by the columns of X: W X = X [[α, β], [−β, α]]. With β = 0 both columns
are eigenvectors. α < 0, β = 0 turns the sign at every step.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, MatPow
from sympy.matrices.expressions import Identity

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Inner
from backproof.theory.language.notation import W, s
from backproof.theory.proving.builders import both, equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, HORN_JOHNSON, TRAINING_RNNS
from backproof.theory.theorems.spectra._eigenvectors import (
    B,
    X,
    alpha,
    applied,
    beta,
    is_plane,
    is_turn,
    planes,
    says_plane,
    says_turn,
)

carried = MatPow(W, s) * X
length = Inner(carried, carried)


def _says(image: Any, square: Any) -> Any:
    return And(Eq(carried, image, evaluate=False), Eq(length, square * Inner(X, X), evaluate=False), evaluate=False)


image, turned = X * MatPow(B, s), MatPow(B.T, s)
size2 = alpha**2 + beta**2
both_turns = equal(MatPow(B, s) * turned, size2**s * Identity(2))

PROOF = Proof(
    lines=(
        line("start", equal(W**0 * X, X * B**0), "matrix algebra", why="Base: W⁰ X = X"),
        line("hypothesis", equal(carried, image), "supposition", why="Suppose it for s"),
        line(
            "step",
            equal(MatPow(W, s + 1) * X, X * MatPow(B, s + 1)),
            "linear combination",
            *("hypothesis", "invariant plane"),
            factors=((W, 1), (1, MatPow(B, s))),
            why="W (Wˢ X) = (W X) Bˢ = X B Bˢ",
        ),
        line("image", equal(carried, image), "induction", "start", "step", index=s, why="By induction on s"),
        line(
            "once",
            equal(B * B.T, size2 * Identity(2)),
            "entry by entry",
            "one eigenvalue",
            why="[[α, β], [−β, α]] turns the plane and multiplies lengths by |λ|",
        ),
        line("no turn", equal(B**0 * B.T**0, size2**0 * Identity(2)), "matrix algebra"),
        line("s turns", both_turns, "supposition"),
        line(
            "one more turn",
            equal(MatPow(B, s + 1) * MatPow(B.T, s + 1), size2 ** (s + 1) * Identity(2)),
            "linear combination",
            *("s turns", "once"),
            factors=((B, B.T), (size2**s, 1)),
            why="B (Bˢ Bᵀˢ) Bᵀ = |λ|²ˢ B Bᵀ",
        ),
        line("turns", both_turns, "induction", "no turn", "one more turn", index=s),
        line("length of the image", equal(length, Inner(image * turned, X)), "matrix algebra", "image"),
        line(
            "stretched",
            equal(Inner(image * turned, X), size2**s * Inner(X, X)),
            "matrix algebra",
            "turns",
            why="So ⟨X Bˢ, X Bˢ⟩ = ⟨X Bˢ Bᵀˢ, X⟩ = |λ|²ˢ ⟨X, X⟩",
        ),
        line("length", equal(length, size2**s * Inner(X, X)), "equals for equals", "length of the image", "stretched"),
        both("all", _says(image, size2**s), "image", "length"),
    )
)

one, negative = [[1, 0], [0, 1]], [[-2, 0], [0, -2]]

THEOREM = Theorem(
    title="What a power does to an eigenvalue's part",
    words="Wˢ acts on the part of α ± iβ as the s-th power of [[α, β], [−β, α]], and "
    "multiplies by |λ|ˢ the Frobenius norm of the basis X: of one vector, the length up to the condition of X.",
    sources=(
        TRAINING_RNNS.at("repeated multiplication by W"),
        CS6180.at("background on eigenvalues"),
        HORN_JOHNSON.at("real matrices with complex eigenvalues"),
    ),
    statement=_says(X * MatPow(B, s), size2**s),
    instances=planes(),
    check=applied,
    proof=PROOF,
    assumptions=(
        invariant := Assumption(name="invariant plane", text="W X = X B", holds=is_plane, says=says_plane),
        turn := Assumption(name="one eigenvalue", text="B = [[α, β], [−β, α]]", holds=is_turn, says=says_turn),
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
