"""The IndRNN of Li et al. (2018): each unit reads itself alone; here with ReLU, as the paper has it."""

from sympy import Lambda, MatrixSymbol, Max, Symbol

from backproof.theory.language.notation import h, m, n, t, x
from backproof.theory.nets.equations import cell, times

v = Symbol("v")
U, u, b = MatrixSymbol("U", n, m), MatrixSymbol("u", n, 1), MatrixSymbol("b", n, 1)

CELL = cell("IndRNN", {h[t]: (U * x[t] + times(u, h[t - 1]) + b).applyfunc(Lambda(v, Max(v, 0)))})
