"""Typesetting statements as LaTeX, from the very expressions that are proved and checked."""

from __future__ import annotations

from typing import Any

from sympy import Lambda
from sympy.printing.latex import LatexPrinter


class _Printer(LatexPrinter):  # type: ignore[misc]
    """SymPy's printer with the field's habits: φ(a) for an elementwise function, diag(v), plain transposes."""

    def _print_ElementwiseApplyFunction(self, expr: Any) -> str:
        function = expr.function
        inner = self._print(expr.expr)
        if isinstance(function, Lambda) and len(function.expr.args) == 1:
            name = self._print(function.expr).split(r"\left(")[0].removesuffix("{").strip()
            return rf"{name}\left({inner}\right)"
        return super()._print_ElementwiseApplyFunction(expr)  # type: ignore[no-any-return]

    def _print_DiagMatrix(self, expr: Any) -> str:
        return rf"\operatorname{{diag}}\left({self._print(expr.args[0])}\right)"

    def _print_Transpose(self, expr: Any) -> str:
        inner = self._print(expr.arg)
        return f"{inner}^{{\\top}}" if expr.arg.is_symbol or not expr.arg.args or _short(expr.arg) else rf"\left({inner}\right)^{{\top}}"

    def _print_Zero_matrix(self, expr: Any) -> str:
        return "0"

    _print_ZeroMatrix = _print_Zero_matrix

    def _print_Identity(self, expr: Any) -> str:
        return "I"


def _short(expression: Any) -> bool:
    from theory.notation import At

    return isinstance(expression, At)


def tex(expression: Any) -> str:
    """LaTeX of a statement or any part of it."""
    return _Printer({"mat_delim": "(", "mat_str": "matrix"}).doprint(expression)  # type: ignore[no-any-return]
