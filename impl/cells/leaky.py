"""The leaky Elman net: a share of 1/4 of each unit is new at a step, as in echo state networks (Jaeger et al. 2007)."""

from backproof.impl.cells.residual import adding

CELL = adding("leaky Elman", kept=0.75, added=0.25)
