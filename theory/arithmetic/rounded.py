"""Float arithmetic that carries, beside each value, how far a sensible float implementation may be from it.

The radius of an operation is its textbook bound: the unit roundoff times the magnitudes that were summed
(γ_k = k u/(1 − k u) for k of them in any order; Higham, *Accuracy and Stability of Numerical Algorithms*), plus
the smallest subnormal for each product, since products may underflow. Nothing here has an absolute floor.

Carried over many steps such radii grow like powers of ‖|W|‖ and say nothing. So this arithmetic is used for **one**
step at a time, and `backproof.theory.nets.rounding` carries the result on through the Jacobian products.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Lambda

from backproof.theory.arithmetic.base import Arithmetic, Undecided
from backproof.theory.arithmetic.floats import FUNCTIONS as FLOAT_FUNCTIONS
from backproof.theory.arithmetic.floats import Floats
from backproof.theory.language.nodes import NamedFunction

ELEMENTARY_ULPS = 4
"""Largest error of an elementary function in units in the last place that NumPy documents for its vector library."""


@dataclass(frozen=True)
class Roundoff:
    """Unit roundoff, smallest subnormal and largest number of a float format."""

    unit: float
    tiny: float
    largest: float = float(np.finfo(np.float64).max)

    @classmethod
    def of(cls, dtype: Any) -> Roundoff:
        """The roundoff of a NumPy dtype, or of "bfloat16", which NumPy lacks: float32 with 8 bits of precision."""
        if dtype == "bfloat16":
            return cls(unit=2.0**-8, tiny=2.0**-133, largest=2.0**128 * (1 - 2.0**-8))
        info = np.finfo(dtype)
        return cls(unit=float(info.eps) / 2, tiny=float(info.smallest_subnormal), largest=float(info.max))

    def holds(self, values: Any) -> bool:
        """Whether the format has each of these numbers exactly."""
        significand, _ = np.frexp(values)
        whole = np.ldexp(significand, round(-np.log2(self.unit)))
        with np.errstate(over="ignore"):
            steps = np.asarray(values) / self.tiny
        inside = np.abs(values) <= self.largest
        return bool(np.all(inside & (whole == np.rint(whole)) & (steps == np.rint(steps))))

    def gamma(self, count: int) -> float:
        """``γ_count``, the relative error of a sum of ``count`` rounded products in any order.

        Raises
        ------
        Undecided
            For so many that their roundings have no bound.
        """
        if count * self.unit >= 1:
            raise Undecided(f"a sum of {count} terms has no bound where each is rounded by {self.unit:.3g}")
        return count * self.unit / (1 - count * self.unit)


class Approximate:
    """An array of values, each with a radius: what a float implementation may return instead.

    Scalar formulas (slopes above all) can be written in several ways, so each of their operations is granted the error
    of an elementary function; matrix operations, of which there is one way, are granted their own rounding only.
    """

    __array_ufunc__ = None  # NumPy must leave mixed operations to us

    def __init__(self, value: Any, radius: Any, roundoff: Roundoff) -> None:
        self.value, self.radius, self.roundoff = value, radius, roundoff

    def _with(self, other: Any) -> tuple[Any, Any]:
        return (other.value, other.radius) if isinstance(other, Approximate) else (other, 0.0)

    def _rounded(self, value: Any, inherited: Any, magnitude: Any) -> Approximate:
        own = 2 * ELEMENTARY_ULPS * self.roundoff.unit * magnitude + self.roundoff.tiny
        return Approximate(value, inherited + own, self.roundoff)

    def __add__(self, other: Any) -> Approximate:
        value, radius = self._with(other)
        return self._rounded(self.value + value, self.radius + radius, np.abs(self.value) + np.abs(value))

    __radd__ = __add__

    def __neg__(self) -> Approximate:
        return Approximate(-self.value, self.radius, self.roundoff)

    def __sub__(self, other: Any) -> Approximate:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Approximate:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Approximate:
        value, radius = self._with(other)
        inherited = np.abs(self.value) * radius + self.radius * np.abs(value) + self.radius * radius
        return self._rounded(self.value * value, inherited, np.abs(self.value * value))

    __rmul__ = __mul__

    def __pow__(self, power: int) -> Approximate:
        if power < 0:
            return self._reciprocal(1.0) ** (-power)
        result = self
        for _ in range(power - 1):
            result = result * self
        return result

    def __rtruediv__(self, other: Any) -> Approximate:
        return self._reciprocal(other)

    def _reciprocal(self, other: Any) -> Approximate:
        room = np.maximum(np.abs(self.value) - self.radius, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = other / self.value
            return self._rounded(value, np.abs(value) * self.radius / room, np.abs(value))

    def __truediv__(self, other: Any) -> Approximate:
        return self * (other._reciprocal(1.0) if isinstance(other, Approximate) else 1 / other)


def _elementary(
    function: Callable[[Any], Any], slope: Callable[[Any, Any], Any]
) -> Callable[[Approximate], Approximate]:
    """A function with a known slope (of argument and value), computed to a few units in the last place."""

    def evaluate(x: Any) -> Any:
        if not isinstance(x, Approximate):
            return function(x)  # a constant, as exact as any
        value = function(x.value)
        return x._rounded(value, np.abs(slope(x.value, value)) * x.radius, np.abs(value))

    return evaluate


def _maximum(first: Any, second: Any) -> Approximate:
    """What is certainly the smaller of the two adds no error."""
    one = first if isinstance(first, Approximate) else second
    (a, r), (b, s) = (one._with(part) if part is not one else (one.value, one.radius) for part in (first, second))
    radius = np.maximum(np.where(a + r > b - s, r, 0.0), np.where(b + s > a - r, s, 0.0))
    return Approximate(np.maximum(a, b), radius, one.roundoff)


def _heaviside(x: Approximate, at_0: Any) -> Approximate:
    """Near the kink either slope may come out; at an exact zero with no error it is what is said."""
    at_0, _ = x._with(at_0)
    unsure = (np.abs(x.value) <= x.radius) & (x.radius > 0)
    value = np.where(x.value == 0, at_0, np.where(x.value > 0, 1.0, 0.0))
    return Approximate(value, np.where(unsure, 1.0, 0.0), x.roundoff)


def _ratio(p: int, q: int, like: Approximate) -> Approximate:
    """p/q, with its rounding unless q is a power of two."""
    value = np.float64(p / q)
    return Approximate(value, 0.0 if q & (q - 1) == 0 else like.roundoff.unit * abs(value), like.roundoff)


def _pi(like: Any) -> Any:
    if not isinstance(like, Approximate):
        return np.pi
    return Approximate(np.float64(np.pi), like.roundoff.unit * np.pi, like.roundoff)


def _select(by: Approximate, closed: bool, yes: Callable[[], Any], no: Callable[[], Any]) -> Approximate:
    """One of two values; where rounding may choose the other, as far off as they are apart."""
    (a, r), (b, s) = by._with(yes()), by._with(no())
    chosen = by.value >= 0 if closed else by.value > 0
    unsure = (np.abs(by.value) <= by.radius) & (by.radius > 0)
    radius = np.where(unsure, np.abs(a - b) + np.maximum(r, s), np.where(chosen, r, s))
    return Approximate(np.where(chosen, a, b), radius, by.roundoff)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "tanh": _elementary(FLOAT_FUNCTIONS["tanh"], lambda _, value: 1 - value**2),
    "exp": _elementary(FLOAT_FUNCTIONS["exp"], lambda _, value: value),
    "log": _elementary(FLOAT_FUNCTIONS["log"], lambda x, _: 1 / x),
    "log1p": _elementary(FLOAT_FUNCTIONS["log1p"], lambda x, _: 1 / (1 + x)),
    "expm1": _elementary(FLOAT_FUNCTIONS["expm1"], lambda _, value: 1 + value),
    "sqrt": _elementary(FLOAT_FUNCTIONS["sqrt"], lambda _, value: 1 / (2 * value)),
    "sin": _elementary(FLOAT_FUNCTIONS["sin"], lambda x, _: np.cos(x)),
    "cos": _elementary(FLOAT_FUNCTIONS["cos"], lambda x, _: np.sin(x)),
    "erf": _elementary(FLOAT_FUNCTIONS["erf"], lambda x, _: 2 / np.sqrt(np.pi) * np.exp(-(x**2))),
    "logistic": _elementary(FLOAT_FUNCTIONS["logistic"], lambda _, value: value * (1 - value)),
    "Max": _maximum,
    "Heaviside": _heaviside,
    "ratio": _ratio,
    "pi": _pi,
    "select": _select,
    "DiracDelta": lambda x, *_: Approximate(np.zeros_like(x.value), np.zeros_like(x.value), x.roundoff),
}


@dataclass(frozen=True)
class Rounded(Arithmetic):
    """Matrices are `Approximate` arrays (…, rows, columns) in float64 for the format given by ``roundoff``."""

    roundoff: Roundoff
    name = "rounded floats"

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The functions by name, each with a bound on its error."""
        return FUNCTIONS

    def matrix(self, rows: Any) -> Approximate:
        """An array without error: inputs are exact."""
        value = np.asarray(rows, dtype=np.float64)
        return Approximate(value, np.zeros_like(value), self.roundoff)

    def number(self, value: Fraction | int | float) -> Any:
        """A float, taken as exact."""
        return float(value)

    def compile(self, function: Lambda) -> Callable[[Any], Any]:
        """A function of its own name is elementary: whoever has it computes it to a few units in the last place."""
        if not isinstance(function.expr, NamedFunction):
            return super().compile(function)
        slope = Lambda(function.variables, function.expr.diff(*function.variables))
        value, steepness = (Floats().compile(each) for each in (function, slope))
        return _elementary(value, lambda x, _: steepness(x))

    def products(self, terms: Sequence[tuple[Any, ...]]) -> Approximate:
        """All the products of a sum are one long dot product, which may be added up in any order."""
        value: Any = 0.0
        inherited: Any = 0.0
        magnitude: Any = 0.0
        length = len(terms)
        for factors in terms:
            right = factors[-1]
            for left in reversed(factors[1:-1]):
                right = self.matmul(left, right)
            if len(factors) == 1:
                value, inherited = value + right.value, inherited + right.radius
                magnitude = magnitude + np.abs(right.value)
                continue
            left = factors[0]
            size, other = np.abs(left.value), np.abs(right.value)
            length += left.value.shape[-1]
            value = value + left.value @ right.value
            magnitude = magnitude + size @ other
            inherited = inherited + size @ right.radius + left.radius @ (other + right.radius)
        own = self.roundoff.gamma(length) * magnitude + length * self.roundoff.tiny
        return Approximate(value, inherited + own, self.roundoff)

    def add(self, left: Any, right: Any) -> Any:
        """A sum of two."""
        return self.products([(left,), (right,)])

    def matmul(self, left: Any, right: Any) -> Any:
        """A dot product for each entry."""
        return self.products([(left, right)])

    def hadamard(self, left: Any, right: Any) -> Any:
        """The entrywise product: one rounding for each entry."""
        value = left.value * right.value
        inherited = np.abs(left.value) * right.radius + left.radius * (np.abs(right.value) + right.radius)
        own = self.roundoff.unit * np.abs(value) + self.roundoff.tiny
        return Approximate(value, inherited + own, self.roundoff)

    def transpose(self, matrix: Any) -> Any:
        """The transpose, which commits no error."""
        value, radius = (np.swapaxes(part, -1, -2) for part in (matrix.value, matrix.radius))
        return Approximate(value, radius, self.roundoff)

    def scale(self, factor: Any, matrix: Any) -> Any:
        """Two roundings an entry, the factor's own and the product's; none for a change of sign."""
        if factor == -1:
            return -matrix
        value = matrix.value * factor
        own = 2 * self.roundoff.unit * np.abs(value) + self.roundoff.tiny
        return Approximate(value, matrix.radius * abs(factor) + own, self.roundoff)

    def map(self, function: Callable[[Any], Any], matrix: Any) -> Any:
        """The function sees the whole array."""
        return function(matrix)

    def shape(self, matrix: Any) -> tuple[int, int]:
        """Rows and columns: the last two axes."""
        rows, columns = matrix.value.shape[-2:]
        return rows, columns

    def entry(self, matrix: Any, row: int, column: int) -> Any:
        """One entry as a scalar, for every element of the batch."""
        return Approximate(matrix.value[..., row, column], matrix.radius[..., row, column], self.roundoff)

    def shift(self, column: Any) -> Any:
        """Less the largest; the shift cancels in the quotient, so it costs the rounding of a difference."""
        return column - np.max(column.value, axis=-2, keepdims=True)
