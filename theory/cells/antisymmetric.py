"""The AntisymmetricRNN of Chang et al. (2019): Euler's step with W − Wᵀ − γI, here ε = 1/8 and γ = 1/16."""

from sympy import Identity, MatrixSymbol, Rational, tanh

from backproof.theory.language.notation import h, m, n, t, x
from backproof.theory.nets.equations import cell

W, U, b = MatrixSymbol("W", n, n), MatrixSymbol("U", n, m), MatrixSymbol("b", n, 1)
step, damping = Rational(1, 8), Rational(1, 16)

CELL = cell(
    "AntisymmetricRNN",
    {h[t]: h[t - 1] + step * ((W - W.T - damping * Identity(n)) * h[t - 1] + U * x[t] + b).applyfunc(tanh)},
)
