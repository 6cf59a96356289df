"""The minGRU of Feng et al. (2024), step by step: gate and candidate read the input alone.

The candidate is g(a) = a + 1/2 for a ≥ 0 and σ(a) below: positive, with a slope that jumps from 1/4 to 1 at 0.
"""

from sympy import Lambda, MatrixSymbol, Max, Min, OneMatrix, Symbol

from backproof.theory.language.functions import logistic
from backproof.theory.language.notation import Sequence, h, m, n, t, x
from backproof.theory.nets.equations import cell, sigmoid, times

z, v = Sequence("z", n), Symbol("v")
positive = Lambda(v, Max(v, 0) + logistic(Min(v, 0)))
U, b = MatrixSymbol("U_z", n, m), MatrixSymbol("b_z", n, 1)
V, d = MatrixSymbol("U_h", n, m), MatrixSymbol("b_h", n, 1)

CELL = cell(
    "minGRU",
    {
        z[t]: sigmoid(U * x[t] + b),
        h[t]: times(OneMatrix(n, 1) - z[t], h[t - 1]) + times(z[t], (V * x[t] + d).applyfunc(positive)),
    },
)
