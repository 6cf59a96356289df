"""Float arithmetic on NumPy arrays: whole batches at once, and complex numbers for the complex step.

Matrices are arrays (…, rows, columns); the leading axes are a batch (of instances, of steps, of directions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from numpy.typing import DTypeLike

from backproof.theory.arithmetic.base import Arithmetic


def _logistic(z: Any) -> Any:
    """1/(1+e^{-z}) without overflow on either side."""
    e = np.exp(-np.abs(z) if np.isrealobj(z) else np.where(z.real > 0, -z, z))
    return np.where(np.real(z) > 0, 1 / (1 + e), e / (1 + e))


def _erf(z: Any) -> Any:
    """SciPy's; in NumPy's longest float, which SciPy does not have, mpmath's."""
    if np.asarray(z).dtype == np.longdouble and np.longdouble != np.float64:
        return _ERF(z)
    from scipy.special import erf

    return erf(z)


@np.vectorize
def _ERF(z: Any) -> Any:
    with mpmath.workprec(np.finfo(np.longdouble).nmant + 10):
        value = mpmath.erf(mpmath.mpf(float(z)) + float(z - np.longdouble(float(z))))
        near = float(value)
        return np.longdouble(near) + np.longdouble(float(value - near))


def _ratio(p: int, q: int, like: Any) -> Any:
    """p/q in the format of the scalar or array."""
    kind = np.result_type(like).type
    return kind(p) / kind(q)


def _select(by: Any, closed: bool, yes: Callable[[], Any], no: Callable[[], Any]) -> Any:
    return np.where(np.real(by) >= 0 if closed else np.real(by) > 0, yes(), no())


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "erf": _erf,
    "logistic": _logistic,
    "ratio": _ratio,
    "pi": lambda like: np.arccos(-np.ones_like(np.real(like))),
    "select": _select,
    "Max": lambda first, second: np.where(np.real(first) > np.real(second), first, second),
    "Heaviside": lambda z, at_0: np.where(np.real(z) == 0, at_0, np.where(np.real(z) > 0, 1.0, 0.0)),
    "DiracDelta": lambda z, *_: np.zeros_like(z),
}


@dataclass(frozen=True)
class Floats(Arithmetic):
    """float64 by default; complex128 makes it a complex step."""

    dtype: DTypeLike = np.float64
    name = "floats"
    batches = True

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """NumPy's functions by the names that SymPy prints."""
        return FUNCTIONS

    def matrix(self, rows: Any) -> Any:
        """An array of this dtype."""
        return np.asarray(rows, dtype=self.dtype)

    def number(self, value: Fraction | int | float) -> Any:
        """The nearest float; of a fraction as many digits as the format has, up to twice those of a float64."""
        near = float(value)
        if isinstance(value, Fraction) and value != near:
            return self.matrix(near)[()] + self.matrix(float(value - Fraction(near)))[()]
        return self.matrix(near)[()]

    def add(self, left: Any, right: Any) -> Any:
        """Sum."""
        return left + right

    def matmul(self, left: Any, right: Any) -> Any:
        """Product over the last two axes."""
        return left @ right

    def hadamard(self, left: Any, right: Any) -> Any:
        """Entrywise product."""
        return left * right

    def transpose(self, matrix: Any) -> Any:
        """The last two axes exchanged; axes in front are a batch."""
        return np.swapaxes(matrix, -1, -2)

    def scale(self, factor: Any, matrix: Any) -> Any:
        """Scalar times matrix."""
        return factor * matrix

    def map(self, function: Callable[[Any], Any], matrix: Any) -> Any:
        """The function sees the whole array."""
        return function(matrix)

    def together(self, matrices: Sequence[Any]) -> Any:
        """Arrays stacked along a new axis in front; what lacks the axes of a batch is repeated along them."""
        return np.stack(np.broadcast_arrays(*matrices))

    def sum_time(self, terms: Any) -> Any:
        """The sum over the first axis, which is time."""
        return np.sum(terms, axis=0)

    def shape(self, matrix: Any) -> tuple[int, int]:
        """Rows and columns: the last two axes."""
        rows, columns = matrix.shape[-2:]
        return rows, columns

    def entry(self, matrix: Any, row: int, column: int) -> Any:
        """One entry as a scalar, for every element of the batch."""
        return matrix[..., row, column]

    def shift(self, column: Any) -> Any:
        """Less the largest real part, so that no exponential overflows."""
        return column - np.max(np.real(column), axis=-2, keepdims=True)

    def frobenius_norm(self, matrix: Any) -> Any:
        """The root of the sum of squares over the last two axes."""
        return np.linalg.norm(matrix, axis=(-2, -1))

    def spectral_norm(self, matrix: Any) -> Any:
        """By NumPy's singular value decomposition, over the last two axes."""
        return np.linalg.norm(matrix, 2, axis=(-2, -1))

    def smallest_singular_value(self, matrix: Any) -> Any:
        """By NumPy's singular value decomposition, over the last two axes."""
        return np.linalg.norm(matrix, -2, axis=(-2, -1))

    def singular_values(self, matrix: Any) -> Any:
        """From the singular value decomposition."""
        return np.linalg.svd(matrix, compute_uv=False)

    def condition_number(self, matrix: Any) -> Any:
        """From the singular value decomposition; infinite for a singular matrix."""
        return np.linalg.cond(matrix)

    def eigenvalues(self, matrix: Any) -> Any:
        """As computed, complex."""
        return np.linalg.eigvals(matrix)

    def real_eigenvalues(self, matrix: Any) -> Any:
        """As computed, their real parts in descending order."""
        return np.sort(np.linalg.eigvals(matrix).real)[::-1]

    def inverse(self, matrix: Any) -> Any:
        """As computed; of NaN for a singular matrix."""
        try:
            return np.linalg.inv(matrix)
        except np.linalg.LinAlgError:
            return np.full_like(matrix, np.nan)

    def largest_row_sum(self, matrix: Any) -> Any:
        """Over the last two axes."""
        return np.max(np.sum(np.abs(matrix), axis=-1), axis=-1)

    def spectral_radius(self, matrix: Any) -> Any:
        """By NumPy's eigenvalues, over the last two axes."""
        return np.max(np.abs(np.linalg.eigvals(matrix)), axis=-1)

    def smallest_modulus(self, matrix: Any) -> Any:
        """By NumPy's eigenvalues, over the last two axes."""
        return np.min(np.abs(np.linalg.eigvals(matrix)), axis=-1)

    def largest_entry(self, matrix: Any) -> Any:
        """The largest modulus of an entry over the last two axes."""
        return np.max(np.abs(matrix), axis=(-2, -1))
