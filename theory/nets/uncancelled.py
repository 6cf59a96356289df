"""Nets without cancellation: every sum in the loss's gradient adds up terms of one sign.

Rounding is then small beside every entry, not only beside the largest: by the bound of `backproof.theory.nets.rounding`
a correct float64 implementation gets each entry right to some hundreds of u, where entries of other nets, left over
from terms that cancel, may have no digit right. An error in one entry shows here at its true relative size.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from backproof.theory.language.functions import LOSSES
from backproof.theory.nets.networks import Net

Array = NDArray[np.float64]
QUIET = 2.0**-8
"""Scale of the inputs' weights: tanh stays where it is nearly linear, so that 1 − h² does not cancel."""


def one_signed(net: Net) -> Net:
    """A net of the same shape and settings, and of the same order of magnitude of V, without cancellation.

    States are positive, since all that they are made of is. Targets that are classes are always the first, whose row
    of V is negative: ``Vᵀ(softmax(o) − y)`` is positive. Other losses have positive outputs and negative targets.
    """
    scale = int(np.frexp(np.max(np.abs(net.V), initial=0.0))[1])
    if net.charged.bounded:  # large outputs would saturate the loss's gradient
        scale = min(scale, 0)
    return signed_network(net.sizes, net.activation, net.loss, net.reduction, net.mean_divisor, scale)


@lru_cache(maxsize=16)
def signed_network(
    sizes: tuple[int, int, int, int, int], activation: str, loss: str, reduction: str, mean_divisor: int, scale: int
) -> Net:
    """Build the net that `one_signed` describes; cached, since a check at one shape asks for it again and again."""
    steps, batch, units, inputs, outputs = sizes
    random = np.random.default_rng(0)

    def positive(*shape: int) -> Array:
        """Multiples of 1/64 from 1/2 to 1."""
        return random.integers(32, 65, shape) / 64

    of_V = 2.0**scale
    classes = LOSSES[loss].classes
    signs = np.where((np.arange(outputs) == 0) & classes, -1.0, 1.0)
    return Net(
        W=positive(units, units) / 2.0 ** np.ceil(np.log2(units)),  # rows add up to 1 or a little less
        U=positive(units, inputs) * QUIET,
        V=positive(outputs, units) * signs[:, None] * of_V,
        b=positive(units) * QUIET,
        c=positive(outputs) * signs,
        h0=positive(batch, units) * QUIET,
        inputs=positive(steps, batch, inputs),
        targets=np.zeros((steps, batch), int) if classes else -positive(steps, batch, outputs),
        activation=activation,
        loss=loss,
        reduction=reduction,
        mean_divisor=mean_divisor,
    )
