"""Activations φ with their slopes φ′, both as functions of the pre-activation a.

Slopes are often computed from the hidden state, as 1 - h² for tanh. Once h rounds to 1 that is zero, while
the slope is not: tanh′(30) = 3.5e-26. The formulas below keep a relative error of a few roundoffs until
the slope itself underflows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np

from backproof.impl.arrays import Array, unwarned
from backproof.impl.checks import checked_callable


class Elementwise(Protocol):
    """A function of each entry, which writes into `out` if that is given."""

    def __call__(self, a: Array, /, out: Array | None = None) -> Array:
        """Return an array of the shape and dtype of `a`."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Activation:
    """An activation h = φ(a) and its slope φ′(a), elementwise, of any shape, in the dtype of a."""

    value: Elementwise
    slope: Callable[[Array], Array]

    def __post_init__(self) -> None:
        checked_callable("value", self.value)
        checked_callable("slope", self.slope)


@unwarned
def _tanh_slope(a: Array) -> Array:
    """tanh′(a) = (1 / cosh(a))²: nothing cancels, and cosh overflows only where the slope has underflowed."""
    slope: Array = np.cosh(a)
    np.reciprocal(slope, out=slope)
    slope *= slope
    return slope


@unwarned
def _sigmoid(a: Array, /, out: Array | None = None) -> Array:
    """σ(a) = 1 / (1+e) for a ≥ 0 and e / (1+e) for a < 0, with e = exp(-|a|) ≤ 1."""
    e = np.exp(-np.abs(a))
    value: Array = np.divide(np.where(a < 0, e, a.dtype.type(1)), 1 + e, out=out)
    return value


@unwarned
def _sigmoid_slope(a: Array) -> Array:
    """σ′(a) = e / (1+e)² with e = exp(-|a|) ≤ 1."""
    e = np.exp(-np.abs(a))
    slope: Array = e / np.square(1 + e)
    return slope


@unwarned
def _softplus(a: Array, /, out: Array | None = None) -> Array:
    """log(1 + exp(a)) = max(a, 0) + log1p(exp(-|a|)); its slope is the sigmoid."""
    value: Array = np.logaddexp(a, a.dtype.type(0), out=out)
    return value


def _relu(a: Array, /, out: Array | None = None) -> Array:
    return np.maximum(a, a.dtype.type(0), out=out)


def _relu_slope(a: Array) -> Array:
    """1 where a > 0, else 0: at the kink the slope is taken as 0."""
    slope: Array = (a > 0).astype(a.dtype)
    return slope


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "tanh": Activation(value=np.tanh, slope=_tanh_slope),
        "sigmoid": Activation(value=_sigmoid, slope=_sigmoid_slope),
        "softplus": Activation(value=_softplus, slope=_sigmoid),
        "relu": Activation(value=_relu, slope=_relu_slope),
        "identity": Activation(value=np.positive, slope=np.ones_like),
    }
)
"""The activations by the names that every function of this package takes."""
