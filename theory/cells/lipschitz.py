"""The Lipschitz RNN of Erichson et al. (2021) by Euler's steps of 1/32: a linear part A h and a Lipschitz one.

A and W are (1 − β)(M + Mᵀ) + β(M − Mᵀ) − γI, each of a matrix M of its own, with β = 3/4 and γ = 1/16.
"""

from sympy import Identity, MatrixSymbol, Rational, tanh
from sympy.matrices.expressions import MatrixExpr

from backproof.theory.language.notation import h, m, n, t, x
from backproof.theory.nets.equations import cell

beta, damping, step = Rational(3, 4), Rational(1, 16), Rational(1, 32)
U, b = MatrixSymbol("U", n, m), MatrixSymbol("b", n, 1)


def stable(M: MatrixExpr) -> MatrixExpr:
    """A share of the symmetric part and a share of the antisymmetric one, damped."""
    return (1 - beta) * (M + M.T) + beta * (M - M.T) - damping * Identity(n)


A, W = (stable(MatrixSymbol(f"M_{letter}", n, n)) for letter in "AW")

CELL = cell(
    "Lipschitz RNN",
    {h[t]: h[t - 1] + step * A * h[t - 1] + step * (W * h[t - 1] + U * x[t] + b).applyfunc(tanh)},
)
