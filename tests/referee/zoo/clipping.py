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


def _refuse(gradients: Gradients, threshold: float) -> None:
    """Raise ValueError where there is nothing to project, or nowhere: NaN would pass any other comparison."""
    if not threshold >= 0:
        raise ValueError(f"threshold: expected a number ≥ 0, got {threshold}")
    if not all(np.all(np.isfinite(g)) for g in gradients.values()):
        raise ValueError("gradients: expected finite entries")


def _factor(norm: float, limit: float) -> float:
    return min(1.0, limit / norm) if norm else 1.0


def clip_by_norm(
    gradients: Gradients,
    threshold: float,
    *,
    norm: Callable[[Gradients], float] = _norm,
    factor: Callable[[float, float], float] = _factor,
    together: bool = True,
    refuse: Callable[[Gradients, float], None] = _refuse,
) -> Any:
    """The right clipping, given the right norm and factor for all tensors together, and what is refused."""
    refuse(gradients, threshold)
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


def clip_by_norm_derivative(
    gradients: Gradients,
    directions: Gradients,
    threshold: float,
    *,
    moving: bool = True,
    inside: Callable[[float, float], bool] = lambda norm, limit: norm <= limit,
) -> dict[str, Array]:
    """The right derivative, given that the factor moves with the gradient, and where it is constant."""
    norm, longdouble = _norm(gradients), np.longdouble
    if inside(norm, threshold):
        return {name: np.array(d) for name, d in directions.items()}
    with np.errstate(all="ignore"):
        units = {name: g.astype(longdouble) / norm for name, g in gradients.items()}
        along = sum((units[name] * d).sum() for name, d in directions.items()) if moving else longdouble(0)
        return {
            name: np.asarray((d - units[name] * along) * (threshold / longdouble(norm)), d.dtype)
            for name, d in directions.items()
        }


def _half(gradients: Gradients) -> bool:
    return any(g.dtype == np.float16 for g in gradients.values())


def eight_bits(value: float) -> float:
    """The value rounded as bfloat16 is: to eight significant bits."""
    fraction, exponent = math.frexp(value)
    return math.ldexp(round(fraction * 256) / 256, exponent)


def norm_of_rounded_parts(gradients: Gradients) -> float:
    """The norms of the tensors, each rounded to eight bits, put together: right for a grouping that rounds nothing."""
    return math.hypot(*(eight_bits(_norm({name: g})) for name, g in gradients.items()))


def _refuse_thresholds(gradients: Gradients, threshold: float) -> None:
    _refuse({}, threshold)


def _refuse_nan(gradients: Gradients, threshold: float) -> None:
    _refuse({name: np.where(np.isinf(g), 0, g) for name, g in gradients.items()}, threshold)


by_norm, by_value = faults_of("clipping", clip_by_norm), faults_of("clipping", clip_by_value)
derivative = faults_of("clipping", clip_by_norm_derivative)

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
    by_norm(
        name="0 divided by 0",
        what="the factor is ε/‖g‖ unless ‖g‖ < ε: at ε = ‖g‖ = 0 it is NaN",
        known_from="google-deepmind/optax pull request 1752, on clipping at a threshold of 0",
        hides="every threshold above 0, and every gradient that is not 0",
        caught_by="clipping/zero_threshold",
        factor=lambda norm, limit: 1.0 if norm < limit else float(np.divide(limit, norm)),
    ),
    by_norm(
        name="never clips",
        what="the norm is that of an iterator which is used up, 0, and nothing is scaled",
        known_from="pytorch/pytorch issue 148259; pytorch/torchtitan pull request 1258; NVIDIA/OpenSeq2Seq "
        "pull request 192",
        hides="norms below the threshold",
        caught_by="clipping/by_norm",
        factor=lambda norm, limit: 1.0,
    ),
    by_norm(
        name="norms of tensors rounded to 8 bits",
        what="the norm of each tensor is rounded to bfloat16 before they are put together",
        known_from="facebookresearch/fairscale issue 1092; pytorch/torchtitan pull request 4135; pytorch/pytorch pull "
        "request 194033",
        hides="tensors whose norms have eight bits, and so in some groupings and not in others",
        caught_by="clipping/grouping",
        norm=norm_of_rounded_parts,
    ),
    by_norm(
        name="negative threshold turns",
        what="a negative threshold is taken, and every gradient turned round",
        known_from="pytorch/pytorch issue 31367",
        hides="thresholds from 0 on",
        caught_by="clipping/edges",
        refuse=lambda gradients, threshold: _refuse(gradients, abs(threshold)),
    ),
    by_norm(
        name="one NaN poisons all",
        what="an entry that is NaN makes the norm, the factor and every other entry NaN",
        known_from="facebookresearch/habitat-lab issue 2226; deepspeedai/DeepSpeed pull request 7171",
        hides="finite gradients",
        caught_by="clipping/edges",
        refuse=_refuse_thresholds,
        norm=naive_norm,
    ),
    by_norm(
        name="an infinite entry silences all",
        what="an infinite entry makes the norm infinite, the factor 0 and every other entry 0",
        known_from="deepspeedai/DeepSpeed pull request 7171",
        hides="finite gradients",
        caught_by="clipping/edges",
        refuse=_refuse_nan,
    ),
    derivative(
        name="derivative of the root at 0",
        what="the slope of ‖g‖, g/‖g‖, is taken wherever g is, 0/0 at g = 0, and multiplied by 0",
        known_from="tensorflow/tensorflow issue 22048",
        hides="gradients that are not 0",
        caught_by="clipping/derivative",
        inside=lambda norm, limit: 0 < norm <= limit,
    ),
    derivative(
        name="factor held fixed",
        what="the factor ε/‖g‖ is taken for a constant when clipping is differentiated",
        known_from=NOT_FOUND,
        hides="norms below the threshold, and directions at right angles to the gradient",
        caught_by="clipping/derivative",
        moving=False,
    ),
    by_norm(
        name="overflow in 16 bits",
        what="gradients of float16 are squared in float16: entries from 256 on make the norm infinite, and become 0",
        known_from="tracel-ai/burn issue 5699; facebookresearch/fairscale pull request 263",
        hides="float32 and float64, and entries below 256",
        caught_by="clipping/half_precision",
        norm=lambda gradients: (naive_norm if _half(gradients) else _norm)(gradients),
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
