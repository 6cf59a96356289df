"""The LSTM of Hochreiter and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and Cummins (2000)."""

from sympy import tanh

from backproof.theory.language.notation import Sequence, h, n, t
from backproof.theory.nets.equations import affine, cell, sigmoid, times

s = Sequence("s", n)

CELL = cell(
    "LSTM",
    {
        s[t]: times(sigmoid(affine("f", h[t - 1])), s[t - 1])
        + times(sigmoid(affine("i", h[t - 1])), affine("g", h[t - 1]).applyfunc(tanh)),
        h[t]: times(sigmoid(affine("q", h[t - 1])), s[t].applyfunc(tanh)),
    },
)
