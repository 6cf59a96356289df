"""The minLSTM of Feng et al. (2024), step by step: input and forget gate read the input alone and add up to 1."""

from sympy import Lambda, MatrixSymbol, Symbol
from sympy.matrices.expressions import MatrixExpr

from backproof.theory.language.notation import Sequence, h, m, n, t, x
from backproof.theory.nets.equations import cell, sigmoid, times

i, f, v = Sequence("i", n), Sequence("f", n), Symbol("v")


def reading(index: str) -> MatrixExpr:
    """U x_t + b."""
    return MatrixSymbol(f"U_{index}", n, m) * x[t] + MatrixSymbol(f"b_{index}", n, 1)


CELL = cell(
    "minLSTM",
    {
        f[t]: sigmoid(reading("f")),
        i[t]: sigmoid(reading("i")),
        h[t]: times(times(f[t], h[t - 1]) + times(i[t], reading("h")), (f[t] + i[t]).applyfunc(Lambda(v, 1 / v))),
    },
)
