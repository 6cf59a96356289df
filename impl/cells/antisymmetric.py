"""The AntisymmetricRNN of Chang et al. (2019): Euler's step with W - Wᵀ - γI, here ε = 1/8 and γ = 1/16."""

from dataclasses import replace

from backproof.impl.cell import affine
from backproof.impl.cells.residual import adding

W, U, b = affine("")
CELL = adding("AntisymmetricRNN", kept=1.0, added=1 / 8, damping=1 / 16, linear=(replace(W, skew=True), U, b))
