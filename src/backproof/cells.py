"""Cells of one's own by their equations, nets of them, runs, and what their equations are written with."""

from backproof.theory.language.notation import Sequence
from backproof.theory.nets.building import recurrent
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.equations import CellError, affine, cell, sigmoid, times
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layers import Layers, layers
from backproof.theory.nets.losses import loss

__all__ = [
    *("Cell", "CellError", "Layered", "Layers", "Sequence", "affine", "cell", "layers", "loss"),
    *("recurrent", "sigmoid", "times"),
]
