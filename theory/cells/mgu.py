"""The minimal gated unit of Zhou, Wu, Zhang and Zhou (2016): one gate that forgets and writes."""

from sympy import OneMatrix, tanh

from backproof.theory.language.notation import Sequence, h, n, t
from backproof.theory.nets.equations import affine, cell, sigmoid, times

f = Sequence("f", n)

CELL = cell(
    "MGU",
    {
        f[t]: sigmoid(affine("f", h[t - 1])),
        h[t]: times(OneMatrix(n, 1) - f[t], h[t - 1]) + times(f[t], affine("g", times(f[t], h[t - 1])).applyfunc(tanh)),
    },
)
