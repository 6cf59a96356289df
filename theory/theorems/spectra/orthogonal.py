"""Orthogonal matrices have all their eigenvalues on the unit circle."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Gt, Lt, Matrix, MatrixSymbol, Rational, Symbol, eye, simplify, sqrt
from sympy.matrices.expressions import Identity

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Inner, SmallestModulus, SpectralRadius
from backproof.theory.language.notation import Q, n
from backproof.theory.language.relations import parts
from backproof.theory.proving.builders import equal
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.pictures import unit_circle
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, HORN_JOHNSON
from backproof.theory.theorems.spectra._matrices import exactly_orthogonal, moduli_satisfy

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


on_circle = equal(SpectralRadius(Q), 1)
orthonormal = equal(Q.T * Q, Identity(n))
al, be = Symbol("alpha", real=True), Symbol("beta", real=True)
x, y = MatrixSymbol("x", n, 1), MatrixSymbol("y", n, 1)
length, image = Inner(x, x) + Inner(y, y), Inner(Q * x, Q * x) + Inner(Q * y, Q * y)


def _every(name: str, measure: Any) -> tuple[Line, Line]:
    """A modulus measured over all the eigenvalues is 1, since that of an arbitrary one is."""
    given = {"of": Q, "real": al, "imaginary": be, "x": x, "y": y}
    squared = line(f"{name}, squared", equal(measure**2, 1), "every eigenvalue", "modulus", **given)
    return squared, line(name, equal(measure, 1), "real arithmetic", squared.name, why="It is not negative")


PROOF = Proof(
    lines=(
        line(
            "real part",
            equal(Q * x, al * x - be * y),
            "supposition",
            why="Let Q(x + iy) = (α + iβ)(x + iy): here is the real part",
        ),
        line("imaginary part", equal(Q * y, be * x + al * y), "supposition", why="and here the imaginary part"),
        line("not zero", Gt(length, 0, evaluate=False), "supposition", why="of an eigenvector, which is not zero"),
        line("kept", equal(image, length), "matrix algebra", "orthogonal", why="QᵀQ = I keeps its length"),
        line(
            "stretched",
            equal(image, (al**2 + be**2) * length),
            "matrix algebra",
            "real part",
            "imaginary part",
            why="which the eigenvalue multiplies by |λ|",
        ),
        line("modulus", equal(al**2 + be**2, 1), "real arithmetic", "kept", "stretched", "not zero", why="So |λ|² = 1"),
        *_every("largest modulus", SpectralRadius(Q)),
        *_every("smallest modulus", SmallestModulus(Q)),
        line(
            "both",
            And(on_circle, equal(SmallestModulus(Q), 1), evaluate=False),
            "together",
            "largest modulus",
            "smallest modulus",
        ),
    )
)

THEOREM = Theorem(
    title="Eigenvalues of orthogonal matrices",
    words="If QᵀQ = I, the largest and the smallest modulus of an eigenvalue are both 1.",
    sources=(CS6180.at("orthogonal initialisation"), HORN_JOHNSON.at("section 2.1, unitary matrices")),
    statement=_moduli(on_circle, Eq(SmallestModulus(Q), 1, evaluate=False)),
    instances=exactly_orthogonal(),
    check=moduli_satisfy,
    proof=PROOF,
    decide=by_radicals,
    assumptions=(orthogonal := Assumption(name="orthogonal", text="QᵀQ = I", holds=_orthogonal, says=orthonormal),),
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
