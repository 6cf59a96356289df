"""Numbers of every kind and magnitude, and square matrices with a structure by construction, all exact."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from backproof.theory.instances.strategies import among, signed_permutations

Rows = list[list[Any]]

STRUCTURES = (
    "zero",
    "unit",
    "multiple of the unit",
    "orthogonal",
    "symmetric",
    "nilpotent",
    "defective",
    "far from normal",
    "rank one",
    "diagonal",
    "rotation",
    "skew",
    "projection",
    "normal",
)


def numbers(kind: str) -> SearchStrategy[Any]:
    """Real numbers of a kind: halves up to 2, tenths, integers, just off 1, or floats of every magnitude."""
    return KINDS[kind]


def _just_off_one(drawn: tuple[int, int, int]) -> Fraction:
    sign, step, power = drawn
    return sign * (1 + Fraction(step, 10**power))


KINDS: dict[str, SearchStrategy[Any]] = {
    "halves": st.integers(-4, 4).map(lambda v: v / 2),
    "tenths": st.integers(-30, 30).map(lambda v: Fraction(v, 10)),
    "integers": st.integers(-20, 20),
    "around 1": st.tuples(among((1, -1)), st.integers(-3, 3), st.integers(1, 6)).map(_just_off_one),
    "large and small": st.tuples(st.integers(-99, 99), st.integers(-20, 20)).map(lambda v: v[0] * Fraction(10) ** v[1]),
    "floats": st.floats(-1e300, 1e300, allow_nan=False).map(lambda v: v if abs(v) >= 1e-300 else 0.0),
}


@st.composite
def square(draw: Any, size: int, structure: str, kind: str = "halves") -> Rows:
    """A square matrix with a structure by construction, exact."""
    number = numbers(kind)
    if structure == "zero":
        return [[0] * size for _ in range(size)]
    if structure in ("unit", "multiple of the unit"):
        value = 1 if structure == "unit" else draw(number)
        return [[value * (i == j) for j in range(size)] for i in range(size)]
    if structure == "orthogonal":
        return _exact(draw(orthogonal_rows(size)))
    if structure == "rank one":
        left, right = ([draw(number) for _ in range(size)] for _ in range(2))
        return [[Fraction(a) * Fraction(b) for b in right] for a in left]
    if structure == "projection":
        return _exact(draw(projections(size, number)))
    rows = [[draw(number) for _ in range(size)] for _ in range(size)]
    if structure == "skew":
        return [[(i != j) * (rows[i][j] if i < j else -rows[j][i]) for j in range(size)] for i in range(size)]
    if structure == "symmetric":
        return [[rows[min(i, j)][max(i, j)] for j in range(size)] for i in range(size)]
    if structure == "diagonal":
        return [[rows[i][j] if i == j else 0 for j in range(size)] for i in range(size)]
    if structure in ("rotation", "normal"):  # complex eigenvalues, in the first two rows and columns
        turned = [[rows[i][j] if i == j else 0 for j in range(size)] for i in range(size)]
        if size > 1:
            turned[0][0], turned[0][1], turned[1][0], turned[1][1] = rows[0][0], -rows[0][1], rows[0][1], rows[0][0]
        return turned if structure == "rotation" else _exact(_seen_from(draw(orthogonal_rows(size)), turned))
    upper = [[rows[i][j] if j > i else 0 for j in range(size)] for i in range(size)]
    if structure == "nilpotent":
        return upper
    value = rows[0][0] if structure == "defective" else draw(st.integers(-3, 3)) / 4
    scale = 1 if structure == "defective" else draw(among((1, 10, 100)))
    return [[value if i == j else scale * upper[i][j] for j in range(size)] for i in range(size)]


@st.composite
def orthogonal_rows(draw: Any, size: int) -> NDArray[Any]:
    """A rational orthogonal matrix: signed permutations and rotations by Pythagorean triples, as Fractions."""
    matrix = np.array([[Fraction(int(v)) for v in row] for row in draw(signed_permutations(size))], dtype=object)
    triples = ((3, 4, 5), (5, 12, 13), (8, 15, 17))
    for _ in range(draw(st.integers(0, 3)) if size > 1 else 0):
        i, j = draw(st.permutations(range(size)))[:2]
        a, b, c = draw(among(triples))
        turn = np.array([[Fraction(int(r == s)) for s in range(size)] for r in range(size)], dtype=object)
        turn[i, i] = turn[j, j] = Fraction(a, c)
        turn[i, j], turn[j, i] = Fraction(b, c), Fraction(-b, c)
        matrix = matrix @ turn
    return matrix


@st.composite
def projections(draw: Any, size: int, number: SearchStrategy[Any]) -> NDArray[Any]:
    """P with P² = P, as a rule not symmetric: [[I, X], [0, 0]], its coordinates in another order."""
    rank = draw(st.integers(0, size))
    rows = [[(i == j) if j < rank else draw(number) if i < rank else 0 for j in range(size)] for i in range(size)]
    return _seen_from(np.array(draw(signed_permutations(size)), dtype=int), rows)


def commuting(draw: Any, rows: Rows) -> Rows:
    """A matrix that commutes with this one: a polynomial of it."""
    matrix = np.array([[Fraction(value) for value in row] for row in rows], dtype=object)
    first, second, third = (draw(st.integers(-2, 2)) for _ in range(3))
    return _exact(first * np.eye(len(rows), dtype=int) + second * matrix + third * matrix @ matrix)


def _seen_from(turn: NDArray[Any], rows: Rows) -> NDArray[Any]:
    """Q A Qᵀ for an orthogonal Q, exactly."""
    matrix = np.array([[Fraction(value) for value in row] for row in rows], dtype=object)
    return np.asarray(turn @ matrix @ turn.T)


def _exact(matrix: Any) -> Rows:
    return [list(row) for row in matrix]
