"""Values for the symbols of any statement: every size, magnitude and structure at which such statements go wrong.

Half of the draws are small and readable. The others take sizes up to 8, powers up to 40, numbers of every magnitude
from 1e-300 to 1e300, and matrices with a structure by construction: orthogonal, symmetric, nilpotent, defective, stable
but far from normal, with eigenvalues ±1, repeated or complex. Everything is exact: floats are meant as the fractions
that they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray
from sympy import MatrixSymbol, Symbol

from backproof.theory.instances.strategies import among, signed_permutations
from backproof.theory.instances.values import Case
from backproof.theory.language.notation import At

Rows = list[list[Any]]

SIZES = ((1, 3), (1, 3), (1, 3), (4, 5), (6, 8), (12, 16))
POWERS = ((0, 4), (0, 4), (5, 8), (9, 40))
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
)


def numbers(kind: str) -> SearchStrategy[Any]:
    """Real numbers of a kind: halves up to 2, tenths, integers, just off 1, or floats of every magnitude."""
    return _KINDS[kind]


def _just_off_one(drawn: tuple[int, int, int]) -> Fraction:
    sign, step, power = drawn
    return sign * (1 + Fraction(step, 10**power))


_KINDS: dict[str, SearchStrategy[Any]] = {
    "halves": st.integers(-4, 4).map(lambda v: v / 2),
    "tenths": st.integers(-30, 30).map(lambda v: Fraction(v, 10)),
    "integers": st.integers(-20, 20),
    "around 1": st.tuples(among((1, -1)), st.integers(-3, 3), st.integers(1, 6)).map(_just_off_one),
    "large and small": st.tuples(st.integers(-99, 99), st.integers(-20, 20)).map(lambda v: v[0] * Fraction(10) ** v[1]),
    "floats": st.floats(-1e300, 1e300, allow_nan=False).map(lambda v: v if abs(v) >= 1e-300 else 0.0),
}


@st.composite
def anywhere(draw: Any, symbols: Iterable[Any]) -> Case:
    """Values for matrix, column, real and integer symbols, of any size and structure; signs as declared."""
    ordered = sorted(symbols, key=str)
    small = draw(st.booleans())
    kind = "halves" if small else draw(among(tuple(_KINDS)))
    low, high = (1, 3) if small else draw(among(SIZES))
    sizes: dict[Any, int] = {}

    def size(symbol: Any) -> int:
        if symbol.is_Integer:
            return int(symbol)
        return sizes.setdefault(symbol, draw(st.integers(low, high)))

    values: dict[Any, Any] = {}
    for symbol in ordered:
        if isinstance(symbol, MatrixSymbol | At):
            rows, columns = (size(part) for part in symbol.shape)
            values[symbol] = draw(_matrix((rows, columns), kind, structured=not small))
        elif symbol.is_integer:
            first, last = (0, 4) if small else draw(among(POWERS))
            values[symbol] = draw(st.integers(max(first, 1 if symbol.is_positive else 0), last))
        else:
            values[symbol] = _signed(symbol, draw(numbers(kind)))
    return Case(values)


def _signed(symbol: Symbol, value: Any) -> Any:
    """The value, or its modulus where the symbol is declared positive or nonnegative."""
    if symbol.is_positive:
        return abs(value) or 1
    return abs(value) if symbol.is_nonnegative else value


@st.composite
def _matrix(draw: Any, shape: tuple[int, int], kind: str, structured: bool) -> Rows:
    rows, columns = shape
    if structured and rows == columns and draw(st.booleans()):
        return draw(square(rows, draw(among(STRUCTURES)), kind))  # type: ignore[no-any-return]
    return [[draw(numbers(kind)) for _ in range(columns)] for _ in range(rows)]


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
    rows = [[draw(number) for _ in range(size)] for _ in range(size)]
    if structure == "symmetric":
        return [[rows[min(i, j)][max(i, j)] for j in range(size)] for i in range(size)]
    if structure == "diagonal":
        return [[rows[i][j] if i == j else 0 for j in range(size)] for i in range(size)]
    if structure == "rotation":  # complex eigenvalues, in the first two rows and columns
        turned = [[rows[i][j] if i == j else 0 for j in range(size)] for i in range(size)]
        if size > 1:
            turned[0][0], turned[0][1], turned[1][0], turned[1][1] = rows[0][0], -rows[0][1], rows[0][1], rows[0][0]
        return turned
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


def _exact(matrix: Any) -> Rows:
    return [list(row) for row in matrix]


# Strategies for one symbol by what is assumed of it, for `built` below.


def orthogonal(symbol: MatrixSymbol) -> tuple[MatrixSymbol, str]:
    """QᵀQ = I."""
    return symbol, "orthogonal"


def symmetric(symbol: MatrixSymbol) -> tuple[MatrixSymbol, str]:
    """Aᵀ = A."""
    return symbol, "symmetric"


def nilpotent(symbol: MatrixSymbol) -> tuple[MatrixSymbol, str]:
    """A^n = 0."""
    return symbol, "nilpotent"


def defective(symbol: MatrixSymbol) -> tuple[MatrixSymbol, str]:
    """One eigenvalue, too few eigenvectors."""
    return symbol, "defective"


def stable(symbol: MatrixSymbol) -> tuple[MatrixSymbol, str]:
    """ρ(A) < 1, often far from normal."""
    return symbol, "far from normal"


@st.composite
def built(draw: Any, *of: Any, units: tuple[int, int] = (1, 4)) -> Case:
    """Values for symbols, some of a structure: ``built(orthogonal(Q), A, u)``; one size for each size symbol."""
    structures: dict[Any, str] = dict(one for one in of if isinstance(one, tuple))
    symbols = [one[0] if isinstance(one, tuple) else one for one in of]
    sizes: dict[Any, int] = {}
    values: dict[Any, Any] = {}
    for symbol in symbols:
        shape = [
            int(part) if part.is_Integer else sizes.setdefault(part, draw(st.integers(*units)))
            for part in getattr(symbol, "shape", ())
        ]
        if symbol in structures:
            values[symbol] = draw(square(shape[0], structures[symbol]))
        elif shape:
            values[symbol] = [[draw(numbers("halves")) for _ in range(shape[1])] for _ in range(shape[0])]
        elif symbol.is_integer:
            values[symbol] = draw(st.integers(1 if symbol.is_positive else 0, 6))
        else:
            values[symbol] = _signed(symbol, draw(numbers("halves")))
    return Case(values)
