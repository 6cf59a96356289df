"""Expressions as a line of text: W_fᵀ ā_f[t + 1] + σ′(a_f[t]) ∘ c̄[t], for terminals and messages."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

from sympy import Lambda, Symbol
from sympy.printing.str import StrPrinter

from backproof.theory.language.functions import known, z
from backproof.theory.language.notation import At

BAR = "\u0304"


class _Plain(StrPrinter):  # type: ignore[misc]
    """SymPy's text with the field's signs."""

    printmethod = "_plain"

    def _print_HadamardProduct(self, expr: Any) -> str:
        return " ∘ ".join(self._factor(part) for part in expr.args)

    def _print_MatMul(self, expr: Any) -> str:
        coefficient, factors = expr.as_coeff_matrices()
        front = {1: "", -1: "−"}.get(coefficient, f"{self._print(coefficient)} ")
        return front + " ".join(self._factor(part) for part in factors)

    def _factor(self, part: Any) -> str:
        text = self._print(part)
        return f"({text})" if part.is_MatAdd or type(part).__name__ == "HadamardProduct" else text

    def _print_MatAdd(self, expr: Any) -> str:
        return " + ".join(self._print(part) for part in expr.args).replace("+ −", "− ")

    def _print_Transpose(self, expr: Any) -> str:
        text = self._print(expr.arg)
        return f"{text}ᵀ" if expr.arg.is_symbol or isinstance(expr.arg, At) else f"({text})ᵀ"

    def _print_ElementwiseApplyFunction(self, expr: Any) -> str:
        return applied(expr.function, self._print(expr.expr))

    def _print_At(self, expr: Any) -> str:
        return f"{barred(expr.name)}[{self._print(expr.time)}]"

    def _print_OneMatrix(self, _: Any) -> str:
        return "1"

    def _print_Identity(self, _: Any) -> str:
        return "I"

    def _print_TimeSum(self, expr: Any) -> str:
        summand, index, lower, upper = expr.args
        return f"Σ_{index}={self._print(lower)}…{self._print(upper)} {self._print(summand)}"


def plain(expression: Any) -> str:
    """The expression as text."""
    return _Plain().doprint(expression)  # type: ignore[no-any-return]


def barred(name: str) -> str:
    """The name of an adjoint as a cell writes it: h̄ for hbar, ā_i for abar_i."""
    base, line, index = name.partition("_")
    return normalize("NFC", base.removesuffix("bar") + BAR) + line + index if base[:-3] and base[-3:] == "bar" else name


def applied(function: Any, argument: str) -> str:
    """σ′(a): a known function, or one of its slopes, by its sign; any other by its expression."""
    body = function(z)
    if isinstance(function, Lambda) and (found := known(body)):
        activation, order = found
        return f"{activation.sign or activation.name}{'′' * order}({argument})"
    name = Symbol(argument if body.is_Function or " " not in argument else f"({argument})")
    text = _Plain().doprint(body.subs(z, name))
    return f"({text})" if body.is_Add or body.is_Mul else str(text)
