"""The minimalRNN of Chen (2017): the input enters through a map of its own, and one gate keeps or takes it."""

from sympy import MatrixSymbol, OneMatrix, tanh

from backproof.theory.language.notation import Sequence, h, m, n, t, x
from backproof.theory.nets.equations import cell, sigmoid, times

z, u = Sequence("z", n), Sequence("u", n)
V, d = MatrixSymbol("V", n, m), MatrixSymbol("d", n, 1)
W, U, b = MatrixSymbol("W", n, n), MatrixSymbol("U", n, n), MatrixSymbol("b", n, 1)

CELL = cell(
    "minimalRNN",
    {
        z[t]: (V * x[t] + d).applyfunc(tanh),
        u[t]: sigmoid(W * h[t - 1] + U * z[t] + b),
        h[t]: times(u[t], h[t - 1]) + times(OneMatrix(n, 1) - u[t], z[t]),
    },
)
