"""The GRU of Cho et al. (2014): the reset gate acts before the matrix, and the update gate keeps the state."""

from sympy import OneMatrix, tanh

from backproof.theory.language.notation import Sequence, h, n, t
from backproof.theory.nets.equations import affine, cell, sigmoid, times

z, r = Sequence("z", n), Sequence("r", n)

CELL = cell(
    "GRU",
    {
        z[t]: sigmoid(affine("z", h[t - 1])),
        r[t]: sigmoid(affine("r", h[t - 1])),
        h[t]: times(z[t], h[t - 1]) + times(OneMatrix(n, 1) - z[t], affine("n", times(r[t], h[t - 1])).applyfunc(tanh)),
    },
)
