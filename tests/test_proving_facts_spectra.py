"""Facts on spectra: each is tried at exact instances, and each mutated one is refuted."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sympy import (
    Eq,
    Le,
    Matrix,
    MatrixSymbol,
    Rational,
    Symbol,
)
from sympy.matrices.expressions import Identity, MatPow
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import (
    EuclideanNorm,
    FrobeniusNorm,
    LargestEntry,
    MatrixExponential,
    SpectralNorm,
    SpectralRadius,
)
from backproof.theory.language.notation import n, s, v
from backproof.theory.proving.facts import FACTS
from backproof.theory.proving.facts.existence import EXISTENCE
from backproof.theory.records import derivations

assert derivations.REGISTERED  # importing it enters the rules

X, Y, Z, B, P = (MatrixSymbol(name, n, n) for name in "XYZBP")
d, x, y = (MatrixSymbol(name, n, 1) for name in ("d", "x", "y"))
a, b, q, al, be = (Symbol(name, real=True) for name in ("a", "b", "q", "alpha", "beta"))


e = Symbol("e", integer=True)
i, j = (Symbol(name, integer=True, positive=True) for name in "ij")
M, D = Symbol("M", positive=True), DiagMatrix(d)

OF: dict[str, dict[str, Any]] = {
    "length after a diagonal": {"d": d, "v": v},
    "norm of a power of a diagonal": {"d": d, "s": s},
    "spectral radius of a diagonal": {"d": d},
    "spectral radius of similar matrices": {"X": X, "Y": Y, "Z": Z},
    "exponential of a transpose": {"X": X},
    "inverse of an exponential": {"X": X},
    "one power more": {"q": q, "e": e},
    "power of a product": {"a": a, "b": b, "s": s},
}

MUTATED = {
    "length after a diagonal": Le(EuclideanNorm(D * v), LargestEntry(d) * EuclideanNorm(v) / 2, evaluate=False),
    "norm of a power of a diagonal": Eq(SpectralNorm(MatPow(D, s)), LargestEntry(d) ** (s + 1), evaluate=False),
    "spectral radius of a diagonal": Eq(SpectralRadius(D), FrobeniusNorm(d), evaluate=False),
    "exponential of a transpose": Eq(MatrixExponential(X).T, MatrixExponential(X), evaluate=False),
    "inverse of an exponential": Eq(MatrixExponential(X) * MatrixExponential(X), Identity(n), evaluate=False),
    "one power more": Eq(q * q**e, q ** (e + 2), evaluate=False),
    "power of a product": Eq((a * b) ** s, a**s * b, evaluate=False),
}


def _matrix(rng: np.random.Generator, size: int) -> Any:
    """Small integers and halves: full, zero, triangular (nilpotent or with one eigenvalue), symmetric, of rank one."""
    whole = rng.integers(-2, 3, (size, size)) / rng.choice([1, 2])
    kind = rng.integers(6)
    shift = np.eye(size) * rng.integers(-1, 2)
    kinds = (whole, 0 * whole, np.triu(whole, 1) + shift, whole + whole.T, np.outer(whole[0], whole[-1]), whole)
    return kinds[kind]


def _case(rng: np.random.Generator, similar: bool) -> Case:
    size = int(rng.integers(1, 4))
    values = {symbol: _matrix(rng, size) for symbol in (X, Y, Z)}
    if similar:  # integers with determinant 1, and the inverse
        basis = np.tril(rng.integers(-2, 3, (size, size)), -1) + np.eye(size)
        basis = basis @ (np.triu(rng.integers(-2, 3, (size, size)), 1) + np.eye(size))
        values |= {X: basis, Y: np.rint(np.linalg.inv(basis))}
    columns = {symbol: rng.integers(-2, 3, (size, 1)) / 2 for symbol in (d, v)}
    numbers = {symbol: float(rng.integers(-3, 4)) / 2 for symbol in (a, b, q)}
    return Case({**values, **columns, **numbers, s: int(rng.integers(0, 5)), e: int(rng.integers(-4, 5))})


def _cases(name: str) -> list[Case]:
    rng = np.random.default_rng(7)
    return [_case(rng, similar="similar" in name) for _ in range(200)]


@pytest.mark.parametrize("name", OF)
def test_fact_is_not_refuted(name: str) -> None:
    """Wherever the hypotheses certainly hold, the conclusion does not certainly fail."""
    hypotheses, conclusion = FACTS[name].build(**OF[name])
    met = [case for case in _cases(name) if all(decide(says, case) is True for says in hypotheses)]
    assert len(met) >= 100
    assert not [case for case in met if decide(conclusion, case) is False]


@pytest.mark.parametrize("name", MUTATED)
def test_mutated_fact_is_refuted(name: str) -> None:
    """The instances tell a wrong fact from the right one."""
    hypotheses, _ = FACTS[name].build(**OF[name])
    met = (case for case in _cases(name) if all(decide(says, case) is True for says in hypotheses))
    assert any(decide(MUTATED[name], case) is False for case in met)


def test_similarity_needs_the_inverse() -> None:
    """Without its hypothesis the fact fails."""
    _, conclusion = FACTS["spectral radius of similar matrices"].build(X=X, Y=Y, Z=Z)
    rng = np.random.default_rng(7)
    assert any(decide(conclusion, _case(rng, similar=False)) is False for _ in range(50))


def test_adjugate_exists() -> None:
    """SymPy's adjugate has what is promised, at singular matrices as well."""
    rng = np.random.default_rng(7)
    _, (promised,) = EXISTENCE["adjugate"].build(X=X, B=B)
    for _ in range(200):
        rows = Matrix([[Rational(str(entry)) for entry in row] for row in _matrix(rng, int(rng.integers(1, 4)))])
        exact = [[Fraction(int(entry.p), int(entry.q)) for entry in row] for row in rows.adjugate().tolist()]
        case = Case({X: [[Fraction(int(c.p), int(c.q)) for c in row] for row in rows.tolist()], B: exact})
        assert decide(promised, case) is True
        assert decide(Eq(B * X, Identity(n), evaluate=False), case) is (rows.det() == 1)


def test_singular_values_exist() -> None:
    """NumPy's factors have what is promised, up to rounding."""
    rng = np.random.default_rng(7)
    for _ in range(200):
        matrix = _matrix(rng, int(rng.integers(1, 4)))
        left, values, right = np.linalg.svd(matrix)
        assert np.allclose(left @ np.diag(values) @ right, matrix, atol=1e-12)
        assert np.allclose(left.T @ left, np.eye(len(matrix)), atol=1e-12)
        assert np.allclose(right @ right.T, np.eye(len(matrix)), atol=1e-12)
