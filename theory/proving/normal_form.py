"""A normal form of matrix expressions at symbolic size: sums of words, a word a product of factors that do not commute.

Two expressions with one normal form are equal, whatever their entries. Equations that are known may be used on the way:
each replaces its left side, wherever that stands in a word, by its right side. Nothing here ever says that two
expressions differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
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
from backproof.theory.proving.words import (
    Terms,
    Unfinished,
    Word,
    apart,
    bound_index,
    plus,
    reduced,
    tidy,
    times,
    turned,
)

z = Dummy("z", real=True)


def same(left: Any, right: Any, equations: Iterable[tuple[Any, Any]] = ()) -> bool:
    """Whether both sides certainly have one normal form, each equation used from left to right."""
    try:
        rules = list(_rules(equations))
        if isinstance(left, MatrixExpr) != isinstance(right, MatrixExpr):
            return False
        if isinstance(left, MatrixExpr):
            if left.shape != right.shape:
                return False
            return not reduced(plus(_terms(left), _terms(right), -1), rules)
        return bool(_number(left - right, rules) == 0)
    except Unfinished:
        return False


@lru_cache(maxsize=4096, typed=True)  # 1.0 is not 1
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


@lru_cache(maxsize=4096)  # the lines of a proof, and its siblings, speak of the same matrices again and again
def _terms(expression: MatrixExpr) -> Terms:
    """The words of an expression with their coefficients; nobody changes what is returned."""
    if isinstance(expression, MatAdd):
        total: Terms = {}
        for arg in expression.args:
            total = plus(total, _terms(arg))
        return total
    if isinstance(expression, MatMul):
        coefficient, factors = expression.as_coeff_matrices()
        product: Terms = {((), ()): _number(coefficient)}
        for factor in factors:
            product = times(product, _terms(factor))
        return product
    if isinstance(expression, ZeroMatrix):
        return {}
    if isinstance(expression, Identity):
        return {((), ()): S.One}
    if isinstance(expression, Transpose):
        return {(sums, tidy(turned(word))): value for (sums, word), value in _terms(expression.arg).items()}
    if isinstance(expression, TimeSum):
        return _summed(expression)
    if isinstance(expression, MatPow):
        return _power(expression)
    if isinstance(expression, HadamardProduct) and expression.shape[1] == 1:
        *diagonals, last = expression.args
        return _terms(MatMul(*map(DiagMatrix, diagonals), last))
    return _atom(expression)


def _summed(expression: TimeSum) -> Terms:
    body, index, lower, upper = expression.args
    total: Terms = {}
    outer = bound_index(0)
    fresh = Dummy("i0", integer=True)  # of its own for each sum: a nested one may not capture it
    for (sums, word), value in _terms(body.xreplace({index: fresh})).items():
        moved, word, value = apart(sums, word, value, 1)
        back = {fresh: outer}
        limits = tuple(tuple(part.xreplace(back) for part in limit) for limit in moved)
        key = ((outer, lower, upper), *limits), tuple(factor.xreplace(back) for factor in word)
        inner, value = value.xreplace(back).as_independent(outer, *(limit[0] for limit in limits))[::-1]
        if inner != 1:  # a coefficient that depends on the time stays under the sum
            key = key[0], (MatMul(inner, Identity(word[0].shape[0] if word else 1)), *key[1])
        total = plus(total, {key: value})
    return total


def _power(expression: MatPow) -> Terms:
    base, exponent = expression.base, expression.exp
    if exponent.is_Integer and 0 <= exponent <= 16:
        product: Terms = {((), ()): S.One}
        for _ in range(int(exponent)):
            product = times(product, _terms(base))
        return product
    inside = _terms(base)
    if len(inside) == 1:
        (((sums, word), coefficient),) = inside.items()
        if not sums and len(word) <= 1 and (coefficient == 1 or exponent.is_integer):
            plain = MatPow(word[0], exponent, evaluate=False) if word else None
            return {((), tidy((plain,) if plain is not None else ())): coefficient**exponent}
    return {((), (MatPow(_rebuilt(inside, expression.shape), exponent, evaluate=False),)): S.One}


def _atom(expression: MatrixExpr) -> Terms:
    """A node that is a factor of its own, its arguments in normal form."""
    if isinstance(expression, InFloats):  # speaks of the formula as it is written
        return {((), (expression,)): S.One}
    if isinstance(expression, ElementwiseApplyFunction):
        inner = _rebuilt(_terms(expression.expr), expression.shape)
        transposed = isinstance(inner, Transpose)
        function = expression.function
        plain = ElementwiseApplyFunction(Lambda(z, _expanded(function(z))), inner.arg if transposed else inner)
        return {((), (Transpose(plain) if transposed else plain,)): S.One}
    if isinstance(expression, DiagMatrix | Vec):
        shape, linear = expression.args[0].shape, _diagonal_of if isinstance(expression, DiagMatrix) else _stacked
        total: Terms = {}
        for (sums, word), value in _terms(expression.args[0]).items():
            total = plus(total, {(sums, linear(word, shape)): value})
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


def _expanded(body: Expr) -> Expr:
    """The expression expanded, roots as they stand: SymPy takes √(z + a)³ apart, and cannot apply what comes out."""
    roots = {power: Dummy() for power in body.atoms(Pow) if not power.exp.is_Integer}
    return expand(body.xreplace(roots)).xreplace({root: power for power, root in roots.items()})


def _diagonal_of(column: Word, shape: Any) -> Word:
    """``diag(d ∘ e ∘ v)`` is diag(d) diag(e) diag(v), and diag(1) is I."""
    start = next((i for i, factor in enumerate(column) if not isinstance(factor, DiagMatrix)), len(column))
    rest = column[start:]
    if len(rest) == 1 and isinstance(rest[0], OneMatrix):
        rest = ()
    if not rest:
        return tidy(column[:start])
    return tidy((*column[:start], DiagMatrix(_rebuilt({((), rest): S.One}, shape))))


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


class Cycle(Expr):  # type: ignore[misc]
    """The trace of a word under sums, the same for its rotations and its transpose."""

    is_commutative = True
    is_real = True

    def _sympystr(self, printer: Any) -> str:
        """Said here, for SymPy prints what is called Cycle as a permutation, and never comes to an end."""
        return f"Trace({', '.join(printer._print(arg) for arg in self.args)})"


def _number(expression: Any, rules: list[tuple[Word, Terms]] | None = None) -> Expr:
    """A number with traces, inner products and squared norms written as traces of words, and multiplied out."""
    if not isinstance(expression, Basic) or not expression.args:
        return expression
    if isinstance(expression, Trace):
        return _trace(_terms(expression.arg), rules or [], expression.arg.shape[0])
    if isinstance(expression, Inner):
        left, right = expression.args
        return _trace(times(_terms(Transpose(left)), _terms(right)), rules or [], right.shape[1])
    if isinstance(expression, Sum) and len(expression.limits) == 1:
        return _number(StepSum(expression.function, *expression.limits[0]), rules)
    if isinstance(expression, StepSum):
        body, index, lower, upper = expression.args
        unnamed = Dummy("i0", integer=True)  # no rule may speak of it
        return _step_sum(_number(body.xreplace({index: unnamed}), rules), unnamed, lower, upper)
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
            _rebuilt(reduced(_terms(a), rules or []), a.shape) if isinstance(a, MatrixExpr) else a
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
        named = bound_index(_depth(inside))
        total += outside * StepSum(inside.xreplace({index: named}), named, lower, upper)
    return total


def _depth(expression: Any) -> int:
    """How deep sums over times are nested in an expression."""
    inside = max(map(_depth, expression.args), default=0)
    return inside + 1 if isinstance(expression, StepSum) else inside


def _trace(terms: Terms, rules: list[tuple[Word, Terms]], size: Any) -> Expr:
    total = S.Zero
    for (sums, word), value in reduced(terms, rules).items():
        term: Expr = _cycle(word) if word else size
        unnamed = {limit[0]: Dummy(limit[0].name, integer=True) for limit in sums}
        term, value = term.xreplace(unnamed), value.xreplace(unnamed)
        for index, lower, upper in reversed(sums):
            term = _step_sum(term, unnamed[index], lower.xreplace(unnamed), upper.xreplace(unnamed))
        total += value * term
    return expand(total)


def _cycle(word: Word) -> Expr:
    turns = [w[i:] + w[:i] for w in (word, turned(word)) for i in range(len(word))]
    return Cycle(*min(turns, key=str))
