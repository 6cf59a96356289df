"""Gradients of several runs that one statement compares: of a net, of its rows, of parts of a sequence."""

from __future__ import annotations

from typing import Any

from sympy import Indexed, MatrixSymbol, Symbol, sympify

from backproof.theory.language.nodes.base import MatrixNode


class RunGradient(MatrixNode):
    """``∂L/∂q`` in the run of this name, as one column, by definition and by no formula of ours.

    ``q`` is ``theta``, all parameters one below the other; or, of the sequence ``row`` of the batch, ``x[t]``, what it
    reads at step t, or ``h[0]``, its first states one below the other. The instance says what each run is.
    """

    def __new__(cls, quantity: Any, run: Any, *row: Any) -> RunGradient:
        """``row`` is the number of the sequence, from 1 on; of parameters there is none."""
        return super().__new__(cls, quantity, run, *map(sympify, row))  # type: ignore[no-any-return]

    def _latex(self, printer: Any) -> str:
        asked, run, *row = self.args
        quantity, _, kind = asked.name.partition("_")
        of = rf"{printer._print(MatrixSymbol(quantity, 1, 1))}_{{{_upright(kind)}}}" if kind else printer._print(asked)
        by = f"{of}^{{({printer._print(row[0])})}}" if row else of
        name = _upright(run.name if isinstance(run, Symbol) else str(run.base))
        if isinstance(run, Indexed):
            name += rf"_{{{printer._print(run.indices[0])}}}"
        return rf"\frac{{\partial L^{{{name}}}}}{{\partial {by}}}"


def _upright(name: str) -> str:
    """A name of several letters as a word, and not as a product of them."""
    return rf"\mathrm{{{name.replace('_', ' ')}}}" if len(name) > 1 else name
