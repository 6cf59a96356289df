"""One singular value or eigenvalue of many, quantifiers over eigenvalues, condition numbers, row and column sums."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Symbol, sympify
from sympy.logic.boolalg import Boolean

from backproof.theory.language.nodes.measures import Measure


class LargestRowSum(Measure):
    """``‖A‖_∞``, the largest row sum of the moduli of entries."""

    measure = "largest_row_sum"
    index = r"_\infty"


class LargestColumnSum(Measure):
    """``‖A‖_1``, the largest column sum of the moduli of entries."""

    measure = "largest_column_sum"
    index = "_1"


class ConditionNumber(Measure):
    """``κ(A) = σ_max / σ_min``; infinite, and so undecided, for a singular matrix."""

    measure = "condition_number"
    brackets = (r"\kappa\left(", r"\right)")


class _Indexed(Expr):  # type: ignore[misc]
    """A real number of a matrix, by its place in descending order from 1 on."""

    is_commutative = True
    is_extended_real = True
    is_real = True
    letter = ""

    def __new__(cls, matrix: Any, index: Any) -> Any:
        """The matrix, and which of its values is meant."""
        return super().__new__(cls, sympify(matrix), sympify(index))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        matrix, index = (printer._print(arg) for arg in self.args)
        text = rf"{self.letter}_{{{index}}}\left({matrix}\right)"
        return text + (f"^{{{exp}}}" if exp else "")


class SingularValue(_Indexed):
    """``σ_i(A)``, the i-th singular value, the largest first."""

    is_nonnegative = True
    letter = r"\sigma"


class Eigenvalue(_Indexed):
    """``λ_i(A)``, the i-th eigenvalue of a matrix whose eigenvalues are all real, the largest first."""

    letter = r"\lambda"


class SmallestEntry(Expr):  # type: ignore[misc]
    """``min A_ij``, with its sign."""

    is_commutative = True
    is_extended_real = True
    is_real = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = rf"\min_{{ij}} {printer._print(self.args[0])}"
        return rf"\left({text}\right)^{{{exp}}}" if exp else text


class _OverEigenvalues(Boolean):  # type: ignore[misc]
    """A claim about the eigenvalues of a matrix, with multiplicity, one of them named by a complex symbol."""

    sign = ""

    def __new__(cls, matrix: Any, eigenvalue: Symbol, claim: Any) -> Any:
        """``eigenvalue`` is bound in the claim; declare it ``Symbol("mu", complex=True)``."""
        return super().__new__(cls, matrix, eigenvalue, claim)

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the matrix and the claim, less the eigenvalue."""
        matrix, eigenvalue, claim = self.args
        return (claim.free_symbols - {eigenvalue}) | matrix.free_symbols  # type: ignore[no-any-return]

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        matrix, eigenvalue, claim = (printer._print(arg) for arg in self.args)
        return rf"{self.sign} {eigenvalue} \in \operatorname{{spec}}\left({matrix}\right)\colon {claim}"


class ForEveryEigenvalue(_OverEigenvalues):
    """The claim holds for every eigenvalue of the matrix."""

    sign = r"\forall"


class ForSomeEigenvalue(_OverEigenvalues):
    """The claim holds for at least one eigenvalue of the matrix."""

    sign = r"\exists"
