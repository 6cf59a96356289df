"""Values for what a line of a proof speaks of: indices within the ranges, numbers, matrices, what an equation says."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from sympy import Eq, MatrixSymbol, Symbol
from sympy.matrices.expressions import Inverse, MatMul

from backproof.theory.language.notation import At, T

FAR = 4
"""How far indices go where no horizon is given."""

LARGEST = 3
"""Units of a size that no instance fixes."""

MOST = 5000
"""Combinations of indices of which one is chosen; where there are more, none is."""


def symbols_of(claims: Any) -> set[Any]:
    """The symbols that need a value, sizes among them; a sequence is none."""
    found: set[Any] = set()
    for says in claims:
        sequences = {quantity.args[0] for quantity in says.atoms(At)}
        found |= {s for s in says.free_symbols if isinstance(s, Symbol | MatrixSymbol) and s not in sequences}
    return found | sizes_of(claims)


def sizes_of(claims: Any) -> set[Any]:
    """The symbols for sizes of the matrices in propositions."""
    shapes = [part for says in claims for matrix in says.atoms(MatrixSymbol) for part in matrix.shape]
    return {symbol for part in shapes for symbol in part.free_symbols}


def is_index(symbol: Any) -> bool:
    """Whether a symbol stands for an integer: a time, a place, a size, a power."""
    return isinstance(symbol, Symbol) and bool(symbol.is_integer)


def indices_for(wanted: Any, ranges: Any, entries: Any, environment: Any, draw: Random) -> dict[Any, int] | None:
    """Values for the indices within the ranges, and no farther than the steps go."""
    names = sorted((s for s in wanted if is_index(s)), key=str)
    last = int(environment[T]) if T in environment else FAR
    tried = [range(1 if s.is_positive else 0, last + 1) for s in names]
    combinations = list(product(*tried)) if (last + 1) ** len(names) <= MOST else []
    draw.shuffle(combinations)
    for values in combinations:
        chosen = dict(zip(names, values, strict=True))
        here = environment.copy()
        here.update(chosen)
        if all(within(limit, here) for limit in ranges) and all(_inside(entry, here) for entry in entries):
            return chosen
    return None


def _inside(entry: Any, environment: Any) -> bool:
    """Whether an entry is one of its matrix, a time one of the net's; where a sum runs over it, nobody asks."""
    if isinstance(entry, At):
        unrolled = getattr(environment, "unrolled", None)
        if unrolled is None or not all(symbol in environment for symbol in entry.time.free_symbols):
            return True
        return bool(0 <= environment.integer(entry.time) <= unrolled.net.steps + 1)
    spoken = {*entry.i.free_symbols, *entry.j.free_symbols}.union(*(size.free_symbols for size in entry.parent.shape))
    if not all(symbol in environment for symbol in spoken):
        return True
    row, column, rows, columns = (environment.integer(e) for e in (entry.i, entry.j, *entry.parent.shape))
    return bool(0 <= row < rows and 0 <= column < columns)


def within(limit: Any, environment: Any) -> bool:
    """Whether a relation between indices holds."""
    return bool(limit.func(*(environment.integer(side) for side in limit.args)))


def fresh_values(symbols: Any, sizes: dict[Any, int], draw: Random) -> dict[Any, Any]:
    """A value of its kind for each symbol: numbers with their sign, matrices of any structure, of sizes in common."""
    values: dict[Any, Any] = {}
    for symbol in sorted(symbols, key=str):
        if isinstance(symbol, MatrixSymbol):
            rows, columns = (_size(part, sizes, draw) for part in symbol.shape)
            values[symbol] = _matrix(rows, columns, draw)
        else:
            values[symbol] = _number(symbol, draw)
    return values


def _size(part: Any, sizes: dict[Any, int], draw: Random) -> int:
    for symbol in sorted(part.free_symbols, key=str):
        sizes.setdefault(symbol, draw.randint(1, LARGEST))
    return int(part.subs(sizes))


def _number(symbol: Any, draw: Random) -> Fraction:
    value = Fraction(draw.choice((1, 1, 2, 3, 5, -1, -2, -3, 0, 9)), draw.choice((1, 1, 2, 4, 10)))
    if symbol.is_positive:
        return abs(value) or Fraction(1)
    if symbol.is_negative:
        return -abs(value) or Fraction(-1)
    if symbol.is_nonnegative:
        return abs(value)
    return value or Fraction(1) if symbol.is_nonzero else value


def _matrix(rows: int, columns: int, draw: Random) -> list[list[Fraction]]:
    made = [[Fraction(draw.randint(-4, 4), 2) for _ in range(columns)] for _ in range(rows)]
    if columns == 1 and draw.random() < 0.4:
        return [[Fraction(int(i == 0))] for i in range(rows)]
    if rows != columns:
        return made
    kind = draw.choice(("any", "any", "orthogonal", "symmetric", "diagonal", "units"))
    if kind == "orthogonal":
        order = draw.sample(range(rows), rows)
        return [[Fraction(draw.choice((-1, 1)) * (order[i] == j)) for j in range(columns)] for i in range(rows)]
    if kind == "symmetric":
        return [[made[min(i, j)][max(i, j)] for j in range(columns)] for i in range(rows)]
    if kind == "diagonal":
        return [[made[i][j] * (i == j) for j in range(columns)] for i in range(rows)]
    if kind == "units":
        return [[Fraction(i == j) for j in range(columns)] for i in range(rows)]
    return made


def solved(says: Any, free: set[Any]) -> tuple[Any, Any] | None:
    """The symbol among the free ones that an equation gives, and what it is: itself a side, or a factor at an end."""
    if not isinstance(says, Eq):
        return None
    for left, right in (says.args, says.args[::-1]):
        if left in free and left not in right.free_symbols:
            return left, right
        if not isinstance(left, MatMul) or len(left.args) != 2:
            continue
        first, last = left.args
        if first in free and not {first} & (last.free_symbols | right.free_symbols) and last.is_square:
            return first, right * Inverse(last)
        if last in free and not {last} & (first.free_symbols | right.free_symbols) and first.is_square:
            return last, Inverse(first) * right
    return None
