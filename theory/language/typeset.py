"""Typesetting statements as LaTeX, from the very expressions that are proved and checked."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Lambda, MatrixSymbol
from sympy.printing.latex import LatexPrinter

from backproof.theory.language.functions import known, z
from backproof.theory.language.notation import At


class _Printer(LatexPrinter):  # type: ignore[misc]
    """SymPy's printer with the field's habits: φ(a) for an elementwise function, diag(v), plain transposes."""

    def _print_ElementwiseApplyFunction(self, expr: Any) -> str:
        function = expr.function
        inner = self._print(expr.expr)
        name = _named(function)
        if name is not None:
            return rf"{name}\left({inner}\right)"
        if isinstance(function, Lambda) and len(function.expr.args) == 1:
            name = self._print(function.expr).split(r"\left(")[0].removesuffix("{").strip()
            return rf"{name}\left({inner}\right)"
        return super()._print_ElementwiseApplyFunction(expr)  # type: ignore[no-any-return]

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        """Terms with a minus sign last: t − k rather than −k + t."""
        return sorted(super()._as_ordered_terms(expr, order), key=lambda term: term.could_extract_minus_sign())

    def _print_And(self, expr: Any) -> str:
        """One relation a line."""
        lines = r" \\ ".join(f"& {_printed(part)}" for part in expr.args)
        return rf"\begin{{aligned}} {lines} \end{{aligned}}"

    def _print_DiagMatrix(self, expr: Any) -> str:
        return rf"\operatorname{{diag}}\left({self._print(expr.args[0])}\right)"

    def _print_Transpose(self, expr: Any) -> str:
        inner = self._print(expr.arg)
        if inner.endswith("^{-1}"):
            return str(inner).removesuffix("^{-1}") + r"^{-\top}"
        alone = isinstance(expr.arg, MatrixSymbol | At)
        return f"{inner}^{{\\top}}" if alone else rf"\left({inner}\right)^{{\top}}"

    def _print_Determinant(self, expr: Any, exp: str | None = None) -> str:
        return rf"\det\left({self._print(expr.arg)}\right)" + (f"^{{{exp}}}" if exp else "")

    def _print_ZeroMatrix(self, expr: Any) -> str:
        return "0"

    def _print_Identity(self, expr: Any) -> str:
        return "I"


def _named(function: Any) -> str | None:
    """tanh′, σ′, … for a derivative of a known activation that has a sign of its own."""
    found = known(function(z)) if isinstance(function, Lambda) else None
    return found[0].symbol + "'" * found[1] if found and found[0].symbol else None


def tex(expression: Any) -> str:
    """LaTeX of a statement or any part of it; a string is taken as LaTeX already."""
    if isinstance(expression, str):
        return expression
    return _printed(expression)


@lru_cache(maxsize=1024)  # siblings of a statement share all parts but one
def _printed(expression: Any) -> str:
    return _Printer({"mat_delim": "(", "mat_str": "matrix"}).doprint(expression)  # type: ignore[no-any-return]
