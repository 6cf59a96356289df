"""Losses of the outputs o_t, each with its gradient ∂L/∂o_t, in forms that do not cancel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from backproof.impl.arrays import Array, unwarned
from backproof.impl.checks import checked_callable, checked_flag


class Evaluation(Protocol):
    """A map from outputs (T,B,p) and targets to the losses (T,B) and the gradient (T,B,p)."""

    def __call__(self, outputs: Array, targets: NDArray[Any], /, *, out: Array | None = None) -> tuple[Array, Array]:
        """Return losses and gradient, the latter in `out` if given: contiguous, perhaps the outputs themselves."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """A loss at each step of each sequence, and its gradient with respect to the outputs.

    `evaluate` maps outputs (T,B,p) and targets to the losses (T,B) and the gradient (T,B,p), either of
    which may overflow to infinity. Targets are class indices (T,B) if `classes`, else (T,B,p) in the
    outputs' dtype.
    """

    classes: bool
    evaluate: Evaluation

    def __post_init__(self) -> None:
        checked_flag("classes", self.classes)
        checked_callable("evaluate", self.evaluate)


@unwarned
def _cross_entropy(outputs: Array, targets: NDArray[Any], /, *, out: Array | None = None) -> tuple[Array, Array]:
    """-log softmax(o)_y = log Σ_j exp(o_j - o_max) + (o_max - o_y), and ŷ - y with ŷ = softmax(o), y one-hot.

    A confident net must not round to a loss, or a gradient, of zero. The largest term of the sum is 1, so
    log1p of the others is the logarithm; and at the target ŷ_y - 1 is minus the sum of the other
    probabilities.
    """
    p = outputs.shape[-1]
    # argmax and a matrix product, where max and sum would be several times slower along a short last axis;
    # and places in the flat array, where pairs of indices would be.
    row, ones = np.arange(0, outputs.size, p), np.ones(p, outputs.dtype)
    target = row + targets.reshape(-1).astype(np.intp, copy=False)
    gradient = np.empty(outputs.shape, outputs.dtype) if out is None else out
    flat, weights, places = outputs.reshape(-1, p), gradient.reshape(-1, p), gradient.reshape(-1)
    largest = row + flat.argmax(axis=-1)
    np.subtract(flat, flat.reshape(-1)[largest][:, None], out=weights)
    distance = -places[target]
    np.exp(weights, out=weights)
    places[largest] = 0
    others = weights @ ones
    places[largest] = 1
    weights /= (1 + others)[:, None]
    places[target] = 0
    places[target] = -(weights @ ones)
    values: Array = np.log1p(others) + distance
    return values.reshape(targets.shape), gradient


@unwarned
def _squared_error(outputs: Array, targets: NDArray[Any], /, *, out: Array | None = None) -> tuple[Array, Array]:
    """½ ‖o - y‖², and o - y."""
    difference: Array = np.subtract(outputs, targets, out=out)
    values: Array = np.square(difference).sum(axis=-1)
    values *= 0.5
    return values, difference


@unwarned
def _huber(outputs: Array, targets: NDArray[Any], /, *, out: Array | None = None) -> tuple[Array, Array]:
    """Σ_j of d²/2 where |d| ≤ 1 and |d| - 1/2 elsewhere, and d brought into [-1, 1], with d = o - y."""
    difference = outputs - targets
    gradient: Array = np.clip(difference, -1, 1, out=out)
    values: Array = (gradient * (difference - gradient / 2)).sum(axis=-1)
    return values, gradient


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "cross_entropy": Loss(classes=True, evaluate=_cross_entropy),
        "squared_error": Loss(classes=False, evaluate=_squared_error),
        "huber": Loss(classes=False, evaluate=_huber),
    }
)
"""The losses by the names that every function of this package takes."""
