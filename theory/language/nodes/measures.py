"""Numbers from matrices: norms, eigenvalues, inner products, exponents."""

from __future__ import annotations

from typing import Any

from sympy import Expr, sympify


class Measure(Expr):  # type: ignore[misc]
    """A real number ≥ 0 that measures a matrix."""

    is_commutative = True
    is_extended_real = True
    is_real = True
    is_nonnegative = True
    brackets = (r"\left\lVert", r"\right\rVert")

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        left, right = self.brackets
        inside = f"{left} {printer._print(self.args[0])} {right}"
        return f"{inside}{self.index}" + (f"^{{{exp}}}" if exp else "")

    index = ""
    measure = ""  # the arithmetic's method that gives the value


class SpectralNorm(Measure):
    """``‖A‖₂``, the largest singular value."""

    measure = "spectral_norm"
    index = "_2"


class FrobeniusNorm(Measure):
    """``‖A‖_F``, the root of the sum of squares; the Euclidean norm of a column."""

    measure = "frobenius_norm"
    index = "_F"


class EuclideanNorm(Measure):
    """``‖v‖``, the Euclidean norm of all the entries taken together."""

    measure = "frobenius_norm"


class SpectralRadius(Measure):
    """``ρ(A)``, the largest modulus of an eigenvalue."""

    measure = "spectral_radius"
    brackets = (r"\rho\left(", r"\right)")


class LargestEigenvalue(Measure):
    """``λ_max(A)``, the largest eigenvalue with its sign, of a matrix whose eigenvalues are all real."""

    is_nonnegative = None  # type: ignore[assignment]
    measure = "largest_eigenvalue"
    brackets = (r"\lambda_{\max}\left(", r"\right)")


class SmallestModulus(Measure):
    """``min |λ|`` over the eigenvalues of A."""

    measure = "smallest_modulus"
    brackets = (r"\min\,|\lambda|\left(", r"\right)")


class SmallestSingularValue(Measure):
    """``σ_min(A)``, the least that A stretches a unit vector."""

    measure = "smallest_singular_value"
    brackets = (r"\sigma_{\min}\left(", r"\right)")


class LargestEntry(Measure):
    """``max |A_ij|``."""

    measure = "largest_entry"
    index = r"_{\max}"


class JointNorm(Measure):
    """``‖(A, B, …)‖``, the Euclidean norm of all the entries of several matrices taken together."""

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inside = ", ".join(printer._print(arg) for arg in self.args)
        return rf"\left\lVert ({inside}) \right\rVert" + (f"^{{{exp}}}" if exp else "")


class Inner(Expr):  # type: ignore[misc]
    """``⟨A, B⟩``, the sum of the products of corresponding entries."""

    is_commutative = True
    is_extended_real = True
    is_real = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        left, right = (printer._print(arg) for arg in self.args)
        return rf"\left\langle {left}, {right} \right\rangle" + (f"^{{{exp}}}" if exp else "")


class LyapunovExponent(Expr):  # type: ignore[misc]
    """``λ_i``, the i-th rate, largest first, at which the Jacobians of a trajectory stretch: the mean of ``log|R_ii|``.

    R_t is triangular with ``J_t Q_{t-1} = Q_t R_t``, each Q_t orthogonal and Q_0 = I.
    """

    is_commutative = True
    is_extended_real = True
    is_real = True

    def __new__(cls, index: Any) -> LyapunovExponent:
        """The largest has index 1."""
        return super().__new__(cls, sympify(index))  # type: ignore[no-any-return]

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return rf"\lambda_{{{printer._print(self.args[0])}}}" + (f"^{{{exp}}}" if exp else "")
