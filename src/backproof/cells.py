"""Cells of one's own by their equations, runs of them, and what their equations are written with."""

from backproof.theory.language.notation import Sequence
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.equations import CellError, affine, cell, sigmoid, times
from backproof.theory.nets.recurrent import Recurrent, recurrent

__all__ = ["Cell", "CellError", "Recurrent", "Sequence", "affine", "cell", "recurrent", "sigmoid", "times"]
