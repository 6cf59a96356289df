"""Powers of a diagonalised matrix are powers of its eigenvalues."""

from __future__ import annotations

from typing import Any

from sympy import Eq, MatPow
from sympy.matrices.expressions import Identity

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import diagonalised
from backproof.theory.instances.values import Case
from backproof.theory.language.notation import D, S, S_inv, W, lam, n, s
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HORN_JOHNSON, TRAINING_RNNS
from backproof.theory.theorems.spectra._matrices import powers_satisfy

diagonal = Eq(W, S * D * S_inv, evaluate=False)
inverted = Eq(S * S_inv, Identity(n), evaluate=False)


def _is_diagonalised(case: Case) -> bool:
    return decide(diagonal, case) is True


def _is_inverse(case: Case) -> bool:
    return decide(inverted, case) is True


def _equals(claimed: Any) -> Any:
    return Eq(MatPow(W, s), claimed, evaluate=False)


diagonalisation = Assumption(name="diagonalisation", text="W = S diag(λ) S⁻¹", holds=_is_diagonalised, says=diagonal)
inverse = Assumption(name="inverse", text="S S⁻¹ = I", holds=_is_inverse, says=inverted)
unit = [[1, 0], [0, 1]]
shear = Case({W: [[1, 1], [0, 1]], S: unit, S_inv: unit, lam: [[1], [1]], s: 2})
doubled = Case({W: [[2, 0], [0, 2]], S: [[2, 0], [0, 2]], S_inv: unit, lam: [[1], [1]], s: 2})

statement = _equals(S * MatPow(D, s) * S_inv)

PROOF = Proof(
    lines=(
        line("start", Eq(W**0, S * D**0 * S_inv, evaluate=False), "matrix algebra", "inverse", why="W⁰ = I = S S⁻¹"),
        by_fact(
            "left inverse",
            Eq(S_inv * S, Identity(n), evaluate=False),
            "a one-sided inverse is two-sided",
            "inverse",
            why="For square matrices a right inverse is a left inverse",
            X=S,
            Y=S_inv,
        ),
        line("hypothesis", statement, "supposition", why="Suppose it for s"),
        line(
            "step",
            Eq(MatPow(W, s + 1), S * MatPow(D, s + 1) * S_inv, evaluate=False),
            "matrix algebra",
            "hypothesis",
            "diagonalisation",
            "left inverse",
            why="One more W = S D S⁻¹ on the left, with S⁻¹ S = I in between",
        ),
        line("every power", statement, "induction", "start", "step", index=s, why="By induction on s"),
    )
)

THEOREM = Theorem(
    title="Powers of a diagonalised matrix",
    words="Applying W = S diag(λ) S⁻¹ over s steps applies S diag(λˢ) S⁻¹, for every s from 0 on.",
    sources=(TRAINING_RNNS.at("repeated multiplication by W"), HORN_JOHNSON.at("section 1.3, diagonalisable matrices")),
    statement=statement,
    instances=diagonalised(),
    check=powers_satisfy,
    proof=PROOF,
    assumptions=(diagonalisation, inverse),
    without={diagonalisation: shear, inverse: doubled},
    certified=(Case({W: [[1, 1], [0, 2]], S: [[1, 1], [0, 1]], S_inv: [[1, -1], [0, 1]], lam: [[1], [2]], s: 5}),),
    mutants={
        "inverse on the left": _equals(S_inv * MatPow(D, s) * S),
        "eigenvalues not raised": _equals(S * D * S_inv),
        "one power more": _equals(S * MatPow(D, s + 1) * S_inv),
        "transpose for the inverse": _equals(S * MatPow(D, s) * S.T),
        "everything raised": _equals(MatPow(S, s) * MatPow(D, s) * MatPow(S_inv, s)),
    },
)
