"""An activation left open with named derivatives, and what matrix nodes have in common."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr


class OpenFunction(Function):  # type: ignore[misc]
    """A smooth scalar function left undefined; differentiating gives the next of the family by name."""

    nargs = 1
    order = 0

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative: the next function of φ, φ′ and φ″."""
        if self.order + 1 >= len(DERIVATIVES):
            raise NotImplementedError("the notation names φ, φ′ and φ″ only")
        return DERIVATIVES[self.order + 1](self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = f"^{{{exp}}}" if exp else ""
        return r"\varphi" + "'" * self.order + rf"{power}\left({printer._print(self.args[0])}\right)"


class phi(OpenFunction):  # noqa: N801 — the letter of the formulas
    """The activation φ, any smooth function."""


class phi_prime(OpenFunction):  # noqa: N801
    """The slope φ′ of the activation."""

    order = 1


class phi_second(OpenFunction):  # noqa: N801
    """The curvature φ″ of the activation."""

    order = 2


DERIVATIVES = (phi, phi_prime, phi_second)


class NamedFunction(Function):  # type: ignore[misc]
    """A scalar function that keeps its name in formulas, and says itself how to be evaluated.

    So no arithmetic has to know it: each evaluates ``stable``, a formula of functions that all of them have.
    """

    nargs = 1

    @property
    def stable(self) -> Expr:
        """The value, in a form that neither overflows nor cancels, at an argument of any size."""
        raise NotImplementedError


class MatrixNode(MatrixExpr):  # type: ignore[misc]
    """A matrix expression of our own, with symbolic entries, shaped as its first argument unless it says otherwise."""

    @property
    def shape(self) -> tuple[Any, Any]:
        """The shape of the first argument."""
        return self.args[0].shape  # type: ignore[no-any-return]

    def _entry(self, i: Any, j: Any, **_: Any) -> MatrixElement:
        return MatrixElement(self, i, j)
