"""Orthogonal matrices have all their eigenvalues on the unit circle."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Gt, Lt, Matrix, Rational, eye, simplify, sqrt

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SmallestModulus, SpectralRadius
from backproof.theory.language.notation import Q, n
from backproof.theory.language.relations import parts
from backproof.theory.records.pictures import unit_circle
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, HORN_JOHNSON
from backproof.theory.theorems.spectra._matrices import exactly_orthogonal, moduli_satisfy
from backproof.theory.theorems.spectra._matrices_proof import ORTHOGONAL

HALF_TURN = [[1 / sqrt(2), -1 / sqrt(2)], [-1 / sqrt(2), -1 / sqrt(2)]]
"""The example of the CS 6180 notes: orthonormal columns and characteristic polynomial λ² − 1."""


def _exact(case: Case) -> Matrix:
    return Matrix([[Rational(x) if isinstance(x, float) else x for x in row] for row in case[Q]])


def _orthogonal(case: Case) -> bool:
    matrix = _exact(case)
    return bool((matrix.T * matrix).applyfunc(simplify) == eye(matrix.rows))


def by_radicals(statement: Any, case: Case) -> bool | None:
    """The statement at a matrix of algebraic numbers, from its characteristic polynomial's exact roots."""
    moduli = [simplify(abs(root)) for root in _exact(case).eigenvals()]
    known = {SpectralRadius(Q): max(moduli), SmallestModulus(Q): min(moduli), n: len(case[Q])}
    verdicts = [part.func(part.lhs.xreplace(known), part.rhs.xreplace(known)) for part in parts(statement)]
    return bool(And(*verdicts)) if And(*verdicts) in (True, False) else None


def _moduli(largest: Any, smallest: Any) -> Any:
    return And(largest, smallest, evaluate=False)


on_circle = Eq(SpectralRadius(Q), 1, evaluate=False)

THEOREM = Theorem(
    title="Eigenvalues of orthogonal matrices",
    words="If QᵀQ = I, the largest and the smallest modulus of an eigenvalue are both 1.",
    sources=(CS6180.at("orthogonal initialisation"), HORN_JOHNSON.at("section 2.1, unitary matrices")),
    statement=_moduli(on_circle, Eq(SmallestModulus(Q), 1, evaluate=False)),
    instances=exactly_orthogonal(),
    check=moduli_satisfy,
    proof=ORTHOGONAL,
    decide=by_radicals,
    assumptions=(orthogonal := Assumption(name="orthogonal", text="QᵀQ = I", holds=_orthogonal),),
    without={orthogonal: Case({Q: [[2, 0], [0, 1]]})},
    certified=(Case({Q: HALF_TURN}), Case({Q: [[Rational(3, 5), Rational(-4, 5)], [Rational(4, 5), Rational(3, 5)]]})),
    mutants={
        "inside the circle": _moduli(
            Lt(SpectralRadius(Q), 1, evaluate=False), Lt(SmallestModulus(Q), 1, evaluate=False)
        ),
        "one eigenvalue smaller": _moduli(on_circle, Lt(SmallestModulus(Q), 1, evaluate=False)),
        "one eigenvalue larger": Gt(SpectralRadius(Q), 1, evaluate=False),
        "radius grows with the size": Eq(SpectralRadius(Q), n, evaluate=False),
    },
    pictures=(unit_circle,),
)
