"""Eigenvalues are where (A − λI) x = 0 has a solution other than 0, and there the determinant is zero."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Trace, ZeroMatrix
from sympy.matrices.expressions import Determinant, Identity

from backproof.theory.instances.values import Case
from backproof.theory.language.notation import n
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, HORN_JOHNSON
from backproof.theory.theorems.spectra._determinants import solved, solves
from backproof.theory.theorems.spectra._determinants_proof import ADJUGATES, A, lamda, x

system = A - lamda * Identity(n)
EXAMPLE = [[2, 0], [1, -1]]
"""The example of the CS 6180 notes: determinant −2, eigenvalues 2 and −1."""


def _zero(factor: Any) -> Any:
    return Eq(factor * x, ZeroMatrix(n, 1), evaluate=False)


THEOREM = Theorem(
    title="Singular systems",
    words="If (A − λI) x = 0 then det(A − λI) x = 0: either x = 0, or the determinant is 0.",
    sources=(CS6180.at("orthogonal initialisation, characteristic equation"), HORN_JOHNSON.at("section 1.2")),
    statement=_zero(Determinant(system)),
    instances=solved(),
    proof=ADJUGATES,
    assumptions=(solution := Assumption(name="solution", text="(A − λI) x = 0", holds=solves),),
    without={solution: Case({A: EXAMPLE, lamda: 0, x: [[1], [1]]})},
    certified=(
        Case({A: EXAMPLE, lamda: 0, x: [[0], [0]]}),
        Case({A: EXAMPLE, lamda: 2, x: [[3], [1]]}),
        Case({A: EXAMPLE, lamda: -1, x: [[0], [1]]}),
    ),
    mutants={
        "the determinant of A": _zero(Determinant(A)),
        "no determinant": _zero(1),
        "the trace": _zero(Trace(system)),
        "the sign of λ": _zero(Determinant(A + lamda * Identity(n))),
    },
)
