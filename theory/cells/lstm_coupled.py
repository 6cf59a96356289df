"""The LSTM with input and forget gate coupled, i = 1 − f (Greff et al. 2017 call it CIFG)."""

from sympy import OneMatrix, tanh

from backproof.theory.language.notation import Sequence, h, n, t
from backproof.theory.nets.equations import affine, cell, sigmoid, times

c, f = Sequence("c", n), Sequence("f", n)

CELL = cell(
    "LSTM with coupled gates",
    {
        f[t]: sigmoid(affine("f", h[t - 1])),
        c[t]: times(f[t], c[t - 1]) + times(OneMatrix(n, 1) - f[t], affine("g", h[t - 1]).applyfunc(tanh)),
        h[t]: times(sigmoid(affine("q", h[t - 1])), c[t].applyfunc(tanh)),
    },
)
