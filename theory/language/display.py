"""How instances are shown to a reader: what kind it is in words, and one formula for each quantity, in LaTeX."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from sympy import latex


class Displayed:
    """An instance that says itself how it is shown, on the page and in a notebook."""

    @property
    def in_words(self) -> str:
        """What kind of instance it is, in a few words; nothing for a plain assignment of values."""
        return ""

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """One equation in LaTeX for each of its quantities; none where it has no such form."""
        return ()

    def _repr_latex_(self) -> str | None:
        """The formulas one below the other, which a notebook typesets."""
        lines = [rf"\text{{{self.in_words}}}"] if self.in_words else []
        shown = r" \\ ".join([*lines, *self.in_formulas])
        return rf"$\displaystyle \begin{{array}}{{l}} {shown} \end{{array}}$" if shown else None


def count(number: int, word: str) -> str:
    """How many there are of something: 1 unit, 2 units."""
    return f"{number} {word}{'s' * (number != 1)}"


def column(values: Any) -> str:
    """A vector as a column."""
    return matrix(np.asarray(values, dtype=object).reshape(-1, 1))


def matrix(values: Any) -> str:
    """A matrix, with 0 and I for themselves, or a number."""
    rows = np.atleast_2d(np.asarray(values, dtype=object))
    if rows.shape == (1, 1):
        return number(rows[0, 0])
    if rows.shape[0] == rows.shape[1] and (rows == np.eye(len(rows))).all():
        return "I"
    if not (rows != 0).any():
        return "0"
    lines = (" & ".join(number(value) for value in row) for row in rows)
    return r"\begin{pmatrix}" + r" \\ ".join(lines) + r"\end{pmatrix}"


def number(value: Any) -> str:
    """An integer, a fraction or a decimal with its power of ten."""
    if isinstance(value, Fraction):
        text = rf"\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
        return str(value.numerator) if value.denominator == 1 else ("-" if value < 0 else "") + text
    if not isinstance(value, int | float | np.number):
        return str(latex(value))
    value = float(value)
    if abs(value) < 1e6 and value == int(value):
        return str(int(value))
    mantissa, _, exponent = repr(value).partition("e")
    return mantissa + (rf" \cdot 10^{{{int(exponent)}}}" if exponent else "")
