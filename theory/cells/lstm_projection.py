"""The LSTM with projection of Sak, Senior and Beaufays (2014): h has r entries, c has n; PyTorch's ``proj_size``."""

from sympy import MatrixSymbol, Symbol, tanh

from backproof.theory.language.notation import Sequence, n, t
from backproof.theory.nets.equations import affine, cell, sigmoid, times

r = Symbol("r", integer=True, positive=True)
h, c = Sequence("h", r), Sequence("c", n)
P = MatrixSymbol("P", r, n)

CELL = cell(
    "LSTM with projection",
    {
        c[t]: times(sigmoid(affine("f", h[t - 1])), c[t - 1])
        + times(sigmoid(affine("i", h[t - 1])), affine("g", h[t - 1]).applyfunc(tanh)),
        h[t]: P * times(sigmoid(affine("q", h[t - 1])), c[t].applyfunc(tanh)),
    },
)
