"""The GRU whose reset gate acts after the matrix, with a bias inside: that of cuDNN, PyTorch and Keras."""

from sympy import MatrixSymbol, OneMatrix, tanh

from backproof.theory.language.notation import Sequence, h, m, n, t, x
from backproof.theory.nets.equations import affine, cell, sigmoid, times

z, r, g = (Sequence(name, n) for name in "zrg")
U, b = MatrixSymbol("U_g", n, m), MatrixSymbol("b_g", n, 1)
W, d = MatrixSymbol("W_g", n, n), MatrixSymbol("d_g", n, 1)

CELL = cell(
    "GRU, reset after",
    {
        z[t]: sigmoid(affine("z", h[t - 1])),
        r[t]: sigmoid(affine("r", h[t - 1])),
        g[t]: (U * x[t] + b + times(r[t], W * h[t - 1] + d)).applyfunc(tanh),
        h[t]: times(OneMatrix(n, 1) - z[t], g[t]) + times(z[t], h[t - 1]),
    },
)
