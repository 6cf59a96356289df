"""Orthogonal blocks side by side are no orthogonal kernel: all singular values of k of them are √k."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq
from sympy.matrices.expressions import Identity

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Inner
from backproof.theory.language.notation import n, v
from backproof.theory.proving.builders import equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HIGHAM, HORN_JOHNSON
from backproof.theory.theorems.spectra._stacked import (
    BLOCKS,
    Kernel,
    entries,
    kernel_satisfies,
    kernels,
    one_by_one,
    squares,
)

length = Inner(v, v)
one, double = [[1, 0], [0, 1]], [[2, 0], [0, 2]]
column = {v: [[3], [4]]}


def _orthogonal(W: Any) -> Assumption:
    says = Eq(W * W.T, Identity(n), evaluate=False)
    return Assumption(
        name=f"{W} orthogonal",
        text=f"{W} {W}ᵀ = I",
        holds=lambda instance: isinstance(instance, Kernel) or decide(says, instance) is True,
        says=says,
    )


def _says(total: Any, all_entries: Any) -> Any:
    return And(equal(squares(), total), equal(entries(), all_entries), evaluate=False)


statement = _says(4 * length, 4 * n)
orthogonal = {W: _orthogonal(W) for W in BLOCKS}
names = tuple(assumption.name for assumption in orthogonal.values())

PROOF = Proof(
    lines=(
        line("lengths", equal(squares(), 4 * length), "matrix algebra", *names, why="Each W_jᵀ keeps the length of v"),
        line("squares", equal(entries(), 4 * n), "matrix algebra", *names, why="tr W_j W_jᵀ = n for each"),
        line("all", statement, "together", "lengths", "squares"),
    )
)

THEOREM = Theorem(
    title="Orthogonal blocks side by side",
    words="With each of four blocks W_j orthogonal, the transposed (n, 4n) kernel makes every length twice as long: "
    "all its singular values are 2, the root of the number of blocks, and not 1.",
    sources=(HORN_JOHNSON.at("section 7.3, singular values"), HIGHAM.at("theorem 19.4")),
    statement=statement,
    instances=kernels,
    check=kernel_satisfies(one_by_one, 2.0),
    proof=PROOF,
    assumptions=tuple(orthogonal.values()),
    without={
        assumption: Case({**dict.fromkeys(BLOCKS, one), W: double, **column}) for W, assumption in orthogonal.items()
    },
    certified=(Case({**dict.fromkeys(BLOCKS, one), BLOCKS[1]: [[0, -1], [1, 0]], **column}),),
    mutants={
        "lengths kept": _says(length, 4 * n),
        "singular values of 4": _says(16 * length, 4 * n),
        "n squares in all": _says(4 * length, n),
    },
    examples=60,
)
