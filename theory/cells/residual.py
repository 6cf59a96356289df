"""The residual Elman net: what a step computes is added to the state."""

from sympy import tanh

from backproof.theory.language.notation import h, t
from backproof.theory.nets.equations import affine, cell

CELL = cell("residual Elman", {h[t]: h[t - 1] + affine("", h[t - 1]).applyfunc(tanh)})
