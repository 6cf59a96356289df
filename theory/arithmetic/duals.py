"""Dual numbers over any arithmetic: forward differentiation, which shares nothing with the adjoint equations.

A matrix is a pair (value, tangent). A constant has tangent None. Over floats the tangent of a column may have several
columns, one a direction, as long as the column is not multiplied from the right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import Lambda, Symbol, exp

from backproof.theory.arithmetic.base import Arithmetic
from backproof.theory.language.functions import slope

_z = Symbol("z", real=True)
_EXP, _RECIPROCAL = Lambda(_z, exp(_z)), Lambda(_z, 1 / _z)


@dataclass(frozen=True)
class Dual:
    """A value and its derivative in one direction."""

    value: Any
    tangent: Any = None


@lru_cache(maxsize=64)
def _derivative(function: Lambda) -> Lambda:
    return Lambda(_z, slope(function)(_z))


@dataclass(frozen=True)
class Duals(Arithmetic):
    """Forward mode over ``base``."""

    base: Arithmetic
    name = "dual numbers"

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Those of the base, for scalars, which are constants; elementwise functions are applied by `apply`."""
        return self.base.functions

    def matrix(self, rows: Any) -> Any:
        """A constant matrix: its tangent is zero."""
        return Dual(self.base.matrix(rows))

    def number(self, value: Fraction | int | float) -> Any:
        """A constant scalar of the base."""
        return self.base.number(value)

    def add(self, left: Any, right: Any) -> Any:
        """Sum."""
        return Dual(self.base.add(left.value, right.value), self._sum(left.tangent, right.tangent))

    def _sum(self, left: Any, right: Any) -> Any:
        if left is None or right is None:
            return right if left is None else left
        return self.base.add(left, right)

    def _product(self, multiply: Callable[[Any, Any], Any], left: Dual, right: Dual) -> Dual:
        first = None if left.tangent is None else multiply(left.tangent, right.value)
        second = None if right.tangent is None else multiply(left.value, right.tangent)
        return Dual(multiply(left.value, right.value), self._sum(first, second))

    def matmul(self, left: Any, right: Any) -> Any:
        """The product, differentiated by the product rule."""
        return self._product(self.base.matmul, left, right)

    def hadamard(self, left: Any, right: Any) -> Any:
        """The product, differentiated by the product rule."""
        return self._product(self.base.hadamard, left, right)

    def _linear(self, function: Callable[[Any], Any], dual: Dual) -> Dual:
        return Dual(function(dual.value), None if dual.tangent is None else function(dual.tangent))

    def transpose(self, matrix: Any) -> Any:
        """Linear, so that value and tangent are treated alike."""
        return self._linear(self.base.transpose, matrix)

    def scale(self, factor: Any, matrix: Any) -> Any:
        """Linear in the matrix; the factor is a constant."""
        return self._linear(lambda part: self.base.scale(factor, part), matrix)

    def apply(self, function: Lambda, matrix: Any) -> Any:
        """Chain rule, entrywise, with SymPy's derivative of the function."""
        value = self.base.apply(function, matrix.value)
        if matrix.tangent is None:
            return Dual(value)
        steepness = self.base.apply(_derivative(function), matrix.value)
        return Dual(value, self.base.hadamard(steepness, matrix.tangent))

    def map(self, function: Callable[[Any], Any], matrix: Any) -> Any:
        """Not possible for a bare Python function, whose derivative nobody knows."""
        raise TypeError("dual numbers need a SymPy function; use apply")

    def softmax(self, column: Any) -> Any:
        """From exponentials, a sum and a reciprocal, each differentiated by `apply`."""
        weights = self.apply(_EXP, Dual(self.base.shift(column.value), column.tangent))
        ones = self.matrix([[1]] * self.shape(column)[0])
        total = self.matmul(self.transpose(ones), weights)
        return self.hadamard(weights, self.matmul(ones, self.apply(_RECIPROCAL, total)))

    def shape(self, matrix: Any) -> tuple[int, int]:
        """Rows and columns of the value; a tangent has the same."""
        return self.base.shape(matrix.value)

    def entry(self, matrix: Any, row: int, column: int) -> Any:
        """An entry of the value with that of the tangent."""
        return self._linear(lambda part: self.base.entry(part, row, column), matrix)

    def diagonal(self, column: Any) -> Any:
        """Linear, so that value and tangent are treated alike."""
        return self._linear(self.base.diagonal, column)
