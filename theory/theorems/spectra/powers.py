"""Powers of a diagonalised matrix are powers of its eigenvalues."""

from __future__ import annotations

from typing import Any

from sympy import Eq, MatPow

from backproof.theory.arithmetic import Rationals
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import diagonalised
from backproof.theory.instances.values import Case
from backproof.theory.language.notation import D, S, S_inv, W, lam, s
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HORN_JOHNSON, TRAINING_RNNS
from backproof.theory.theorems.spectra._matrices import powers_satisfy
from backproof.theory.theorems.spectra._matrices_proof import POWERS


def _is_diagonalised(case: Case) -> bool:
    return decide(Eq(W, S * D * S_inv, evaluate=False), case) is True


def _is_inverse(case: Case) -> bool:
    A = Rationals()
    return bool(A.matrix(case[S]) * A.matrix(case[S_inv]) == A.identity(len(case[S])))


def _equals(claimed: Any) -> Any:
    return Eq(MatPow(W, s), claimed, evaluate=False)


diagonalisation = Assumption(name="diagonalisation", text="W = S diag(λ) S⁻¹", holds=_is_diagonalised)
inverse = Assumption(name="inverse", text="S S⁻¹ = I", holds=_is_inverse)
unit = [[1, 0], [0, 1]]
shear = Case({W: [[1, 1], [0, 1]], S: unit, S_inv: unit, lam: [[1], [1]], s: 2})
doubled = Case({W: [[2, 0], [0, 2]], S: [[2, 0], [0, 2]], S_inv: unit, lam: [[1], [1]], s: 2})

THEOREM = Theorem(
    title="Powers of a diagonalised matrix",
    words="Applying W = S diag(λ) S⁻¹ over s steps applies S diag(λˢ) S⁻¹, for every s from 0 on.",
    sources=(TRAINING_RNNS.at("repeated multiplication by W"), HORN_JOHNSON.at("section 1.3, diagonalisable matrices")),
    statement=_equals(S * MatPow(D, s) * S_inv),
    instances=diagonalised(),
    check=powers_satisfy,
    proof=POWERS,
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
