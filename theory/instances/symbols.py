"""Values for the symbols of a statement: small and readable, or of every size, magnitude and structure.

Everything is exact: floats are meant as the fractions that they are. A symbol may be given with what is to hold of it:
``cases(orthogonal(Q), A, u)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from sympy import Eq, Identity, Lt, MatMul, MatPow, MatrixSymbol, Symbol, Transpose

from backproof.theory.instances import structures
from backproof.theory.instances.entries import MOST, check_bounds
from backproof.theory.instances.strategies import among, arrays, halves
from backproof.theory.instances.values import Case
from backproof.theory.language.declared import as_declared
from backproof.theory.language.nodes import SpectralRadius
from backproof.theory.language.notation import At
from backproof.theory.language.validation import integer, kind_of

__all__ = [
    "cases",
    "commuting",
    "defective",
    "nilpotent",
    "normal",
    "orthogonal",
    "projection",
    "rank_one",
    "same_as",
    "skew",
    "stable",
    "symmetric",
]

SIZES = ((1, 3), (1, 3), (1, 3), (4, 5), (6, 8), (12, 16))
POWERS = ((0, 4), (0, 4), (5, 8), (9, 40))


@dataclass(frozen=True)
class Structured:
    """A matrix symbol with what is to hold of it: a structure by name, of its own or beside another symbol."""

    symbol: MatrixSymbol
    structure: str
    beside: MatrixSymbol | None = None


@as_declared
def orthogonal(symbol: MatrixSymbol) -> Structured:
    """QᵀQ = I: signed permutations and rational rotations."""
    return Structured(symbol, "orthogonal")


@as_declared
def symmetric(symbol: MatrixSymbol) -> Structured:
    """Aᵀ = A."""
    return Structured(symbol, "symmetric")


@as_declared
def nilpotent(symbol: MatrixSymbol) -> Structured:
    """A to the power of its size is 0: above the diagonal alone."""
    return Structured(symbol, "nilpotent")


@as_declared
def defective(symbol: MatrixSymbol) -> Structured:
    """One eigenvalue, with too few eigenvectors unless A is a multiple of I."""
    return Structured(symbol, "defective")


@as_declared
def stable(symbol: MatrixSymbol) -> Structured:
    """The spectral radius is below 1, and the matrix often far from normal."""
    return Structured(symbol, "far from normal")


@as_declared
def rank_one(symbol: MatrixSymbol) -> Structured:
    """A column times a row."""
    return Structured(symbol, "rank one")


@as_declared
def skew(symbol: MatrixSymbol) -> Structured:
    """Aᵀ = −A."""
    return Structured(symbol, "skew")


@as_declared
def projection(symbol: MatrixSymbol) -> Structured:
    """P² = P, as a rule not symmetric."""
    return Structured(symbol, "projection")


@as_declared
def normal(symbol: MatrixSymbol) -> Structured:
    """Aᵀ A = A Aᵀ, with a pair of complex eigenvalues from two units on."""
    return Structured(symbol, "normal")


@as_declared
def commuting(symbol: MatrixSymbol, other: MatrixSymbol) -> Structured:
    """A B = B A: B is a polynomial of the other."""
    return Structured(symbol, "commuting", other)


@as_declared
def same_as(symbol: MatrixSymbol, other: MatrixSymbol) -> Structured:
    """The values of another symbol of the same shape."""
    return Structured(symbol, "the same", other)


def assumed(symbols: Iterable[Any], propositions: Iterable[Any]) -> list[Any]:
    """The symbols, those of which a proposition asks for a structure with that structure."""
    asked = {one.symbol: one for says in propositions for one in _asked(says)}
    for symbol in [symbol for symbol, one in asked.items() if getattr(asked.get(one.beside), "beside", None)]:
        del asked[symbol]  # of symbols in a row, each beside the next, or in a ring, the first alone is built so
    return [asked.get(symbol, symbol) for symbol in symbols]


def _asked(says: Any) -> Iterator[Structured]:
    """What an equation, or a bound on a spectral radius, asks of single symbols."""
    if not isinstance(says, Eq | Lt):
        return
    left, right = says.args
    if isinstance(left, SpectralRadius) and isinstance(left.args[0], MatrixSymbol):
        if isinstance(says, Lt) and right == 1:
            yield stable(left.args[0])
        if isinstance(says, Eq) and right == 0:
            yield nilpotent(left.args[0])
    if not isinstance(says, Eq):
        return
    for one, other in ((left, right), (right, left)):
        if isinstance(one, MatrixSymbol):
            if isinstance(other, MatrixSymbol):
                yield same_as(other, one)
                return
            if other == one.T:
                yield symmetric(one)
            if other in (-one.T, (-one).T):
                yield skew(one)
            if other == one**2:
                yield projection(one)
        if isinstance(one, Transpose) and isinstance(one.arg, MatrixSymbol) and other == -one.arg:
            yield skew(one.arg)
        if one.is_Matrix and isinstance(other, Identity):
            factors = one.args if isinstance(one, MatMul) else ()
            yield from (orthogonal(f) for f in factors if isinstance(f, MatrixSymbol) and set(factors) == {f, f.T})
        if isinstance(one, MatPow) and isinstance(one.base, MatrixSymbol) and getattr(other, "is_ZeroMatrix", False):
            yield nilpotent(one.base)
    if isinstance(left, MatMul) and isinstance(right, MatMul) and left.args == right.args[::-1] and len(left.args) == 2:
        one, other = left.args
        if isinstance(one, MatrixSymbol) and isinstance(other, MatrixSymbol):
            yield commuting(other, one)
        for factor in (one, other):
            if isinstance(factor, MatrixSymbol) and set(left.args) == {factor, factor.T}:
                yield normal(factor)


@as_declared
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
        If a structure is asked of a symbol that is not square, or the values of a symbol that is given none; or for
        bounds that are none.
    TypeError
        For what is no symbol.
    """
    integer("largest", largest, 0, MOST)
    check_bounds("units", units)
    small = not wide or draw(st.booleans())
    low, high = units if not wide else (1, 3) if small else draw(among(SIZES))
    powers = POWERS[0] if small else draw(among(POWERS))
    kind = "halves" if small else draw(among(tuple(structures.KINDS)))
    number = halves(largest) if small else structures.numbers(kind)
    sizes: dict[Any, int] = {}
    values: dict[Any, Any] = {}

    def size(part: Any) -> int:
        return int(part) if part.is_Integer else sizes.setdefault(part, draw(st.integers(low, high)))

    def matrix(rows: int, columns: int, structure: str) -> Any:
        if not structure and not small and rows == columns and draw(st.booleans()):
            structure = draw(among(structures.STRUCTURES))
        if structure:
            return draw(structures.square(rows, structure, kind))
        if small:
            return draw(arrays(rows, columns, largest=largest))
        return [[draw(number) for _ in range(columns)] for _ in range(rows)]

    for one in sorted(map(_structured, symbols), key=lambda one: one.beside is not None):
        symbol = one.symbol
        if one.beside is not None:
            if one.beside not in values:
                raise ValueError(f"{symbol} is to be drawn beside {one.beside}, which is given no values before")
            beside = values[one.beside]
            values[symbol] = beside if one.structure == "the same" else structures.commuting(draw, beside)
        elif isinstance(symbol, MatrixSymbol | At):
            rows, columns = map(size, symbol.shape)
            values[symbol] = matrix(rows, columns, one.structure)
        elif symbol.is_integer:
            values[symbol] = draw(st.integers(max(powers[0], 1 if symbol.is_positive else 0), powers[1]))
        else:
            values[symbol] = _signed(symbol, draw(number))
    return Case(values)


def _structured(one: Any) -> Structured:
    """The symbol with its structure, which is empty if none is asked of it."""
    if not isinstance(one, Structured):
        if not isinstance(one, Symbol | MatrixSymbol | At):
            raise TypeError(f"symbols must be symbols, or symbols with a structure, got {kind_of(one)}")
        return Structured(one, "")
    rows, columns = one.symbol.shape
    if one.beside is None and rows != columns:
        raise ValueError(f"{one.symbol} is {rows} by {columns}; only a square matrix is {one.structure}")
    return one


def _signed(symbol: Symbol, value: Any) -> Any:
    """The value, or its modulus where the symbol is declared positive or nonnegative."""
    if symbol.is_positive:
        return abs(value) or 1
    return abs(value) if symbol.is_nonnegative else value
