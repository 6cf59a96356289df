"""A normal form of matrix expressions at symbolic size: sums of words, a word a product of factors that do not commute.

Two expressions with one normal form are equal, whatever their entries. Equations that are known may be used on the way:
each replaces its left side, wherever that stands in a word, by its right side. Nothing here ever says that two
expressions differ.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Lambda,
    Mul,
    OneMatrix,
    Pow,
    S,
    Sum,
    Symbol,
    Trace,
    ZeroMatrix,
    default_sort_key,
    expand,
)
from sympy.core.basic import Basic
from sympy.matrices.expressions import HadamardProduct, Identity, MatAdd, MatMul, MatPow, Transpose, hadamard_product
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.nodes import EuclideanNorm, FrobeniusNorm, InFloats, Inner, StepSum, TimeSum, Vec

Word = tuple[MatrixExpr, ...]
Sums = tuple[tuple[Symbol, Expr, Expr], ...]
Terms = dict[tuple[Sums, Word], Expr]  # a coefficient for each word under sums over times

STEPS = 400  # of rewriting; beyond, nothing is said
z = Dummy("z", real=True)
_LEVELS = tuple(Dummy(f"i{level}", integer=True) for level in range(10))
_ASIDE = tuple(Dummy(f"j{level}", integer=True) for level in range(10))


class Unfinished(Exception):
    """The rewriting did not come to an end."""


def same(left: Any, right: Any, equations: Iterable[tuple[Any, Any]] = ()) -> bool:
    """Whether both sides certainly have one normal form, each equation used from left to right."""
    try:
        rules = list(_rules(equations))
        if isinstance(left, MatrixExpr) != isinstance(right, MatrixExpr):
            return False
        if isinstance(left, MatrixExpr):
            if left.shape != right.shape:
                return False
            return not _reduced(_plus(_terms(left), _terms(right), -1), rules)
        return bool(_number(left - right, rules) == 0)
    except Unfinished:
        return False


def scalar_form(value: Any) -> Any:
    """A number with every matrix inside in normal form, inner products and squared norms as traces."""
    return _number(value)


def matrix_form(value: MatrixExpr) -> MatrixExpr:
    """A matrix in normal form, as it stands inside the normal form of a number."""
    return _rebuilt(_terms(value), value.shape)


def _rules(equations: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Word, Terms]]:
    """Equations between matrices as replacements of a word, and the same transposed."""
    for left, right in equations:
        if not isinstance(left, MatrixExpr):
            continue
        for one, other in ((left, right), (Transpose(left), Transpose(right))):
            whole = _terms(one)
            if len(whole) == 1:
                (((sums, word), coefficient),) = whole.items()
                if not sums and word and coefficient.is_Rational:
                    yield word, {key: value / coefficient for key, value in _terms(other).items()}


def _terms(expression: MatrixExpr) -> Terms:
    """The words of an expression with their coefficients."""
    if isinstance(expression, MatAdd):
        total: Terms = {}
        for arg in expression.args:
            total = _plus(total, _terms(arg))
        return total
    if isinstance(expression, MatMul):
        coefficient, factors = expression.as_coeff_matrices()
        product: Terms = {((), ()): _number(coefficient)}
        for factor in factors:
            product = _times(product, _terms(factor))
        return product
    if isinstance(expression, ZeroMatrix):
        return {}
    if isinstance(expression, Identity):
        return {((), ()): S.One}
    if isinstance(expression, Transpose):
        return {(sums, _tidy(_turned(word))): value for (sums, word), value in _terms(expression.arg).items()}
    if isinstance(expression, TimeSum):
        return _summed(expression)
    if isinstance(expression, MatPow):
        return _power(expression)
    if isinstance(expression, HadamardProduct) and expression.shape[1] == 1:
        *diagonals, last = expression.args
        return _terms(MatMul(*map(DiagMatrix, diagonals), last))
    return _atom(expression)


def _plus(left: Terms, right: Terms, sign: int = 1) -> Terms:
    total = dict(left)
    for key, value in right.items():
        total[key] = expand(total.get(key, S.Zero) + sign * value)
    return {key: value for key, value in total.items() if value != 0}


def _times(left: Terms, right: Terms) -> Terms:
    total: Terms = {}
    for (sums, word), value in left.items():
        for (more, other), factor in right.items():
            moved, other, factor = _apart(more, other, factor, len(sums))
            total = _plus(total, {((*sums, *moved), _tidy((*word, *other))): expand(value * factor)})
    return total


def _index(level: int) -> Symbol:
    """The bound time index of a sum at a level of nesting: a dummy, so that no symbol of a statement is captured."""
    return _LEVELS[level]


def _apart(sums: Sums, word: Word, value: Expr, level: int) -> tuple[Sums, Word, Expr]:
    """The same term with its bound indices numbered from a level on."""
    if not level or not sums:
        return sums, word, value
    named = {old: _ASIDE[i] for i, (old, _, _) in enumerate(sums)}
    named_then = {new: _index(level + i) for i, new in enumerate(named.values())}

    def renamed(part: Any) -> Any:
        return part.xreplace(named).xreplace(named_then)

    return tuple(tuple(map(renamed, limits)) for limits in sums), tuple(map(renamed, word)), renamed(value)


def _summed(expression: TimeSum) -> Terms:
    body, index, lower, upper = expression.args
    total: Terms = {}
    outer = _index(0)
    fresh = Dummy("i0", integer=True)  # of its own for each sum: a nested one may not capture it
    for (sums, word), value in _terms(body.xreplace({index: fresh})).items():
        moved, word, value = _apart(sums, word, value, 1)
        back = {fresh: outer}
        limits = tuple(tuple(part.xreplace(back) for part in limit) for limit in moved)
        key = ((outer, lower, upper), *limits), tuple(factor.xreplace(back) for factor in word)
        inner, value = value.xreplace(back).as_independent(outer, *(limit[0] for limit in limits))[::-1]
        if inner != 1:  # a coefficient that depends on the time stays under the sum
            key = key[0], (MatMul(inner, Identity(word[0].shape[0] if word else 1)), *key[1])
        total = _plus(total, {key: value})
    return total


def _power(expression: MatPow) -> Terms:
    base, exponent = expression.base, expression.exp
    if exponent.is_Integer and 0 <= exponent <= 16:
        product: Terms = {((), ()): S.One}
        for _ in range(int(exponent)):
            product = _times(product, _terms(base))
        return product
    inside = _terms(base)
    if len(inside) == 1:
        (((sums, word), coefficient),) = inside.items()
        if not sums and len(word) <= 1 and (coefficient == 1 or exponent.is_integer):
            plain = MatPow(word[0], exponent, evaluate=False) if word else None
            return {((), _tidy((plain,) if plain is not None else ())): coefficient**exponent}
    return {((), (MatPow(_rebuilt(inside, expression.shape), exponent, evaluate=False),)): S.One}


def _atom(expression: MatrixExpr) -> Terms:
    """A node that is a factor of its own, its arguments in normal form."""
    if isinstance(expression, InFloats):  # speaks of the formula as it is written
        return {((), (expression,)): S.One}
    if isinstance(expression, ElementwiseApplyFunction):
        inner = _rebuilt(_terms(expression.expr), expression.shape)
        turned = isinstance(inner, Transpose)
        function = expression.function
        plain = ElementwiseApplyFunction(Lambda(z, expand(function(z))), inner.arg if turned else inner)
        return {((), (Transpose(plain) if turned else plain,)): S.One}
    if isinstance(expression, DiagMatrix | Vec):
        shape, linear = expression.args[0].shape, _diagonal_of if isinstance(expression, DiagMatrix) else _stacked
        total: Terms = {}
        for (sums, word), value in _terms(expression.args[0]).items():
            total = _plus(total, {(sums, linear(word, shape)): value})
        return total
    if isinstance(expression, HadamardProduct):
        whole = hadamard_product(*sorted((_rebuilt(_terms(a), a.shape) for a in expression.args), key=default_sort_key))
        return {((), (whole,)): S.One}
    if expression.args and not expression.is_symbol:
        args = [
            _rebuilt(_terms(a), a.shape) if isinstance(a, MatrixExpr) and not a.is_symbol else a
            for a in expression.args
        ]
        expression = expression.func(*args)
    return {((), (expression,)): S.One}


def _diagonal_of(column: Word, shape: Any) -> Word:
    """``diag(d ∘ e ∘ v)`` is diag(d) diag(e) diag(v), and diag(1) is I."""
    start = next((i for i, factor in enumerate(column) if not isinstance(factor, DiagMatrix)), len(column))
    rest = column[start:]
    if len(rest) == 1 and isinstance(rest[0], OneMatrix):
        rest = ()
    if not rest:
        return _tidy(column[:start])
    return _tidy((*column[:start], DiagMatrix(_rebuilt({((), rest): S.One}, shape))))


def _stacked(word: Word, shape: Any) -> Word:
    """``vec`` of a word; a column is its own."""
    return word if shape[1] == 1 else (Vec(_rebuilt({((), word): S.One}, shape)),)


def _rebuilt(terms: Terms, shape: Any) -> MatrixExpr:
    """An expression with these terms, the same for equal terms."""
    parts = []
    for (sums, word), value in sorted(terms.items(), key=lambda item: str(item)):
        whole = (MatMul(*word) if len(word) > 1 else word[0]) if word else Identity(shape[0])
        for index, lower, upper in reversed(sums):
            whole = TimeSum(whole, (index, lower, upper))
        parts.append(whole if value == 1 else value * whole)
    if not parts:
        return ZeroMatrix(*shape)
    return parts[0] if len(parts) == 1 else MatAdd(*parts)


def _turned(word: Word) -> Word:
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


def _tidy(word: Word) -> Word:
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
            whole = _turned(_factors(right.args[0]))
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
        return _turned(_column(_turned(tuple(flat))))
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


def _reduced(terms: Terms, rules: list[tuple[Word, Terms]]) -> Terms:
    """The terms with every rule applied wherever it fits, until none does."""
    steps = count()
    waiting: Terms = dict(terms)
    done: Terms = {}
    while waiting:
        (sums, word), value = waiting.popitem()
        word = _split(word, rules)
        found = next(((i, rule) for rule in rules for i in _places(word, rule[0])), None)
        if found is None:
            done = _plus(done, {(sums, _tidy(word)): value})
            continue
        if next(steps) > STEPS:
            raise Unfinished
        place, (pattern, replacement) = found
        before = {(sums, word[:place]): value}
        after: Terms = {((), word[place + len(pattern) :]): S.One}
        waiting = _plus(waiting, _times(_times(before, replacement), after))
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


class Cycle(Expr):  # type: ignore[misc]
    """The trace of a word under sums, the same for its rotations and its transpose."""

    is_commutative = True
    is_real = True


def _number(expression: Any, rules: list[tuple[Word, Terms]] | None = None) -> Expr:
    """A number with traces, inner products and squared norms written as traces of words, and multiplied out."""
    if not isinstance(expression, Basic) or not expression.args:
        return expression
    if isinstance(expression, Trace):
        return _trace(_terms(expression.arg), rules or [], expression.arg.shape[0])
    if isinstance(expression, Inner):
        left, right = expression.args
        return _trace(_times(_terms(Transpose(left)), _terms(right)), rules or [], right.shape[1])
    if isinstance(expression, Sum) and len(expression.limits) == 1:
        return _number(StepSum(expression.function, *expression.limits[0]), rules)
    if isinstance(expression, StepSum):
        body, index, lower, upper = expression.args
        apart = Dummy("i0", integer=True)  # no rule may speak of it
        return _step_sum(_number(body.xreplace({index: apart}), rules), apart, lower, upper)
    if (
        isinstance(expression, Pow)
        and expression.exp == 2
        and isinstance(expression.base, EuclideanNorm | FrobeniusNorm)
    ):
        return _number(Inner(expression.base.args[0], expression.base.args[0]), rules)
    if isinstance(expression, Add | Mul | Pow | Abs):
        return expand(expression.func(*(_number(arg, rules) for arg in expression.args)))
    if isinstance(expression, Expr):
        args = [
            _rebuilt(_reduced(_terms(a), rules or []), a.shape) if isinstance(a, MatrixExpr) else a
            for a in expression.args
        ]
        return expression.func(*args)
    return expression


def _step_sum(body: Expr, index: Symbol, lower: Expr, upper: Expr) -> Expr:
    """A sum over times, term by term, what does not depend on the time in front.

    Bound indices are numbered from the innermost sum outward, so that none captures another.
    """
    total = S.Zero
    for term in Add.make_args(expand(body)):
        outside, inside = term.as_independent(index, as_Add=False)
        named = _index(_depth(inside))
        total += outside * StepSum(inside.xreplace({index: named}), named, lower, upper)
    return total


def _depth(expression: Any) -> int:
    """How deep sums over times are nested in an expression."""
    inside = max(map(_depth, expression.args), default=0)
    return inside + 1 if isinstance(expression, StepSum) else inside


def _trace(terms: Terms, rules: list[tuple[Word, Terms]], size: Any) -> Expr:
    total = S.Zero
    for (sums, word), value in _reduced(terms, rules).items():
        term: Expr = _cycle(word) if word else size
        apart = {limit[0]: Dummy(limit[0].name, integer=True) for limit in sums}
        term, value = term.xreplace(apart), value.xreplace(apart)
        for index, lower, upper in reversed(sums):
            term = _step_sum(term, apart[index], lower.xreplace(apart), upper.xreplace(apart))
        total += value * term
    return expand(total)


def _cycle(word: Word) -> Expr:
    turns = [w[i:] + w[:i] for w in (word, _turned(word)) for i in range(len(word))]
    return Cycle(*min(turns, key=str))
