"""Explicit SymPy matrices: what a symbolic-size expression says entry by entry at a small size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import ImmutableMatrix, Lambda, Rational, eye, sympify

from backproof.theory.arithmetic.base import Arithmetic


@dataclass(frozen=True)
class Symbolic(Arithmetic):
    """Matrices of SymPy expressions."""

    name = "symbols"

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """SymPy's functions by their names."""
        import sympy

        names = ("tanh", "exp", "log", "sqrt", "sin", "cos", "erf", "Max", "Heaviside")
        return {name: getattr(sympy, name) for name in names} | {"pi": lambda _: sympy.pi}

    def matrix(self, rows: Any) -> Any:
        """An explicit matrix from nested rows of expressions."""
        return ImmutableMatrix([[sympify(value) for value in row] for row in rows])

    def number(self, value: Fraction | int | float) -> Any:
        """An exact number."""
        exact = Fraction(value)
        return Rational(exact.numerator, exact.denominator)

    def add(self, left: Any, right: Any) -> Any:
        """Sum."""
        return left + right

    def matmul(self, left: Any, right: Any) -> Any:
        """Product."""
        return left * right

    def hadamard(self, left: Any, right: Any) -> Any:
        """Entrywise product."""
        return left.multiply_elementwise(right)

    def transpose(self, matrix: Any) -> Any:
        """Transpose."""
        return matrix.T

    def scale(self, factor: Any, matrix: Any) -> Any:
        """Scalar times matrix."""
        return factor * matrix

    def map(self, function: Callable[[Any], Any], matrix: Any) -> Any:
        """Entry by entry."""
        return matrix.applyfunc(function)

    def apply(self, function: Lambda, matrix: Any) -> Any:
        """The function itself, uninterpreted if it is."""
        return matrix.applyfunc(function)

    def identity(self, size: int) -> Any:
        """The identity matrix."""
        return ImmutableMatrix(eye(size))

    def shape(self, matrix: Any) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = matrix.shape
        return rows, columns

    def entry(self, matrix: Any, row: int, column: int) -> Any:
        """The entry in this row and column."""
        return matrix[row, column]
