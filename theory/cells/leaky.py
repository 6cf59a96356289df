"""The leaky Elman net: a share of 1/4 of each unit is new at a step, as in echo state networks (Jaeger et al. 2007)."""

from sympy import Rational, tanh

from backproof.theory.language.notation import h, t
from backproof.theory.nets.equations import affine, cell

share = Rational(1, 4)

CELL = cell("leaky Elman", {h[t]: (1 - share) * h[t - 1] + share * affine("", h[t - 1]).applyfunc(tanh)})
