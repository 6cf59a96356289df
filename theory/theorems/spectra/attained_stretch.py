"""The most by which a matrix stretches a vector is reached: by every right singular vector of its largest value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import fmpq_mat, fmpq_poly
from hypothesis import strategies as st
from sympy import Eq, MatrixSymbol

from backproof.theory.arithmetic import Balls, Rationals, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.strategies import arrays, signed_permutations
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import (
    EuclideanNorm,
    Inner,
    LargestEntry,
    SmallestSingularValue,
    SpectralNorm,
    SpectralRadius,
)
from backproof.theory.language.notation import A, n
from backproof.theory.proving.builders import equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HORN_JOHNSON, SLIDES
from backproof.theory.theorems.spectra._matrices import NORM, orthogonality_bound

u = MatrixSymbol("u", n, 1)


def _reaches(factor: Any) -> Any:
    return Eq(EuclideanNorm(A * u), factor * EuclideanNorm(u), evaluate=False)


def is_first(case: Case) -> bool:
    """Whether AᵀA u is the largest eigenvalue of AᵀA times u, in rationals.

    That eigenvalue is μ = ‖A u‖²/‖u‖². No other is larger if the characteristic polynomial, whose roots are all real,
    has no positive root when it is shifted by μ: by Descartes' rule, if no coefficient is negative.
    """
    exact = Rationals()
    whole, vector = exact.matrix(case[A]), exact.matrix(case[u])
    gram = exact.transpose(whole) * whole
    length = (exact.transpose(vector) * vector)[0, 0]
    if length == 0:
        return True
    mu = (exact.transpose(vector) * gram * vector)[0, 0] / length
    return bool(gram * vector == vector * fmpq_mat(1, 1, [mu])) and _none_beyond(gram, mu)


def _none_beyond(gram: Any, mu: Any) -> bool:
    shifted = gram.charpoly()(fmpq_poly([mu, 1]))
    return all(coefficient >= 0 for coefficient in shifted.coeffs())


@st.composite
def stretched_most(draw: Any) -> Case:
    """A = P diag(d) Rᵀ with P and R orthogonal, and a multiple of the column of R that goes with the largest |d_i|."""
    size = draw(st.sampled_from([1, 2, 3, 4]))
    left, right = draw(signed_permutations(size)), draw(signed_permutations(size))
    if size == 4:
        right = right @ np.kron([[1, 1], [1, -1]], [[1, 1], [1, -1]]) / 2
    values = draw(arrays(size, 1))[:, 0]
    first = right[:, [int(np.argmax(np.abs(values)))]]
    return Case({A: left @ np.diag(values) @ right.T, u: first * draw(st.sampled_from([1.0, -2.0, 0.5]))})


@reads(Eq)
def reached(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The statement with ‖A‖₂ as the subject computes it, whose error is that of the reduction to two diagonals."""
    (environment,) = case.environments(Balls(), statement)
    got = float(offered(subject, "spectral_norm")(np.asarray(case[A], dtype=np.float64)))
    relative = 2 * orthogonality_bound(len(case[A]), Roundoff.of(np.float64).unit) * float(np.sqrt(len(case[A])))
    with precision(BITS):
        environment[NORM] = Balls().number(got)
        left, right = (
            evaluate(side.xreplace({SpectralNorm(A): NORM}), Balls(), environment)
            for side in (statement.lhs, statement.rhs)
        )
        yield agree("‖Au‖", [[float(right)]], Balls().matrix([[left]]), np.array([[relative * float(left)]]))


says_first = equal(A.T * A * u, SpectralNorm(A) ** 2 * u)
first = Assumption(name="first singular vector", text="AᵀA u = ‖A‖₂² u", holds=is_first, says=says_first)
statement = _reaches(SpectralNorm(A))

PROOF = Proof(
    lines=(
        line(
            "square",
            equal(Inner(A * u, A * u), SpectralNorm(A) ** 2 * Inner(u, u)),
            "matrix algebra",
            first.name,
            why="‖A u‖² = ⟨AᵀA u, u⟩ = ‖A‖₂² ⟨u, u⟩",
        ),
        line("most", statement, "real arithmetic", "square", why="Both roots are ≥ 0"),
    )
)

THEOREM = Theorem(
    title="The most is reached",
    words="A right singular vector that goes with the largest singular value is stretched by just that much.",
    sources=(SLIDES.at("spectral norm"), HORN_JOHNSON.at("section 5.6, the spectral norm")),
    statement=statement,
    instances=stretched_most(),
    check=reached,
    proof=PROOF,
    assumptions=(first,),
    without={first: Case({A: [[2, 0], [0, 1]], u: [[0], [1]]})},
    mutants={
        "the smallest singular value": _reaches(SmallestSingularValue(A)),
        "the spectral radius": _reaches(SpectralRadius(A)),
        "the largest entry": _reaches(LargestEntry(A)),
        "its square": _reaches(SpectralNorm(A) ** 2),
    },
    examples=80,
)
