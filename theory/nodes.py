"""Expression nodes that SymPy lacks: an undefined activation with named derivatives, softmax, norms, sums over time.

They print, substitute and compare like any SymPy expression; `theory.evaluation` gives them values.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, Integer, Tuple, sympify
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from theory.notation import At, n


class _Activation(Function):  # type: ignore[misc]
    """A smooth scalar function left undefined; differentiating gives the next of the family by name."""

    nargs = 1
    order = 0

    def fdiff(self, argindex: int = 1) -> Expr:
        if self.order + 1 >= len(DERIVATIVES):
            raise NotImplementedError("the notation names φ, φ′ and φ″ only")
        return DERIVATIVES[self.order + 1](self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = f"^{{{exp}}}" if exp else ""
        return r"\varphi" + "'" * self.order + rf"{power}\left({printer._print(self.args[0])}\right)"


class phi(_Activation):  # noqa: N801 — the letter of the formulas
    """The activation φ, any smooth function."""


class phi_prime(_Activation):  # noqa: N801
    """Its slope φ′."""

    order = 1


class phi_second(_Activation):  # noqa: N801
    """Its curvature φ″."""

    order = 2


DERIVATIVES = (phi, phi_prime, phi_second)


class _MatrixNode(MatrixExpr):  # type: ignore[misc]
    """A matrix expression of our own, with symbolic entries, shaped as its first argument unless it says otherwise."""

    @property
    def shape(self) -> tuple[Any, Any]:
        """That of the first argument."""
        return self.args[0].shape  # type: ignore[no-any-return]

    def _entry(self, i: Any, j: Any, **_: Any) -> MatrixElement:
        return MatrixElement(self, i, j)


class Softmax(_MatrixNode):
    """``exp(o_i) / Σ_j exp(o_j)`` of a column."""

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{softmax}}\left({printer._print(self.args[0])}\right)"


class LossGradient(_MatrixNode):
    """``∂L/∂q`` for a parameter or a quantity q at a time, in the shape of q, by definition and by no formula of ours.

    `theory.evaluation` gives it its value by forward differentiation of the unrolled loss.
    """

    def _latex(self, printer: Any) -> str:
        return rf"\frac{{\partial L}}{{\partial {printer._print(self.args[0])}}}"


class StepLossGradient(_MatrixNode):
    """``∂L_t/∂q``: the gradient of the loss charged at one step alone."""

    @property
    def time(self) -> Any:
        """The step whose loss is meant."""
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        return rf"\frac{{\partial L_{{{printer._print(self.time)}}}}}{{\partial {printer._print(self.args[0])}}}"


class CopyGradient(_MatrixNode):
    """``∂L/∂θ_t``: the gradient by the copy of a shared parameter that step t uses, the other copies held fixed."""

    @property
    def time(self) -> Any:
        """The step whose copy is meant."""
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        parameter, time = (printer._print(arg) for arg in self.args)
        return rf"\frac{{\partial L}}{{\partial {parameter}^{{({time})}}}}"


class Contribution(_MatrixNode):
    """``∂L_t/∂θ_k``: the gradient of the loss of step t alone by the copy of a shared parameter that step k uses.

    It is what step k contributes to ``∂L_t/∂θ``, and so what the loss of step t teaches about the word read at step k.
    """

    def _latex(self, printer: Any) -> str:
        parameter, late, early = (printer._print(arg) for arg in self.args)
        return rf"\frac{{\partial L_{{{late}}}}}{{\partial {parameter}^{{({early})}}}}"


class Gradient(_MatrixNode):
    """``∂f/∂q`` for a 1 by 1 expression f of a column q, by definition, valued by forward differentiation."""

    @property
    def shape(self) -> tuple[Any, Any]:
        """That of q."""
        return self.args[1].shape  # type: ignore[no-any-return]

    def _latex(self, printer: Any) -> str:
        value, column = (printer._print(arg) for arg in self.args)
        return rf"\frac{{\partial}}{{\partial {column}}} \left( {value} \right)"


class Clamp(_MatrixNode):
    """Every entry brought into [low, high]; an end may be infinite."""

    def _latex(self, printer: Any) -> str:
        inside, low, high = (printer._print(arg) for arg in self.args)
        return rf"\operatorname{{clamp}}_{{[{low}, {high}]}}\left({inside}\right)"


class MatrixExponential(_MatrixNode):
    """``exp(A)`` of a square matrix, by its power series."""

    def _latex(self, printer: Any) -> str:
        return rf"\exp\left({printer._print(self.args[0])}\right)"


class InFloats(_MatrixNode):
    """``fl(A)``: what the formula gives when it is evaluated in float arithmetic, as it is written."""

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{fl}}\left({printer._print(self.args[0])}\right)"


class StateJacobian(_MatrixNode):
    """``∂h_t/∂h_k``, n by n, rows for h_t; by definition, valued by forward differentiation."""

    shape = (n, n)

    def _latex(self, printer: Any) -> str:
        late, early = (printer._print(time) for time in self.args)
        return rf"\frac{{\partial h_{{{late}}}}}{{\partial h_{{{early}}}}}"


class Vec(_MatrixNode):
    """The entries of a matrix in one column, row by row."""

    @property
    def shape(self) -> tuple[Any, Any]:
        """As many rows as the matrix has entries."""
        rows, columns = self.args[0].shape
        return rows * columns, Integer(1)

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{vec}}\left({printer._print(self.args[0])}\right)"


class Sensitivity(_MatrixNode):
    """``∂h_t/∂vec θ``, all paths counted: a row for each unit, a column for each entry of θ; by definition."""

    sign = ""

    @property
    def shape(self) -> tuple[Any, Any]:
        """As many rows as units, as many columns as θ has entries."""
        rows, columns = self.args[0].shape
        return n, rows * columns

    @property
    def time(self) -> Any:
        """The step whose state is meant."""
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        parameter, time = (printer._print(arg) for arg in self.args)
        return rf"\frac{{\partial{self.sign} h_{{{time}}}}}{{\partial \operatorname{{vec}} {parameter}}}"


class Immediate(Sensitivity):
    """``∂⁺h_t/∂vec θ``, the immediate derivative: h_{t-1} is held fixed."""

    sign = "^{+}"


class TruncatedGradient(_MatrixNode):
    """``Σ_t ∂L_t/∂θ`` with the state h_{t-K} held fixed in the loss of step t, by definition; K is the window."""

    @property
    def window(self) -> Any:
        """How many steps back the derivative goes."""
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        parameter, window = (printer._print(arg) for arg in self.args)
        return rf"\left[ \frac{{\partial L}}{{\partial {parameter}}} \right]_{{{window}}}"


class DirectJacobian(_MatrixNode):
    """``∂⁺q_t/∂q_{t-1}`` for a state q: whatever else its equation reads is held fixed, by definition."""

    shape = (n, n)

    def _latex(self, printer: Any) -> str:
        quantity = self.args[0]
        late, early = (printer._print(q) for q in (quantity, quantity.func(quantity.args[0], quantity.time - 1)))
        return rf"\frac{{\partial^{{+}} {late}}}{{\partial {early}}}"


class TimeSum(_MatrixNode):
    """``Σ_{s=lower}^{upper} summand(s)`` for a matrix summand."""

    def __new__(cls, summand: MatrixExpr, *limits: Any) -> TimeSum:
        """``limits`` is (index, lower, upper), both inclusive."""
        index, lower, upper = limits[0] if len(limits) == 1 else limits  # as written, or as SymPy rebuilds it
        return super().__new__(cls, summand, index, sympify(lower), sympify(upper))  # type: ignore[no-any-return]

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the arguments, less the bound index."""
        body, index, lower, upper = self.args[:4]
        return (body.free_symbols - {index}) | lower.free_symbols | upper.free_symbols  # type: ignore[no-any-return]

    def _latex(self, printer: Any) -> str:
        summand, index, lower, upper = (printer._print(arg) for arg in self.args)
        return rf"\sum_{{{index}={lower}}}^{{{upper}}} {summand}"


class StepSum(Expr):  # type: ignore[misc]
    """``Σ_{s=lower}^{upper} summand(s)`` for a real summand."""

    is_commutative = True
    is_extended_real = True
    is_real = True

    def __new__(cls, *args: Any) -> StepSum:
        """Arguments are the summand, the index, and its first and last value."""
        return super().__new__(cls, *map(sympify, args))  # type: ignore[no-any-return]

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the arguments, less the bound index."""
        body, index, lower, upper = self.args
        return (body.free_symbols - {index}) | lower.free_symbols | upper.free_symbols  # type: ignore[no-any-return]

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        summand, index, lower, upper = (printer._print(arg) for arg in self.args)
        total = rf"\sum_{{{index}={lower}}}^{{{upper}}} {summand}"
        return rf"\left( {total} \right)^{{{exp}}}" if exp else total


class TimeProduct(_MatrixNode):
    """``F(upper) ⋯ F(lower)``: a product of square matrices in which later times stand to the left; empty is I.

    With ``ascending=1`` later times stand to the right, as a transposed layout asks.
    """

    def __new__(cls, factor: MatrixExpr, *limits: Any, ascending: Any = 0) -> TimeProduct:
        """``limits`` is (index, lower, upper), both inclusive."""
        if isinstance(limits[0], tuple | Tuple):  # as written; else as SymPy rebuilds it
            limits = (*limits[0], *(limits[1:] or (ascending,)))
        return super().__new__(cls, factor, *map(sympify, limits))  # type: ignore[no-any-return]

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the arguments, less the bound index."""
        body, index, lower, upper = self.args[:4]
        return (body.free_symbols - {index}) | lower.free_symbols | upper.free_symbols  # type: ignore[no-any-return]

    def _latex(self, printer: Any) -> str:
        factor, index, lower, upper = (printer._print(arg) for arg in self.args[:4])
        if self.args[4] == 1:
            return rf"\prod_{{{index}={lower}}}^{{{upper}}} {factor}"
        return rf"\prod_{{{index}={upper}}}^{{{lower}}} {factor}"


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
    """``λ_i``, the i-th rate, largest first, at which the Jacobians of a trajectory stretch: the mean of log |R_ii|.

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


def times(expression: Any) -> set[Any]:
    """Every quantity at a time in the expression."""
    return set(expression.atoms(At))
