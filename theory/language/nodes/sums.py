"""Sums and products over time steps."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Tuple, sympify
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.nodes.base import MatrixNode


class TimeSum(MatrixNode):
    """``Σ_{s=lower}^{upper} summand(s)`` for a matrix summand."""

    def __new__(cls, summand: MatrixExpr, *limits: Any) -> TimeSum:
        """``limits`` is (index, lower, upper), both inclusive."""
        index, lower, upper = limits[0] if len(limits) == 1 else limits  # as written, or as SymPy rebuilds it
        return super().__new__(cls, summand, index, sympify(lower), sympify(upper))  # type: ignore[no-any-return]

    @property
    def free_symbols(self) -> set[Any]:
        """The free symbols of the arguments, without the bound index."""
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
        """The free symbols of the arguments, without the bound index."""
        body, index, lower, upper = self.args
        return (body.free_symbols - {index}) | lower.free_symbols | upper.free_symbols  # type: ignore[no-any-return]

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        summand, index, lower, upper = (printer._print(arg) for arg in self.args)
        total = rf"\sum_{{{index}={lower}}}^{{{upper}}} {summand}"
        return rf"\left( {total} \right)^{{{exp}}}" if exp else total


class TimeProduct(MatrixNode):
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
        """The free symbols of the arguments, without the bound index."""
        body, index, lower, upper = self.args[:4]
        return (body.free_symbols - {index}) | lower.free_symbols | upper.free_symbols  # type: ignore[no-any-return]

    def _latex(self, printer: Any) -> str:
        factor, index, lower, upper = (printer._print(arg) for arg in self.args[:4])
        if self.args[4] == 1:
            return rf"\prod_{{{index}={lower}}}^{{{upper}}} {factor}"
        return rf"\prod_{{{index}={upper}}}^{{{lower}}} {factor}"
