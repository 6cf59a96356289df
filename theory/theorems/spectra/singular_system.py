"""Eigenvalues are where (A − λI) x = 0 has a solution other than 0, and there the determinant is zero."""

from __future__ import annotations

from typing import Any

from sympy import Eq, MatrixSymbol, Trace, ZeroMatrix
from sympy.matrices.expressions import Determinant, Identity

from backproof.theory.instances.values import Case
from backproof.theory.language.notation import n
from backproof.theory.proving.builders import equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, HORN_JOHNSON
from backproof.theory.theorems.spectra._determinants import A, lamda, says_solution, solved, solves, x

system = A - lamda * Identity(n)
EXAMPLE = [[2, 0], [1, -1]]
"""The example of the CS 6180 notes: determinant −2, eigenvalues 2 and −1."""


def _zero(factor: Any) -> Any:
    return Eq(factor * x, ZeroMatrix(n, 1), evaluate=False)


B = MatrixSymbol("B", n, n)

PROOF = Proof(
    lines=(
        line(
            "adjugate",
            equal(B * system, Determinant(system) * Identity(n)),
            "supposition",
            why="Let B be the adjugate of A − λI: B (A − λI) = det(A − λI) I",
        ),
        line(
            "multiplied",
            _zero(Determinant(system)),
            "linear combination",
            *("solution", "adjugate"),
            factors=((B, 1), (-1, x)),
            why="0 = B ((A − λI) x) = det(A − λI) x",
        ),
        line(
            "zero",
            _zero(Determinant(system)),
            "there is",
            "multiplied",
            fact="adjugate",
            of={"X": system},
            new={"B": B},
            why="Every square matrix has an adjugate",
        ),
    )
)

THEOREM = Theorem(
    title="Singular systems",
    words="If (A − λI) x = 0 then det(A − λI) x = 0: either x = 0, or the determinant is 0.",
    sources=(CS6180.at("orthogonal initialisation, characteristic equation"), HORN_JOHNSON.at("section 1.2")),
    statement=_zero(Determinant(system)),
    instances=solved(),
    proof=PROOF,
    assumptions=(solution := Assumption(name="solution", text="(A − λI) x = 0", holds=solves, says=says_solution),),
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
