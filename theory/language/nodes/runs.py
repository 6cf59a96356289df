"""Gradients of several runs that one statement compares: of a net, of its rows, of parts of a sequence."""

from __future__ import annotations

from typing import Any

from sympy import sympify

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
        quantity, run, *row = (printer._print(arg) for arg in self.args)
        by = f"{quantity}^{{({row[0]})}}" if row else quantity
        return rf"\frac{{\partial L^{{{run}}}}}{{\partial {by}}}"
