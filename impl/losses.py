"""Losses of the outputs o_t, each with its gradient ∂L/∂o_t, in forms that do not cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impl.arrays import Array, unwarned


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """A loss at each step of each sequence, and its gradient with respect to the outputs.

    `evaluate` maps outputs (T,B,p) and targets to the losses (T,B) and the gradient (T,B,p), either of
    which may overflow to infinity. Targets are class indices (T,B) if `classes`, else (T,B,p) in the
    outputs' dtype.
    """

    classes: bool
    evaluate: Callable[[Array, NDArray[Any]], tuple[Array, Array]]


@unwarned
def _cross_entropy(outputs: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
    """-log softmax(o)_y = log Σ_j exp(o_j - o_max) + (o_max - o_y), and ŷ - y with ŷ = softmax(o), y one-hot.

    A confident net must not round to a loss, or a gradient, of zero. The largest term of the sum is 1, so
    log1p of the others is the logarithm; and at the target ŷ_y - 1 is minus the sum of the other
    probabilities.
    """
    p = outputs.shape[-1]
    # argmax and a matrix product, where max and sum would be several times slower along a short last axis.
    row, ones = np.arange(targets.size), np.ones(p, outputs.dtype)
    target = row, targets.reshape(-1)
    flat = outputs.reshape(-1, p)
    largest = row, flat.argmax(axis=-1)
    weights = flat - flat[largest][:, None]
    distance = -weights[target]
    np.exp(weights, out=weights)
    weights[largest] = 0
    others = weights @ ones
    weights[largest] = 1
    weights /= (1 + others)[:, None]
    weights[target] = 0
    weights[target] = -(weights @ ones)
    values = np.log1p(others) + distance
    return values.reshape(targets.shape), weights.reshape(outputs.shape)


@unwarned
def _squared_error(outputs: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
    """½ ‖o - y‖², and o - y."""
    difference: Array = outputs - targets
    values: Array = np.square(difference).sum(axis=-1)
    values *= 0.5
    return values, difference


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "cross_entropy": Loss(classes=True, evaluate=_cross_entropy),
        "squared_error": Loss(classes=False, evaluate=_squared_error),
    }
)
"""The losses by the names that every function of this package takes."""
