"""What an arithmetic must offer so that the derived expressions can be evaluated in it.

A matrix is whatever the arithmetic likes; scalars support ``+ - * /`` and integer powers. Everything that has a
formula is built here from a few primitives, so that a new arithmetic is one short class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial, reduce
from operator import pow as usual_power
from typing import Any, ClassVar

from sympy import Abs, And, Function, GreaterThan, Lambda, LessThan, Max, Min, Or, Piecewise, lambdify
from sympy.core.numbers import Half
from sympy.printing.lambdarepr import LambdaPrinter

from backproof.theory.language.nodes import NamedFunction


class Undecided(ArithmeticError):
    """The arithmetic cannot settle a question, such as the sign of a ball around zero. Never a pass."""


class NotOffered(ArithmeticError):
    """The arithmetic lacks a function, as exact rationals lack tanh."""


class Arithmetic(ABC):
    """Matrices over some kind of number."""

    name: ClassVar[str]
    batches: ClassVar[bool] = False
    """Whether matrices may have further axes in front, so that many are evaluated in one go; see `together`."""

    @property
    @abstractmethod
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Scalar functions by the names SymPy prints: tanh, exp, logistic, Max, Heaviside, sqrt, log, sin and others.

        One called power, of a scalar and an exponent from 0 on, stands in for ``**`` where that is no good. Constants
        are made to be like a scalar: ``pi(like)``, and p/q as ``ratio(p, q, like)``. ``select(by, closed, yes, no)`` is
        what ``yes()`` gives where ``by`` is positive, or 0 and ``closed``, and elsewhere what ``no()`` gives.
        """

    @abstractmethod
    def matrix(self, rows: Any) -> Any:
        """A matrix from a 2-D array of floats or Fractions, each taken exactly as far as the arithmetic can."""

    @abstractmethod
    def number(self, value: Fraction | int | float) -> Any:
        """A scalar from an exact number."""

    @abstractmethod
    def add(self, left: Any, right: Any) -> Any:
        """Sum of two matrices of one shape."""

    @abstractmethod
    def matmul(self, left: Any, right: Any) -> Any:
        """Matrix product."""

    @abstractmethod
    def hadamard(self, left: Any, right: Any) -> Any:
        """Entrywise product."""

    @abstractmethod
    def transpose(self, matrix: Any) -> Any:
        """Transpose."""

    @abstractmethod
    def scale(self, factor: Any, matrix: Any) -> Any:
        """A scalar of this arithmetic times a matrix."""

    @abstractmethod
    def map(self, function: Callable[[Any], Any], matrix: Any) -> Any:
        """A scalar function on every entry."""

    @abstractmethod
    def shape(self, matrix: Any) -> tuple[int, int]:
        """Rows and columns."""

    @abstractmethod
    def entry(self, matrix: Any, row: int, column: int) -> Any:
        """The entry in this row and column, as a scalar."""

    def zeros(self, rows: int, columns: int) -> Any:
        """The zero matrix."""
        return self.matrix([[0] * columns for _ in range(rows)])

    def identity(self, size: int) -> Any:
        """The identity matrix."""
        return self.matrix([[int(i == j) for j in range(size)] for i in range(size)])

    def diagonal(self, column: Any) -> Any:
        """The square matrix with a column on its diagonal: each row of I scaled by broadcasting the column."""
        size = self.shape(column)[0]
        ones = self.matrix([[1] * size])
        return self.hadamard(self.matmul(column, ones), self.identity(size))

    def products(self, terms: Sequence[tuple[Any, ...]]) -> Any:
        """``Σ A_1 A_2 ⋯``: a sum of matrix products, each given by its factors."""
        total = None
        for factors in terms:
            product = factors[-1]
            for factor in reversed(factors[:-1]):
                product = self.matmul(factor, product)
            total = product if total is None else self.add(total, product)
        return total

    def apply(self, function: Lambda, matrix: Any) -> Any:
        """A one-place SymPy function on every entry."""
        if function.expr.free_symbols:
            return self.map(self.compile(function), matrix)
        constant = self.compile(function)
        return self.map(lambda value: value * 0 + constant(value), matrix)

    def compile(self, function: Lambda) -> Callable[[Any], Any]:
        """The SymPy function as a Python function of this arithmetic's scalars."""
        return _compiled(type(self), function)

    def softmax(self, column: Any) -> Any:
        """``exp(o) / Σ exp(o)`` of a column. Exponents are taken relative to the largest where that exists."""
        weights = self.map(self.functions["exp"], self.shift(column))
        ones = self.matrix([[1] * self.shape(column)[0]])
        total = self.matmul(ones, weights)
        return self.matmul(weights, self.map(lambda s: 1 / s, total))

    def shift(self, column: Any) -> Any:
        """The column less a constant that tames exponentials; none by default."""
        return column

    def frobenius_norm(self, matrix: Any) -> Any:
        """Root of the sum of squares."""
        raise NotOffered(f"{self.name} have no norms")

    def spectral_norm(self, matrix: Any) -> Any:
        """The largest singular value."""
        raise NotOffered(f"{self.name} have no singular values")

    def smallest_singular_value(self, matrix: Any) -> Any:
        """The smallest singular value, of a square matrix."""
        raise NotOffered(f"{self.name} have no singular values")

    def singular_values(self, matrix: Any) -> Any:
        """All singular values in descending order, as many as the shorter side is long."""
        raise NotOffered(f"{self.name} have no singular values")

    def condition_number(self, matrix: Any) -> Any:
        """The largest singular value over the smallest."""
        raise NotOffered(f"{self.name} have no singular values")

    def eigenvalues(self, matrix: Any) -> Any:
        """All eigenvalues, with multiplicity, as complex numbers."""
        raise NotOffered(f"{self.name} have no eigenvalues")

    def real_eigenvalues(self, matrix: Any) -> Any:
        """All eigenvalues in descending order, of a matrix whose eigenvalues are real."""
        raise NotOffered(f"{self.name} have no eigenvalues")

    def determinant(self, matrix: Any) -> Any:
        """The determinant, expanded along its first row: n! terms, so meant for a few units."""
        size = self.shape(matrix)[0]
        return _expanded([[self.entry(matrix, i, j) for j in range(size)] for i in range(size)], self.number(1))

    def inverse(self, matrix: Any) -> Any:
        """The inverse."""
        raise NotOffered(f"{self.name} have no inverse")

    def largest_row_sum(self, matrix: Any) -> Any:
        """The largest sum of moduli in a row."""
        raise NotOffered(f"{self.name} have no row sums")

    def largest_column_sum(self, matrix: Any) -> Any:
        """The largest sum of moduli in a column."""
        return self.largest_row_sum(self.transpose(matrix))

    def spectral_radius(self, matrix: Any) -> Any:
        """The largest modulus of an eigenvalue."""
        raise NotOffered(f"{self.name} have no eigenvalues")

    def largest_eigenvalue(self, matrix: Any) -> Any:
        """The largest eigenvalue of a matrix whose eigenvalues are all real."""
        raise NotOffered(f"{self.name} have no eigenvalues")

    def smallest_modulus(self, matrix: Any) -> Any:
        """The smallest modulus of an eigenvalue."""
        raise NotOffered(f"{self.name} have no eigenvalues")

    def largest_entry(self, matrix: Any) -> Any:
        """The largest modulus of an entry."""
        raise NotOffered(f"{self.name} have no order")

    def exponential(self, matrix: Any) -> Any:
        """The exponential of a square matrix."""
        raise NotOffered(f"{self.name} have no matrix exponential")

    def together(self, matrices: Sequence[Any]) -> Any:
        """Matrices of one shape as a batch."""
        raise NotOffered(f"{self.name} have no batches")

    def sum_time(self, terms: Sequence[Any]) -> Any:
        """The sum of matrices, one a step."""
        total = terms[0]
        for term in terms[1:]:
            total = self.add(total, term)
        return total


@lru_cache(maxsize=256)
def _compiled(kind: type[Arithmetic], function: Lambda) -> Callable[[Any], Any]:
    """Compiled once for each kind of arithmetic: the functions of a kind do not depend on its settings."""
    table = {"power": usual_power, **kind.functions.fget(None)}  # type: ignore[attr-defined]
    (variable,) = function.variables
    body = function.expr.replace(lambda part: isinstance(part, NamedFunction), lambda part: part.stable)
    body = body.replace(Min, lambda *parts: -Max(*(-part for part in parts)))
    body = body.replace(Abs, lambda inner: Max(inner, -inner, evaluate=False))
    body = body.replace(Max, lambda *parts: reduce(partial(Max, evaluate=False), parts))
    if body == variable:
        return lambda value: value
    names = {"allow_unknown_functions": True, "user_functions": {name: name for name in table}}
    printer = _Printer(str(variable), {"fully_qualified_modules": False, "inline": True, **names})
    return lambdify(variable, body, modules=[table], printer=printer, cse=False)  # type: ignore[no-any-return]


class _Printer(LambdaPrinter):  # type: ignore[misc]
    """Prints what an arithmetic has: ``power(x, 2)`` for ``x**2``, ``sqrt`` for roots, constants like the variable."""

    def __init__(self, like: str, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self.like = like

    def _constant(self, expression: Any) -> str:
        """An argument: a number as one of the arithmetic, since plain integers have no functions."""
        if expression.is_Rational:
            return f"ratio({expression.p}, {expression.q}, {self.like})"
        return str(self._print(expression))

    def _print(self, expression: Any, **rest: Any) -> str:
        if isinstance(expression, Half):  # SymPy prints it apart from other fractions
            return self._constant(expression)
        if isinstance(expression, Function) and not isinstance(expression, Piecewise):
            return f"{type(expression).__name__}({', '.join(map(self._constant, expression.args))})"
        return str(super()._print(expression, **rest))

    def _print_Rational(self, expression: Any) -> str:
        return self._constant(expression)

    def _print_Pi(self, _: Any) -> str:
        return f"pi({self.like})"

    def _print_Piecewise(self, expression: Any) -> str:
        (value, condition), *rest = expression.args
        if not rest:
            return str(self._print(value))
        return self._chosen(condition, *(self._constant(branch) for branch in (value, Piecewise(*rest))))

    def _chosen(self, condition: Any, yes: str, no: str) -> str:
        """One of two values by a condition, which may join others: SymPy does so where branches have one slope."""
        if isinstance(condition, And | Or):
            first, *others = condition.args
            rest = self._chosen(condition.func(*others), yes, no)
            return self._chosen(first, rest, no) if isinstance(condition, And) else self._chosen(first, yes, rest)
        greater = self._constant(condition.gts - condition.lts)
        closed = isinstance(condition, GreaterThan | LessThan)
        return f"select({greater}, {closed}, lambda: {yes}, lambda: {no})"

    def _print_Pow(self, expression: Any, **rest: Any) -> str:
        if expression.exp.is_Integer and expression.exp > 1:
            return f"power({self._constant(expression.base)}, {expression.exp})"
        if expression.exp.is_Rational and expression.exp.q == 2:
            root, times = f"sqrt({self._constant(expression.base)})", abs(expression.exp.p)
            root = root if times == 1 else f"power({root}, {times})"
            return root if expression.exp > 0 else f"(1/{root})"
        return str(super()._print_Pow(expression, **rest))


def _expanded(rows: list[list[Any]], one: Any) -> Any:
    if not rows:
        return one
    minors = ([row[:j] + row[j + 1 :] for row in rows[1:]] for j in range(len(rows)))
    terms = [(-1) ** j * rows[0][j] * _expanded(minor, one) for j, minor in enumerate(minors)]
    return sum(terms[1:], terms[0])
