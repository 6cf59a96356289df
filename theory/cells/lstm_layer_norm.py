"""The LSTM with layer normalisation (Ba, Kiros and Hinton 2016): both products of each gate, and c before the output.

The deviations are divided by the root of their mean square and 10⁻⁵; there is no gain, and each gate has one bias.
"""

from sympy import Identity, Lambda, MatrixSymbol, OneMatrix, Rational, Symbol, sqrt, tanh
from sympy.matrices.expressions import MatrixExpr

from backproof.theory.language.notation import Sequence, h, m, n, t, x
from backproof.theory.nets.equations import cell, sigmoid, times

c, v = Sequence("c", n), Symbol("v")
inverse_root = Lambda(v, 1 / sqrt(v + Rational(1, 100000)))


def normalised(z: MatrixExpr) -> MatrixExpr:
    """(z − mean z) / √(mean of its square + 10⁻⁵)."""
    off = (Identity(n) - OneMatrix(n, n) / n) * z
    return off * (off.T * off / n).applyfunc(inverse_root)


def gate(index: str) -> MatrixExpr:
    """LN(W h_{t-1}) + LN(U x_t) + b."""
    W, U, b = MatrixSymbol(f"W_{index}", n, n), MatrixSymbol(f"U_{index}", n, m), MatrixSymbol(f"b_{index}", n, 1)
    return normalised(W * h[t - 1]) + normalised(U * x[t]) + b


CELL = cell(
    "LSTM with layer normalisation",
    {
        c[t]: times(sigmoid(gate("f")), c[t - 1]) + times(sigmoid(gate("i")), gate("g").applyfunc(tanh)),
        h[t]: times(sigmoid(gate("q")), normalised(c[t]).applyfunc(tanh)),
    },
)
