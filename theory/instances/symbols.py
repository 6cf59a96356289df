"""Values for the symbols of a statement: small and readable, or of every size, magnitude and structure.

Everything is exact: floats are meant as the fractions that they are. A symbol may be given with what is to hold of it:
``cases(orthogonal(Q), A, u)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from sympy import Eq, Identity, Lt, MatMul, MatrixSymbol, Symbol, Transpose

from backproof.theory.instances.strategies import among, arrays, halves
from backproof.theory.instances.structures import KINDS, STRUCTURES, numbers, square
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SpectralRadius
from backproof.theory.language.notation import At

__all__ = ["cases", "defective", "nilpotent", "orthogonal", "rank_one", "same_as", "stable", "symmetric"]

SIZES = ((1, 3), (1, 3), (1, 3), (4, 5), (6, 8), (12, 16))
POWERS = ((0, 4), (0, 4), (5, 8), (9, 40))


@dataclass(frozen=True)
class Structured:
    """A matrix symbol with what is to hold of it: a structure by name, or another symbol that it equals."""

    symbol: MatrixSymbol
    structure: str | MatrixSymbol


def orthogonal(symbol: MatrixSymbol) -> Structured:
    """QᵀQ = I: signed permutations and rational rotations."""
    return Structured(symbol, "orthogonal")


def symmetric(symbol: MatrixSymbol) -> Structured:
    """Aᵀ = A."""
    return Structured(symbol, "symmetric")


def nilpotent(symbol: MatrixSymbol) -> Structured:
    """A to the power of its size is 0: above the diagonal alone."""
    return Structured(symbol, "nilpotent")


def defective(symbol: MatrixSymbol) -> Structured:
    """One eigenvalue, with too few eigenvectors unless A is a multiple of I."""
    return Structured(symbol, "defective")


def stable(symbol: MatrixSymbol) -> Structured:
    """The spectral radius is below 1, and the matrix often far from normal."""
    return Structured(symbol, "far from normal")


def rank_one(symbol: MatrixSymbol) -> Structured:
    """A column times a row."""
    return Structured(symbol, "rank one")


def same_as(symbol: MatrixSymbol, other: MatrixSymbol) -> Structured:
    """The values of another symbol of the same shape."""
    return Structured(symbol, other)


def assumed(symbols: Iterable[Any], assumptions: Iterable[Any]) -> list[Any]:
    """The symbols, those of which a proposition asks for a structure with that structure."""
    asked = {one.symbol: one for says in assumptions for one in _asked(says)}
    for symbol in [symbol for symbol, one in asked.items() if one.structure in asked and _copies(asked[one.structure])]:
        del asked[symbol]  # of equal symbols in a row, or a ring, the first copy alone is built
    return [asked.get(symbol, symbol) for symbol in symbols]


def _copies(one: Structured) -> bool:
    return isinstance(one.structure, MatrixSymbol)


def _asked(says: Any) -> Iterator[Structured]:
    if isinstance(says, Lt) and isinstance(says.lhs, SpectralRadius) and says.rhs == 1:
        inside = says.lhs.args[0]
        if isinstance(inside, MatrixSymbol):
            yield stable(inside)
    if not isinstance(says, Eq):
        return
    left, right = says.args
    if isinstance(left, MatrixSymbol) and isinstance(right, MatrixSymbol):
        yield same_as(right, left)
    turned, other = (left, right) if isinstance(left, Transpose) else (right, left)
    if isinstance(turned, Transpose) and turned.arg == other and isinstance(other, MatrixSymbol):
        yield symmetric(other)
    if isinstance(right, Identity) and isinstance(left, MatMul) and len(left.args) == 2:
        one, two = left.args
        if isinstance(one, MatrixSymbol | Transpose) and two == one.T:
            yield orthogonal(one if isinstance(one, MatrixSymbol) else two)


@st.composite
def cases(draw: Any, *symbols: Any, units: tuple[int, int] = (1, 3), largest: int = 2, wide: bool = False) -> Case:
    """Values for matrix, column, real and integer symbols; one size for each size symbol, signs as declared.

    Parameters
    ----------
    symbols
        Symbols, or symbols with a structure: ``orthogonal(Q)``.
    units
        The smallest and the largest size.
    largest
        Entries are halves up to this, and integers go up to 4.
    wide
        Sizes up to 16, powers up to 40, numbers of every magnitude from 1e-300 to 1e300, and square matrices of every
        structure instead; half of the draws stay small. ``units`` and ``largest`` are not asked then.

    Raises
    ------
    ValueError
        If a structure is asked of a symbol that is not square, or the values of a symbol that is given none.
    """
    small = not wide or draw(st.booleans())
    low, high = units if not wide else (1, 3) if small else draw(among(SIZES))
    powers = POWERS[0] if small else draw(among(POWERS))
    kind = "halves" if small else draw(among(tuple(KINDS)))
    number = halves(largest) if small else numbers(kind)
    sizes: dict[Any, int] = {}
    values: dict[Any, Any] = {}

    def size(part: Any) -> int:
        return int(part) if part.is_Integer else sizes.setdefault(part, draw(st.integers(low, high)))

    def matrix(rows: int, columns: int, structure: str | None) -> Any:
        if structure is None and not small and rows == columns and draw(st.booleans()):
            structure = draw(among(STRUCTURES))
        if structure is not None:
            return draw(square(rows, structure, kind))
        if small:
            return draw(arrays(rows, columns, largest=largest))
        return [[draw(number) for _ in range(columns)] for _ in range(rows)]

    for symbol, structure in sorted(map(_with_structure, symbols), key=lambda one: isinstance(one[1], MatrixSymbol)):
        if isinstance(structure, MatrixSymbol):
            if structure not in values:
                raise ValueError(f"{symbol} is to equal {structure}, which is given no values of its own before")
            values[symbol] = values[structure]
        elif isinstance(symbol, MatrixSymbol | At):
            rows, columns = map(size, symbol.shape)
            values[symbol] = matrix(rows, columns, structure)
        elif symbol.is_integer:
            values[symbol] = draw(st.integers(max(powers[0], 1 if symbol.is_positive else 0), powers[1]))
        else:
            values[symbol] = _signed(symbol, draw(number))
    return Case(values)


def _with_structure(one: Any) -> tuple[Any, Any]:
    """Symbol and structure; None if nothing is asked of it."""
    if not isinstance(one, Structured):
        return one, None
    rows, columns = one.symbol.shape
    if isinstance(one.structure, str) and rows != columns:
        raise ValueError(f"{one.symbol} is {rows} by {columns}; only a square matrix is {one.structure}")
    return one.symbol, one.structure


def _signed(symbol: Symbol, value: Any) -> Any:
    """The value, or its modulus where the symbol is declared positive or nonnegative."""
    if symbol.is_positive:
        return abs(value) or 1
    return abs(value) if symbol.is_nonnegative else value
