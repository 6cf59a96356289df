"""Matrices from a matrix: softmax, clamping, exponential, rounding to floats, stacking of columns."""

from __future__ import annotations

from typing import Any

from sympy import Integer

from backproof.theory.language.nodes.base import MatrixNode


class Softmax(MatrixNode):
    """``exp(o_i) / Σ_j exp(o_j)`` of a column."""

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{softmax}}\left({printer._print(self.args[0])}\right)"


class Clamp(MatrixNode):
    """Every entry brought into [low, high]; an end may be infinite."""

    def _latex(self, printer: Any) -> str:
        inside, low, high = (printer._print(arg) for arg in self.args)
        return rf"\operatorname{{clamp}}_{{[{low}, {high}]}}\left({inside}\right)"


class MatrixExponential(MatrixNode):
    """``exp(A)`` of a square matrix, by its power series."""

    def _latex(self, printer: Any) -> str:
        return rf"\exp\left({printer._print(self.args[0])}\right)"


class InFloats(MatrixNode):
    """``fl(A)``: what the formula gives when it is evaluated in float arithmetic, as it is written."""

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{fl}}\left({printer._print(self.args[0])}\right)"


class Vec(MatrixNode):
    """The entries of a matrix in one column, row by row."""

    @property
    def shape(self) -> tuple[Any, Any]:
        """As many rows as the matrix has entries."""
        rows, columns = self.args[0].shape
        return rows * columns, Integer(1)

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{vec}}\left({printer._print(self.args[0])}\right)"
