"""mpmath: arbitrary precision without a radius, an opinion independent of FLINT."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
from mpmath import mp

from backproof.theory.arithmetic.base import Arithmetic

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "tanh": mpmath.tanh,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "expm1": mpmath.expm1,
    "sqrt": mpmath.sqrt,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "erf": mpmath.erf,
    "ratio": lambda p, q, _: mpmath.mpf(p) / q,
    "pi": lambda _: +mpmath.pi,
    "select": lambda by, closed, yes, no: yes() if by > 0 or (closed and by == 0) else no(),
    "logistic": lambda x: 1 / (1 + mpmath.exp(-x)),
    "Max": max,
    "Heaviside": lambda x, at_0: mpmath.mpf(1 if x > 0 else 0) if x != 0 else mpmath.mpf(at_0),
    "DiracDelta": lambda x, *_: mpmath.mpf(0),
}


@dataclass(frozen=True)
class Multiprecision(Arithmetic):
    """mpmath matrices at the precision of ``mpmath.workdps``."""

    name = "mpmath"

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Functions of mpmath by the names that SymPy prints."""
        return FUNCTIONS

    def matrix(self, rows: Any) -> Any:
        """From nested rows of floats or Fractions."""
        return mp.matrix([[self.number(value) for value in row] for row in rows])

    def number(self, value: Fraction | int | float) -> Any:
        """The number at the working precision."""
        if isinstance(value, mpmath.mpf):
            return value
        exact = Fraction(value)
        return mp.mpf(exact.numerator) / exact.denominator

    def add(self, left: Any, right: Any) -> Any:
        """Sum."""
        return left + right

    def matmul(self, left: Any, right: Any) -> Any:
        """Product."""
        return left * right

    def hadamard(self, left: Any, right: Any) -> Any:
        """Entrywise product."""
        out = left.copy()
        for i in range(left.rows):
            for j in range(left.cols):
                out[i, j] = left[i, j] * right[i, j]
        return out

    def transpose(self, matrix: Any) -> Any:
        """Transpose."""
        return matrix.T

    def scale(self, factor: Any, matrix: Any) -> Any:
        """Scalar times matrix."""
        return factor * matrix

    def map(self, function: Callable[[Any], Any], matrix: Any) -> Any:
        """The function applied to one entry after the other."""
        return matrix.apply(function)

    def shape(self, matrix: Any) -> tuple[int, int]:
        """Rows and columns."""
        return matrix.rows, matrix.cols

    def entry(self, matrix: Any, row: int, column: int) -> Any:
        """The entry in this row and column."""
        return matrix[row, column]
