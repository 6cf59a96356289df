"""Arguments checked once, at the door: whatever is wrong raises one error that names the argument.

The wrong kind of thing (not an array, not a mapping, another dtype) is a TypeError; the right kind with a
wrong shape or value is a ValueError. Both say what was expected and what was found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from types import MappingProxyType
from typing import Any, TypeVar, Unpack

import numpy as np
from numpy.typing import DTypeLike, NDArray

from backproof.impl.activations import ACTIVATIONS, Activation
from backproof.impl.arrays import Array
from backproof.impl.losses import LOSSES, Loss
from backproof.impl.settings import Keywords, OutputKeywords, OutputSettings, Settings

NAMES = ("W", "U", "V", "b", "c", "h0")
FORMATS = ("float32", "float64")
REDUCTIONS: Mapping[str, bool] = MappingProxyType({"sum": False, "mean": True})

Choice = TypeVar("Choice")


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
    if not isinstance(params, Mapping):
        raise TypeError(f"params: expected a mapping from names to arrays, got {type(params).__name__}")
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
    if not isinstance(targets, np.ndarray) or not np.issubdtype(targets.dtype, np.integer):
        raise TypeError(f"targets: expected an array of integer class indices, got {kind_of(targets)}")
    check_shape("targets", targets, shape[:2])
    for extreme in (targets.min(), targets.max()):
        if not 0 <= extreme < shape[2]:
            raise ValueError(f"targets: expected class indices from 0 to {shape[2] - 1}, got {extreme}")


def checked_floats(
    argument: str, array: Array, *, dtype: np.dtype[Any] | None = None, formats: Sequence[str] = FORMATS
) -> Array:
    """Check for a finite array of a float format, and of one certain dtype if that is given."""
    if not isinstance(array, np.ndarray) or array.dtype not in map(np.dtype, formats):
        raise TypeError(f"{argument}: expected a NumPy array of {' or '.join(formats)}, got {kind_of(array)}")
    if dtype is not None and array.dtype != dtype:
        raise TypeError(f"{argument}: expected {dtype} like the rest, got {array.dtype}")
    finite = np.isfinite(array)
    if not finite.all():
        raise ValueError(f"{argument}: expected finite entries, got {array[~finite][0]}")
    return array


def checked_float_type(argument: str, dtype: DTypeLike) -> np.dtype[np.floating[Any]]:
    """Check for float32 or float64, given as anything that NumPy takes for a dtype except None."""
    for known in (np.float32, np.float64):
        # NumPy reads None as float64, and raises for what is no dtype at all.
        if dtype is not None and np.dtype(known) == dtype:
            return np.dtype(known)
    raise TypeError(f"{argument}: expected float32 or float64, got {dtype!r}")


def checked_square(argument: str, matrix: Array) -> Array:
    """Check for a square matrix of finite floats that is not empty."""
    checked_floats(argument, matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise ValueError(f"{argument}: expected a square matrix, got shape {matrix.shape}")
    return matrix


def checked_positive(argument: str, number: float) -> float:
    """Check for a finite real number > 0."""
    checked = _checked_real(argument, number)
    if math.isnan(checked) or checked <= 0:
        raise ValueError(f"{argument}: expected a number > 0, got {number}")
    if math.isinf(checked):
        raise ValueError(f"{argument}: expected a finite number, got {number}")
    return checked


def checked_not_negative(argument: str, number: float) -> float:
    """Check for a real number ≥ 0, infinity included."""
    checked = _checked_real(argument, number)
    if math.isnan(checked) or checked < 0:
        raise ValueError(f"{argument}: expected a number ≥ 0, got {number}")
    return checked


def _checked_real(argument: str, number: float) -> float:
    if not isinstance(number, Real) or isinstance(number, bool):
        raise TypeError(f"{argument}: expected a real number, got {kind_of(number)}")
    return float(number)


def checked_integer(argument: str, number: int, *, at_most: int | None = None, at_least: int = 1) -> int:
    """Check for an integer within bounds, both included."""
    if not isinstance(number, (int, np.integer)) or isinstance(number, bool):
        raise TypeError(f"{argument}: expected an integer, got {kind_of(number)}")
    if number < at_least or (at_most is not None and number > at_most):
        bounds = f"from {at_least} to {at_most}" if at_most is not None else f"≥ {at_least}"
        raise ValueError(f"{argument}: expected an integer {bounds}, got {number}")
    return int(number)


def chosen(argument: str, name: str, options: Mapping[str, Choice]) -> Choice:
    """Return the option of that name."""
    if not isinstance(name, str):
        raise TypeError(f"{argument}: expected one of the names {listed(options)}, got {kind_of(name)}")
    if name not in options:
        raise ValueError(f"{argument}: expected one of {listed(options)}, got {name!r}")
    return options[name]


def check_shape(argument: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    """Refuse another shape, with a ValueError that names both."""
    if array.shape != shape:
        raise ValueError(f"{argument}: expected shape {shape}, got shape {array.shape}")


def kind_of(thing: object) -> str:
    """What a wrong argument is, in words: its type, or the dtype of an array."""
    return f"an array of {thing.dtype}" if isinstance(thing, np.ndarray) else type(thing).__name__


def listed(names: Iterable[str]) -> str:
    """Names in quotes, with commas between them."""
    return ", ".join(map(repr, names))
