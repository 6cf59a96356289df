"""Everything that a loss depends on, checked once, at the door, by the checks of `backproof.impl.checks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from backproof.impl.activations import ACTIVATIONS, Activation
from backproof.impl.arrays import Array
from backproof.impl.checks import check_shape, checked_classes, checked_floats, checked_mapping, chosen, listed
from backproof.impl.losses import LOSSES, Loss
from backproof.impl.settings import Keywords, OutputKeywords, OutputSettings, Settings

NAMES = ("W", "U", "V", "b", "c", "h0")
REDUCTIONS: Mapping[str, bool] = MappingProxyType({"sum": False, "mean": True})


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Parameters:
    """Parameters that fit together: W (n,n), U (n,m), V (p,n), b (n,), c (p,), h0 (B,n), of one dtype."""

    W: Array
    U: Array
    V: Array
    b: Array
    c: Array
    h0: Array


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Charge:
    """What is charged for outputs, with each name replaced by what it stands for.

    `divisor` is what the sum over time and batch is divided by: 1 for the sum, T·B for the mean.
    """

    targets: NDArray[Any]
    loss: Loss
    divisor: int


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Task(Charge):
    """A loss to differentiate: checked arguments."""

    parameters: Parameters
    inputs: Array
    activation: Activation


def checked_task(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> Task:
    """Check everything that a loss depends on."""
    settings = Settings(**keywords)
    parameters = checked_parameters(params, inputs)
    steps, batch, _ = inputs.shape
    charge = checked_charge(
        targets,
        (steps, batch, len(parameters.c)),
        inputs.dtype,
        loss=settings.loss,
        reduction=settings.reduction,
    )
    return Task(
        parameters=parameters,
        inputs=inputs,
        activation=checked_activation(settings.activation),
        targets=charge.targets,
        loss=charge.loss,
        divisor=charge.divisor,
    )


def checked_charge(
    targets: NDArray[Any], shape: tuple[int, int, int], dtype: np.dtype[Any], **keywords: Unpack[OutputKeywords]
) -> Charge:
    """Check what a loss of outputs of this shape (T,B,p) and dtype depends on."""
    settings = OutputSettings(**keywords)
    loss = chosen("loss", settings.loss, LOSSES)
    _check_targets(targets, shape, dtype, loss)
    steps, batch, _ = shape
    divisor = steps * batch if chosen("reduction", settings.reduction, REDUCTIONS) else 1
    return Charge(targets=targets, loss=loss, divisor=divisor)


def checked_activation(name: str) -> Activation:
    """Return the activation of that name."""
    return chosen("activation", name, ACTIVATIONS)


def checked_parameters(params: Mapping[str, Array], inputs: Array) -> Parameters:
    """Check parameters against inputs (T,B,m), and fill in h0 = 0 where it is left out."""
    checked_mapping("params", params)
    _check_names(params)
    checked_floats("params['W']", params["W"])
    dtype = params["W"].dtype
    for name, array in params.items():
        checked_floats(f"params[{name!r}]", array, dtype=dtype)
    checked_floats("inputs", inputs, dtype=dtype)
    sizes = _sizes(params, inputs)
    for name in params:
        check_shape(f"params[{name!r}]", params[name], sizes[name])
    return Parameters(**{"h0": np.zeros(sizes["h0"], dtype), **params})


def _check_names(params: Mapping[str, Array]) -> None:
    unknown = [name for name in params if name not in NAMES]
    if unknown:
        raise ValueError(f"params: unknown parameter {unknown[0]!r}, expected {listed(NAMES)}")
    missing = [name for name in NAMES[:-1] if name not in params]
    if missing:
        raise ValueError(f"params: expected {listed(NAMES[:-1])}, got no {listed(missing)}")


def _sizes(params: Mapping[str, Array], inputs: Array) -> dict[str, tuple[int, ...]]:
    """Return the shape of each parameter, from the n of W, the p of V, and the B and m of the inputs."""
    if inputs.ndim != 3 or 0 in inputs.shape:
        raise ValueError(
            "inputs: expected shape (T, B, m) with at least one step, one sequence and one input, "
            f"got shape {inputs.shape}"
        )
    W, V = params["W"], params["V"]
    for name, array in {"W": W, "V": V}.items():
        if array.ndim != 2 or 0 in array.shape:
            raise ValueError(f"params[{name!r}]: expected a non-empty matrix, got shape {array.shape}")
    n, p = len(W), len(V)
    _, batch, m = inputs.shape
    return {"W": (n, n), "U": (n, m), "V": (p, n), "b": (n,), "c": (p,), "h0": (batch, n)}


def _check_targets(targets: NDArray[Any], shape: tuple[int, int, int], dtype: np.dtype[Any], loss: Loss) -> None:
    if not loss.classes:
        checked_floats("targets", targets, dtype=dtype)
        check_shape("targets", targets, shape)
        return
    checked_classes("targets", targets, at_most=shape[2] - 1)
    check_shape("targets", targets, shape[:2])
