"""Exact rationals, and balls: arbitrary precision with a rigorous error radius (both from FLINT)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from operator import methodcaller
from typing import Any, ClassVar

import numpy as np
from flint import acb, arb, arb_mat, ctx, fmpq, fmpq_mat

from backproof.theory.arithmetic.base import Arithmetic, NotOffered, Undecided
from backproof.theory.arithmetic.eigenvalues import all_real, descending, eigenvalues, gram_eigenvalues, largest

EXPONENTS = 745
"""The largest entries of a matrix whose exponential is evaluated: the logarithm of the smallest float64 is −744.4, and
that of the largest 709.8, so that beyond it e to that power is 0 or infinite in every format."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work at ``bits`` of precision inside the block."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def rational(value: Any) -> fmpq:
    """A finite float, int or Fraction as the rational that it is.

    Raises
    ------
    ValueError
        For infinities and NaN.
    """
    exact = Fraction(value) if not isinstance(value, fmpq) else value
    return exact if isinstance(exact, fmpq) else fmpq(exact.numerator, exact.denominator)


@dataclass(frozen=True)
class _Flint(Arithmetic):
    """The operations that FLINT's rational matrices and ball matrices share."""

    kind: ClassVar[Any]

    def scalar(self, value: Any) -> Any:
        """A scalar from anything exact."""
        raise NotImplementedError

    def matrix(self, rows: Any) -> Any:
        """From nested rows of exact numbers or scalars."""
        return self.kind([[self.scalar(value) for value in row] for row in rows])

    def number(self, value: Fraction | int | float) -> Any:
        """The exact number."""
        return self.scalar(value)

    def add(self, left: Any, right: Any) -> Any:
        """Sum."""
        return left + right

    def matmul(self, left: Any, right: Any) -> Any:
        """Product."""
        return left * right

    def hadamard(self, left: Any, right: Any) -> Any:
        """Entrywise product."""
        pairs = zip(left.entries(), right.entries(), strict=True)
        return self.kind(left.nrows(), left.ncols(), [first * second for first, second in pairs])

    def transpose(self, matrix: Any) -> Any:
        """Transpose."""
        return matrix.transpose()

    def scale(self, factor: Any, matrix: Any) -> Any:
        """Scalar times matrix."""
        return matrix * factor

    def map(self, function: Callable[[Any], Any], matrix: Any) -> Any:
        """The function applied to one entry after the other."""
        return self.kind(matrix.nrows(), matrix.ncols(), [function(value) for value in matrix.entries()])

    def shape(self, matrix: Any) -> tuple[int, int]:
        """Rows and columns."""
        return matrix.nrows(), matrix.ncols()

    def entry(self, matrix: Any, row: int, column: int) -> Any:
        """The entry in this row and column."""
        return matrix[row, column]

    def inverse(self, matrix: Any) -> Any:
        """The inverse.

        Raises
        ------
        Undecided
            If the matrix is singular, or may be.
        """
        try:
            return matrix.inv()
        except ZeroDivisionError:
            raise Undecided("an inverse of a matrix that may be singular") from None

    def determinant(self, matrix: Any) -> Any:
        """FLINT's own, in n³ operations."""
        return matrix.det()

    def largest_row_sum(self, matrix: Any) -> Any:
        """The largest sum of moduli in a row."""
        sums = [sum(abs(value) for value in row) for row in matrix.tolist()]
        best = sums[0]
        for value in sums[1:]:
            best = self.functions["Max"](best, value)
        return best

    def largest_column_sum(self, matrix: Any) -> Any:
        """The largest sum of moduli in a column."""
        return self.largest_row_sum(matrix.transpose())


def _positive(x: arb) -> bool:
    """Whether a ball lies right of zero; ReLU's convention counts 0 itself as not.

    Raises
    ------
    Undecided
        If the ball holds zero and more.
    """
    if x > 0:
        return True
    if x <= 0:
        return False
    raise Undecided("a ball straddles the kink of a piecewise function")


def _power(base: Any, exponent: int) -> Any:
    """The power, for an exponent from 0 on. FLINT's own takes a logarithm, and gives NaN, where the midpoint is 0."""
    if isinstance(base, arb) and base.mid() == 0:
        return prod([base] * exponent, start=arb(1))
    return base**exponent


BALL_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: methodcaller(name) for name in ("tanh", "exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "erf")},
    "ratio": lambda p, q, _: arb(fmpq(p, q)),
    "pi": lambda _: arb.pi(),
    "select": lambda by, closed, yes, no: yes() if (closed and by.is_zero()) or _positive(by) else no(),
    "power": _power,
    "logistic": lambda x: 1 / (1 + (-x).exp()),
    "Max": lambda first, second: first.max(arb(second)) if isinstance(first, arb) else second.max(arb(first)),
    "Heaviside": lambda x, at_0: arb(at_0) if x.is_zero() else arb(1 if _positive(x) else 0),
    "DiracDelta": lambda x, *_: arb(0),
}


@dataclass(frozen=True)
class Balls(_Flint):
    """Real balls. Set the precision with `precision`; every result encloses the true value."""

    name = "balls"
    kind: ClassVar[Any] = arb_mat

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Arb's own, each with a rigorous radius."""
        return BALL_FUNCTIONS

    def scalar(self, value: Any) -> arb:
        """A float exactly; a Fraction as the tightest ball."""
        if isinstance(value, arb | int):
            return arb(value)
        if isinstance(value, float | np.floating):
            if not np.isfinite(value):
                raise ValueError(f"a ball needs a finite number, got {value}")
            return arb(float(value))
        return arb(rational(value))

    def frobenius_norm(self, matrix: Any) -> Any:
        """Root of the sum of squares."""
        return sum((value * value for value in matrix.entries()), arb(0)).nonnegative_part().sqrt()

    def exponential(self, matrix: Any) -> Any:
        """Arb's own, with a rigorous radius.

        Raises
        ------
        Undecided
            If an entry exceeds `EXPONENTS`: each squaring then costs a bit more, for a result in no format's range.
        """
        if not all(abs(value) <= EXPONENTS for value in matrix.entries()):
            raise Undecided(f"the exponential of a matrix with entries beyond {EXPONENTS}")
        return matrix.exp()

    def largest_entry(self, matrix: Any) -> Any:
        """The largest modulus of an entry."""
        return largest([abs(value) for value in matrix.entries()])

    def spectral_norm(self, matrix: Any) -> Any:
        """Root of the largest eigenvalue of AᵀA."""
        if all(value.is_zero() for value in matrix.entries()):
            return arb(0)
        return largest(gram_eigenvalues(matrix)).sqrt()

    def smallest_singular_value(self, matrix: Any) -> Any:
        """Root of the smallest eigenvalue of AᵀA."""
        return (-largest([-value for value in gram_eigenvalues(matrix)])).nonnegative_part().sqrt()

    def spectral_radius(self, matrix: Any) -> Any:
        """The largest modulus of a certified eigenvalue."""
        return largest([abs(value) for value in eigenvalues(matrix)])

    def largest_eigenvalue(self, matrix: Any) -> Any:
        """The largest certified eigenvalue, of a matrix known to have real ones."""
        values = eigenvalues(matrix)
        if not all_real(matrix, values):
            raise Undecided("some eigenvalue may not be real")
        return largest([value.real for value in values])

    def eigenvalues(self, matrix: Any) -> list[acb]:
        """Certified enclosures of all eigenvalues, with multiplicity."""
        return eigenvalues(matrix)

    def real_eigenvalues(self, matrix: Any) -> list[arb]:
        """All eigenvalues in descending order, of a matrix known to have real ones.

        Raises
        ------
        Undecided
            If one may not be real, or their order is not certain.
        """
        values = eigenvalues(matrix)
        if not all_real(matrix, values):
            raise Undecided("some eigenvalue may not be real")
        return descending([value.real for value in values])

    def singular_values(self, matrix: Any) -> list[arb]:
        """All singular values in descending order, as many as the shorter side is long."""
        if matrix.nrows() < matrix.ncols():
            matrix = matrix.transpose()
        return [value.sqrt() for value in descending(gram_eigenvalues(matrix))]

    def condition_number(self, matrix: Any) -> arb:
        """The largest singular value over the smallest."""
        values = self.singular_values(matrix)
        if values[-1].contains(0):
            raise Undecided("the matrix may be singular")
        return values[0] / values[-1]

    def smallest_modulus(self, matrix: Any) -> Any:
        """The smallest modulus of a certified eigenvalue."""
        return -largest([-abs(value) for value in eigenvalues(matrix)])


def _no_function(name: str) -> Callable[..., Any]:
    def refuse(*_: Any) -> Any:
        raise NotOffered(f"exact rationals have no {name}")

    return refuse


RATIONAL_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: _no_function(name) for name in BALL_FUNCTIONS if name != "power"},
    "Max": lambda first, second: first if first > second else first * 0 + second,
    "Heaviside": lambda x, at_0: fmpq(1 if x > 0 else 0) if x != 0 else rational(at_0),
    "DiracDelta": lambda x, *_: fmpq(0),
    "ratio": lambda p, q, _: fmpq(p, q),
    "select": lambda by, closed, yes, no: yes() if by > 0 or (closed and by == 0) else no(),
}


@dataclass(frozen=True)
class Rationals(_Flint):
    """Exact rationals, for identity and ReLU nets with squared error."""

    name = "exact rationals"
    kind: ClassVar[Any] = fmpq_mat

    def largest_entry(self, matrix: Any) -> Any:
        """The largest modulus of an entry."""
        return max(abs(value) for value in matrix.entries())

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Comparisons only; tanh and its like are refused by name."""
        return RATIONAL_FUNCTIONS

    def scalar(self, value: Any) -> fmpq:
        """The rational that the value is."""
        return rational(value)
