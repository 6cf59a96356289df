"""Losses that are taken for one another, and their gradients; what has to be guessed is fitted to one network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from backproof.referee.zoo.bptt import RIGHT, Recipe, entropy, one_hot, softmax
from backproof.referee.zoo.instances import recipe_gradients
from backproof.theory.nets.networks import Net

Array = NDArray[Any]
Gradients = Mapping[str, Array]
OfNet = Callable[[Net], Gradients]


def other_losses(evidence: Any) -> Iterator[tuple[str, OfNet]]:
    """Each with its words: those that hold for any loss, then those beside the cross-entropy."""
    net, got = evidence.net, evidence.got
    yield from _decayed(net, got)
    if not net.charged.classes:
        return
    families = (("a temperature of", _with_temperature, (0.1, 10.0)), ("label smoothing of", _smoothed, (0.0, 1.0)))
    for name, family, around in families:
        value = _fitted(family, net, got, around)
        yield f"cross-entropy with {name} {value:.6g}", partial(recipe_gradients, family(value))
    for label in sorted(set(np.ravel(net.targets).tolist())):
        ignoring = RIGHT.but(entropy=_ignoring(label))
        yield f"cross-entropy that ignores class {label}", partial(recipe_gradients, ignoring)
    squared = RIGHT.but(entropy=_squared)
    yield "the squared error of the outputs beside unit vectors", partial(recipe_gradients, squared)


def _decayed(net: Net, got: Gradients) -> Iterator[tuple[str, OfNet]]:
    """λ/2 times the squares of some parameters added: λ from what is too much."""
    right = recipe_gradients(RIGHT, net)
    for names in (("W",), ("W", "U", "V"), ("W", "U", "V", "b", "c"), tuple(net.parameters)):
        told = [name for name in names if name in got]
        with np.errstate(all="ignore"):
            squares = sum(float(np.sum(net.parameters[name] ** 2)) for name in told)
            extra = sum(float(np.sum((got[name] - right[name]) * net.parameters[name])) for name in told)
        if squares and np.isfinite(extra):
            weight = float(f"{extra / squares:.6g}")
            words = f"with weight decay, {weight:g}/2 times the squares of {', '.join(told)}"
            yield words, partial(_with_decay, told, weight)


def _with_decay(names: Sequence[str], weight: float, net: Net) -> Gradients:
    right = recipe_gradients(RIGHT, net)
    return {name: g + weight * net.parameters[name] if name in names else g for name, g in right.items()}


def _with_temperature(value: float) -> Recipe:
    def charged(outputs: Array, targets: Array) -> tuple[Array, Array]:
        losses, g = entropy(outputs / value, targets)
        return losses, g / value

    return RIGHT.but(entropy=charged)


def _smoothed(value: float) -> Recipe:
    def charged(outputs: Array, targets: Array) -> tuple[Array, Array]:
        aims = (1 - value) * one_hot(targets, outputs) + value / outputs.shape[-1]
        losses, _ = entropy(outputs, targets)
        return losses, softmax(outputs) - aims

    return RIGHT.but(entropy=charged)


def _ignoring(label: int) -> Callable[[Array, Array], tuple[Array, Array]]:
    def charged(outputs: Array, targets: Array) -> tuple[Array, Array]:
        losses, g = entropy(outputs, targets)
        counted = targets != label
        return losses * counted, g * counted[..., None]

    return charged


def _squared(outputs: Array, targets: Array) -> tuple[Array, Array]:
    g = outputs - one_hot(targets, outputs)
    return np.asarray((g**2).sum(axis=-1) / 2), g


def _fitted(family: Callable[[float], Recipe], net: Net, got: Gradients, around: tuple[float, float]) -> float:
    """The value at which the family comes nearest to what was returned, to six digits."""
    name = "c" if "c" in got else next(iter(got))

    def miss(value: float) -> float:
        with np.errstate(all="ignore"):
            return float(np.sum((recipe_gradients(family(value), net)[name] - got[name]) ** 2))

    found = minimize_scalar(miss, bounds=around, method="bounded", options={"xatol": 1e-12})
    return float(f"{found.x:.6g}")
