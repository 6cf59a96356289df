"""The cells of impl beside their equations, for the tests of cells, layers and scans."""

from importlib import import_module

from sympy import OneMatrix, tanh

from backproof.cells import Sequence, affine, cell, sigmoid, times
from backproof.impl.cells import CELLS
from backproof.notation import h, n, t

s, z, r = (Sequence(name, n) for name in "szr")

OF_IMPL_ALONE = {
    "lstm": cell(
        "LSTM",
        {
            s[t]: times(sigmoid(affine("f", h[t - 1])), s[t - 1])
            + times(sigmoid(affine("i", h[t - 1])), affine("g", h[t - 1]).applyfunc(tanh)),
            h[t]: times(sigmoid(affine("q", h[t - 1])), s[t].applyfunc(tanh)),
        },
    ),
    "gru": cell(
        "GRU",
        {
            z[t]: sigmoid(affine("z", h[t - 1])),
            r[t]: sigmoid(affine("r", h[t - 1])),
            h[t]: times(z[t], h[t - 1])
            + times(OneMatrix(n, 1) - z[t], affine("n", times(r[t], h[t - 1])).applyfunc(tanh)),
        },
    ),
}
"""The two that theory has with an output layer, as cells without one."""

EQUATIONS = {
    name: OF_IMPL_ALONE[name] if name in OF_IMPL_ALONE else import_module(f"backproof.theory.cells.{name}").CELL
    for name in CELLS
}
DIAGONAL = [name for name, one in CELLS.items() if one.diagonal]
