"""Words: products of factors that do not commute, with coefficients, under sums over times; and rewriting them.

Every function here keeps the value: words are put in order where factors do commute, and a rule puts the right side of
a known equation for its left.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from itertools import count
from typing import Any

from sympy import Dummy, Expr, OneMatrix, S, Symbol, default_sort_key, expand
from sympy.matrices.expressions import MatMul, MatPow, Transpose
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

Word = tuple[MatrixExpr, ...]
Sums = tuple[tuple[Symbol, Expr, Expr], ...]
Terms = dict[tuple[Sums, Word], Expr]  # a coefficient for each word under sums over times

STEPS = 400  # of rewriting; beyond, nothing is said
_LEVELS = tuple(Dummy(f"i{level}", integer=True) for level in range(10))
_ASIDE = tuple(Dummy(f"j{level}", integer=True) for level in range(10))


class Unfinished(Exception):
    """The rewriting did not come to an end."""


def plus(left: Terms, right: Terms, sign: int = 1) -> Terms:
    """The sum, or the difference."""
    total = dict(left)
    for key, value in right.items():
        total[key] = expand(total.get(key, S.Zero) + sign * value)
    return {key: value for key, value in total.items() if value != 0}


def times(left: Terms, right: Terms) -> Terms:
    """The product, multiplied out."""
    total: Terms = {}
    for (sums, word), value in left.items():
        for (more, other), factor in right.items():
            moved, other, factor = apart(more, other, factor, len(sums))
            total = plus(total, {((*sums, *moved), tidy((*word, *other))): expand(value * factor)})
    return total


def bound_index(level: int) -> Symbol:
    """The bound time index of a sum at a level of nesting: a dummy, so that no symbol of a statement is captured."""
    return _LEVELS[level]


def apart(sums: Sums, word: Word, value: Expr, level: int) -> tuple[Sums, Word, Expr]:
    """The same term with its bound indices numbered from a level on."""
    if not level or not sums:
        return sums, word, value
    named = {old: _ASIDE[i] for i, (old, _, _) in enumerate(sums)}
    named_then = {new: bound_index(level + i) for i, new in enumerate(named.values())}

    def renamed(part: Any) -> Any:
        return part.xreplace(named).xreplace(named_then)

    return tuple(tuple(map(renamed, limits)) for limits in sums), tuple(map(renamed, word)), renamed(value)


def turned(word: Word) -> Word:
    """The word transposed."""
    return tuple(_transposed(factor) for factor in reversed(word))


def _transposed(factor: MatrixExpr) -> MatrixExpr:
    if isinstance(factor, Transpose):
        return factor.arg
    if isinstance(factor, DiagMatrix):
        return factor
    if isinstance(factor, OneMatrix):
        return OneMatrix(*reversed(factor.shape))
    if isinstance(factor, MatPow):
        return MatPow(_transposed(factor.base), factor.exp, evaluate=False)
    if isinstance(factor, MatMul):  # a time-dependent multiple of I
        return factor
    return Transpose(factor)


def tidy(word: Word) -> Word:
    """Neighbouring powers of one base merged, diagonal neighbours in order, a column's elementwise factors in order."""
    merged: list[tuple[MatrixExpr, Expr]] = []
    for factor in _picked(word):
        base, exponent = (factor.base, factor.exp) if isinstance(factor, MatPow) else (factor, S.One)
        if merged and merged[-1][0] == base:
            exponent = expand(merged.pop()[1] + exponent)
        if exponent != 0:
            merged.append((base, exponent))
    flat: list[MatrixExpr] = []
    for base, exponent in merged:
        small = exponent.is_Integer and 0 < exponent <= 16
        flat += [base] * int(exponent) if small else [MatPow(base, exponent, evaluate=False)]
    return _ordered(tuple(flat))


def _picked(word: Word) -> Word:
    """``diag(d) 1`` is d, and ``1ᵀ diag(d)`` is dᵀ, for the column 1."""
    for i, (left, right) in enumerate(itertools.pairwise(word)):
        whole: Word = ()
        if isinstance(left, DiagMatrix) and isinstance(right, OneMatrix) and right.shape[1] == 1:
            whole = _factors(left.args[0])
        elif isinstance(left, OneMatrix) and isinstance(right, DiagMatrix) and left.shape[0] == 1:
            whole = turned(_factors(right.args[0]))
        if whole:
            return _picked((*word[:i], *whole, *word[i + 2 :]))
    return word


def _factors(column: MatrixExpr) -> Word:
    product = isinstance(column, MatMul) and all(isinstance(arg, MatrixExpr) for arg in column.args)
    return column.args if product else (column,)


def _diagonal(factor: MatrixExpr) -> bool:
    return isinstance(factor, DiagMatrix) or (isinstance(factor, MatPow) and isinstance(factor.base, DiagMatrix))


def _ordered(word: Word) -> Word:
    flat, run = [], []
    for factor in word:
        if _diagonal(factor):
            run.append(factor)
            continue
        flat += [*sorted(run, key=default_sort_key), factor]
        run = []
    flat += sorted(run, key=default_sort_key)
    if flat and flat[-1].shape[1] == 1 and flat[-1].shape[0] != 1:
        return _column(tuple(flat))
    if flat and flat[0].shape[0] == 1 and flat[0].shape[1] != 1 and flat[-1].shape[1] != 1:
        return turned(_column(turned(tuple(flat))))
    return tuple(flat)


def _column(word: Word) -> Word:
    """``diag(d) diag(e) X v`` is d ∘ e ∘ (X v) in any order: the one with the diagonals first that sorts first."""
    start = next((i for i in range(len(word) - 1) if isinstance(word[i], DiagMatrix)), None)
    if start is None or any(factor.shape[1] == 1 for factor in word[:-1]):
        return word
    end = start
    while isinstance(word[end], DiagMatrix) and end < len(word) - 1:
        end += 1
    rest = _column(word[end:])
    whole = MatMul(*rest) if len(rest) > 1 else rest[0]
    columns = sorted([*(factor.args[0] for factor in word[start:end]), whole], key=_simple_first)
    *diagonals, last = columns
    tail = last.args if isinstance(last, MatMul) else (last,)
    return (*word[:start], *map(DiagMatrix, diagonals), *tail)


def _simple_first(column: MatrixExpr) -> Any:
    return isinstance(column, MatMul), default_sort_key(column)


def reduced(terms: Terms, rules: list[tuple[Word, Terms]]) -> Terms:
    """The terms with every rule applied wherever it fits, until none does."""
    steps = count()
    waiting: Terms = dict(terms)
    done: Terms = {}
    while waiting:
        (sums, word), value = waiting.popitem()
        word = _split(word, rules)
        found = next(((i, rule) for rule in rules for i in _places(word, rule[0])), None)
        if found is None:
            done = plus(done, {(sums, tidy(word)): value})
            continue
        if next(steps) > STEPS:
            raise Unfinished
        place, (pattern, replacement) = found
        before = {(sums, word[:place]): value}
        after: Terms = {((), word[place + len(pattern) :]): S.One}
        waiting = plus(waiting, times(times(before, replacement), after))
    return done


def _split(word: Word, rules: list[tuple[Word, Terms]]) -> Word:
    """The word with a power B^(e + j) as j factors B and B^e, where a rule speaks of B^e."""
    for pattern, _ in rules:
        if len(pattern) == 1 and isinstance(pattern[0], MatPow):
            known = pattern[0]
            for i, factor in enumerate(word):
                if isinstance(factor, MatPow) and factor.base == known.base:
                    extra = expand(factor.exp - known.exp)
                    if extra.is_Integer and 0 < extra <= 16:
                        return (*word[:i], *[known.base] * int(extra), known, *word[i + 1 :])
    return word


def _places(word: Word, pattern: Word) -> Iterator[int]:
    size = len(pattern)
    yield from (i for i in range(len(word) - size + 1) if word[i : i + size] == pattern)
