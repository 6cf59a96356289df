"""Faults of gradient clipping: a right clipping by norm and by value, with one thing done otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from backproof.referee.zoo.bptt import Array
from backproof.referee.zoo.records import NOT_FOUND, faults_of

Gradients = Mapping[str, Array]


def _norm(gradients: Gradients) -> float:
    """The joint norm; by `math.hypot`, which neither overflows nor underflows on the way."""
    return math.hypot(*(float(x) for g in gradients.values() for x in np.ravel(g)))


def clip_by_norm(
    gradients: Gradients,
    threshold: float,
    *,
    norm: Callable[[Gradients], float] = _norm,
    factor: Callable[[float, float], float] = lambda norm, limit: min(1.0, limit / norm) if norm else 1.0,
    together: bool = True,
) -> Any:
    """The right clipping, given the right norm and factor for all tensors together."""
    with np.errstate(all="ignore"):
        parts = [gradients] if together else [{name: g} for name, g in gradients.items()]
        factors = {name: factor(norm(part), threshold) for part in parts for name in part}
        clipped = {name: np.asarray(g * g.dtype.type(factors[name])) for name, g in gradients.items()}
    return SimpleNamespace(gradients=clipped, norm=norm(gradients), clipped=any(f != 1 for f in factors.values()))


def clip_by_value(
    gradients: Gradients,
    threshold: float,
    *,
    clamp: Callable[[Array, float], Array] = lambda g, limit: np.clip(g, -limit, limit),
) -> Any:
    """The right clipping, given the right clamp."""
    clipped = {name: np.asarray(clamp(g, threshold), g.dtype) for name, g in gradients.items()}
    return SimpleNamespace(gradients=clipped, norm=_norm(gradients), clipped=True)


def naive_norm(gradients: Gradients) -> float:
    """The root of the sum of squares, in the gradients' own format."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(sum(np.sum(g**2) for g in gradients.values())))


by_norm, by_value = faults_of("clipping", clip_by_norm), faults_of("clipping", clip_by_value)

FAULTS = (
    by_norm(
        name="each tensor by its own norm",
        what="the threshold is applied to each tensor instead of to all together",
        known_from=(
            "keras-team/keras issue 13575: Clip by global norm, not local norm; huggingface/transformers issue 581"
        ),
        hides="a single tensor; norms below the threshold",
        caught_by="clipping/by_norm",
        together=False,
    ),
    by_norm(
        name="norm without its root",
        what="the sum of squares is compared with the threshold, and divided by",
        known_from="paiml/entrenar issue 311: squared norms where norms are meant",
        hides="norms near 1; norms below the threshold",
        caught_by="clipping/by_norm",
        norm=lambda gradients: float(np.square(_norm(gradients))),
    ),
    by_norm(
        name="largest entry for the norm",
        what="the maximum norm is taken",
        known_from=(
            "espnet/espnet pull request 2399 offers it, on purpose; a fault where the Euclidean norm is promised"
        ),
        hides="one large entry among small ones",
        caught_by="clipping/by_norm",
        norm=lambda gradients: max(float(np.max(np.abs(g), initial=0)) for g in gradients.values()),
    ),
    by_norm(
        name="always rescaled",
        what="small gradients are blown up to the threshold",
        known_from="sony/nnabla pull request 572: Fix F.clip_grad_by_norm in the case of small norm",
        hides="large gradients",
        caught_by="clipping/by_norm",
        factor=lambda norm, limit: limit / norm if norm else 1.0,
    ),
    by_norm(
        name="epsilon beside the norm",
        what="the gradients are multiplied by ε / (‖g‖ + 10⁻⁶)",
        known_from="torch.nn.utils.clip_grad_norm_ and, with 10⁻⁸, apache/mxnet issue 9291, both on purpose",
        hides="norms far above 10⁻⁶: the clipped norm is a hair below the threshold",
        caught_by="clipping/by_norm",
        factor=lambda norm, limit: min(1.0, limit / (norm + 1e-6)),
    ),
    by_norm(
        name="overflow to zero",
        what="squares overflow, the norm is infinite, and the gradients become 0",
        known_from=(
            "tensorflow/tensorflow issue 21363; pytorch/pytorch issue 46849; facebookresearch/fairscale pull request "
            "263"
        ),
        hides="until a square overflows",
        caught_by="clipping/overflow",
        norm=naive_norm,
    ),
    by_value(
        name="upper end only",
        what="entries above the threshold are capped, those below its negative are not",
        known_from=(
            "a rule in one of the sources judged here: CS 6180, gradient clipping, entries of 10 or more are set to 10"
        ),
        hides="gradients without large negative entries",
        caught_by="clipping/by_value",
        clamp=lambda g, limit: np.minimum(g, limit),
    ),
    by_value(
        name="ends exchanged",
        what="the clamp is given its upper end as the lower one",
        known_from="keras-team/keras pull request 729, a comment: T.clip(g, self.clipvalue, -self.clipvalue)",
        hides="nowhere: every entry becomes one of the ends",
        caught_by="clipping/by_value",
        clamp=lambda g, limit: np.maximum(np.minimum(g, -limit), limit),
    ),
    by_value(
        name="sign lost",
        what="magnitudes are capped and returned without their signs",
        known_from=NOT_FOUND,
        hides="gradients without negative entries",
        caught_by="clipping/by_value",
        clamp=lambda g, limit: np.minimum(np.abs(g), limit),
    ),
)
