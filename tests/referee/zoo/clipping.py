"""Faults of gradient clipping: a right clipping by norm and by value, with one thing done otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from backproof.referee.zoo.bptt import Array
from backproof.referee.zoo.records import NOT_FOUND, Fault, fault_of

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


def by_norm(name: str, *texts: str, **changes: Any) -> Fault:
    """A fault of clipping by norm."""
    return fault_of("clipping", "clip_by_norm", partial(clip_by_norm, **changes), name, *texts)


def by_value(name: str, *texts: str, **changes: Any) -> Fault:
    """A fault of clipping by value."""
    return fault_of("clipping", "clip_by_value", partial(clip_by_value, **changes), name, *texts)


FAULTS = (
    by_norm(
        "each tensor by its own norm",
        "the threshold is applied to each tensor instead of to all together",
        "keras-team/keras issue 13575: Clip by global norm, not local norm; huggingface/transformers issue 581",
        "a single tensor; norms below the threshold",
        "clipping/by_norm",
        together=False,
    ),
    by_norm(
        "norm without its root",
        "the sum of squares is compared with the threshold, and divided by",
        "paiml/entrenar issue 311: squared norms where norms are meant",
        "norms near 1; norms below the threshold",
        "clipping/by_norm",
        norm=lambda gradients: float(np.square(_norm(gradients))),
    ),
    by_norm(
        "largest entry for the norm",
        "the maximum norm is taken",
        "espnet/espnet pull request 2399 offers it, on purpose; a fault where the Euclidean norm is promised",
        "one large entry among small ones",
        "clipping/by_norm",
        norm=lambda gradients: max(float(np.max(np.abs(g), initial=0)) for g in gradients.values()),
    ),
    by_norm(
        "always rescaled",
        "small gradients are blown up to the threshold",
        "sony/nnabla pull request 572: Fix F.clip_grad_by_norm in the case of small norm",
        "large gradients",
        "clipping/by_norm",
        factor=lambda norm, limit: limit / norm if norm else 1.0,
    ),
    by_norm(
        "epsilon beside the norm",
        "the gradients are multiplied by ε / (‖g‖ + 10⁻⁶)",
        "torch.nn.utils.clip_grad_norm_ and, with 10⁻⁸, apache/mxnet issue 9291, both on purpose",
        "norms far above 10⁻⁶: the clipped norm is a hair below the threshold",
        "clipping/by_norm",
        factor=lambda norm, limit: min(1.0, limit / (norm + 1e-6)),
    ),
    by_norm(
        "overflow to zero",
        "squares overflow, the norm is infinite, and the gradients become 0",
        "tensorflow/tensorflow issue 21363; pytorch/pytorch issue 46849; facebookresearch/fairscale pull request 263",
        "until a square overflows",
        "clipping/overflow",
        norm=naive_norm,
    ),
    by_value(
        "upper end only",
        "entries above the threshold are capped, those below its negative are not",
        "a rule in one of the sources judged here: CS 6180, gradient clipping, entries of 10 or more are set to 10",
        "gradients without large negative entries",
        "clipping/by_value",
        clamp=lambda g, limit: np.minimum(g, limit),
    ),
    by_value(
        "ends exchanged",
        "the clamp is given its upper end as the lower one",
        "keras-team/keras pull request 729, a comment: T.clip(g, self.clipvalue, -self.clipvalue)",
        "nowhere: every entry becomes one of the ends",
        "clipping/by_value",
        clamp=lambda g, limit: np.maximum(np.minimum(g, -limit), limit),
    ),
    by_value(
        "sign lost",
        "magnitudes are capped and returned without their signs",
        NOT_FOUND,
        "gradients without negative entries",
        "clipping/by_value",
        clamp=lambda g, limit: np.minimum(np.abs(g), limit),
    ),
)
