"""An orthogonal start of a stacked kernel makes its rows orthonormal, and none of its square blocks orthogonal."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Le, Rational
from sympy.matrices.expressions import Identity

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import EuclideanNorm, Inner
from backproof.theory.language.notation import n, v
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HIGHAM, SAXE
from backproof.theory.theorems.spectra._stacked import (
    BLOCKS,
    Kernel,
    at_once,
    entries,
    kernel_satisfies,
    kernels,
    squares,
)

first, *others = BLOCKS
length, of_first = Inner(v, v), Inner(first.T * v, first.T * v)
grams = Identity(n)
for W in others:
    grams = grams - W * W.T
rows = Eq(first * first.T, grams, evaluate=False)
orthonormal = Assumption(
    name="orthonormal rows",
    text="Σ_j W_j W_jᵀ = I",
    holds=lambda instance: isinstance(instance, Kernel) or decide(rows, instance) is True,
    says=rows,
)


def _says(total: Any = length, most: Any = length, all_entries: Any = n) -> Any:
    return And(_keeps(total), _at_most(most), _sums_to(all_entries), evaluate=False)


def _keeps(total: Any) -> Any:
    return Eq(squares(), total, evaluate=False)


def _at_most(most: Any) -> Any:
    return Le(of_first, most, evaluate=False)


def _sums_to(total: Any) -> Any:
    return Eq(entries(), total, evaluate=False)


def _from_zero(W: Any) -> Line:
    return line(f"length by {W}", Ge(EuclideanNorm(W.T * v), 0, evaluate=False), "real arithmetic")


PROOF = Proof(
    lines=(
        line("kept", _keeps(length), "matrix algebra", orthonormal.name, why="vᵀ Σ_j W_j W_jᵀ v = vᵀ v"),
        *map(_from_zero, others),
        line(
            "at most",
            _at_most(length),
            "real arithmetic",
            "kept",
            *(f"length by {W}" for W in others),
            why="The other squares are not negative",
        ),
        line("entries", _sums_to(n), "matrix algebra", orthonormal.name, why="tr Σ_j W_j W_jᵀ = tr I = n"),
        line("all", _says(), "together", "kept", "at most", "entries"),
    )
)

one, zero = [[1, 0], [0, 1]], [[0, 0], [0, 0]]
half = [[0.5, 0], [0, 0.5]]
column = {v: [[3], [4]]}

THEOREM = Theorem(
    title="Orthogonal start of a stacked kernel",
    words="With four gates side by side in an (n, 4n) kernel whose rows are orthonormal, the transposed kernel keeps "
    "every length and no block stretches one. All squared entries add up to n, and those of an orthogonal block alone "
    "would: so if one block is orthogonal, the others are 0.",
    sources=(SAXE.at("random orthogonal initial conditions"), HIGHAM.at("theorem 19.4")),
    statement=_says(),
    instances=kernels,
    check=kernel_satisfies(at_once, 1.0),
    proof=PROOF,
    assumptions=(orthonormal,),
    without={orthonormal: Case({**dict.fromkeys(BLOCKS, one), **column})},
    certified=(
        Case({**dict.fromkeys(BLOCKS, half), **column}),
        Case({**dict.fromkeys(BLOCKS, zero), first: one, **column}),
    ),
    mutants={
        "every block orthogonal": _says(4 * length, length, 4 * n),
        "one block keeps every length": _says(most=length * Rational(1, 2)),
        "norms of blocks at most a half": _says(most=length / 4),
        "one entry of size 1 in each block": _says(all_entries=4),
        "the first block left out": And(Eq(squares(others), length, evaluate=False), _sums_to(n), evaluate=False),
        "each block with n squares": And(_keeps(length), Eq(entries((first,)), n, evaluate=False), evaluate=False),
    },
    examples=100,
)
