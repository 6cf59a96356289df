"""What faults are tried on: one net for each initial scale, as language models start, one that is loud, one faint.

A fault that changes nothing at a scale cannot be caught there; `changes` says whether it does, in extended precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from backproof.referee.zoo import bptt, gated
from backproof.referee.zoo.bptt import RIGHT, Array, Recipe
from backproof.referee.zoo.records import Fault
from backproof.theory.instances.strategies import TINY
from backproof.theory.language.functions import ACTIVATIONS, LOSSES
from backproof.theory.nets.networks import Gated, Net

SCALES = ("0.001", "0.01", "1/√n", "orthogonal")
"""Initial scales of the weights."""
LOUD = "loud"
"""Orthogonal W, and outputs in the thousands: adjoints pass every threshold, and exponentials overflow."""
FAINT = "faint"
"""Orthogonal W, and V about 1e-200: so is every gradient that comes through it."""
EVERYWHERE = (*SCALES, LOUD, FAINT)
OF_V = {LOUD: 4000.0, FAINT: TINY}

UNITS, STEPS, BATCH, WORDS = 8, 6, 2, 5


def _scaled(random: np.random.Generator, scale: str, *shape: int) -> Array:
    drawn = random.standard_normal(shape)
    if scale in ("0.001", "0.01"):
        return drawn * float(scale)
    return np.asarray(drawn / np.sqrt(shape[-1]))


def _recurrent(random: np.random.Generator, scale: str, units: int) -> Array:
    if scale in ("orthogonal", LOUD, FAINT):
        return np.asarray(np.linalg.qr(random.standard_normal((units, units)))[0])
    return _scaled(random, scale, units, units)


@cache
def net_at(scale: str, units: int = UNITS, steps: int = STEPS, batch: int = BATCH, words: int = WORDS) -> Net:
    """A language model at its start: words in, next words out, every array at the scale; the mean loss."""
    random = np.random.default_rng(7)
    text = random.integers(0, words, (steps + 1, batch))
    return Net(
        W=_recurrent(random, scale, units),
        U=_scaled(random, scale, units, words),
        V=_scaled(random, scale, words, units) * OF_V.get(scale, 1),
        b=_scaled(random, scale, units),
        c=_scaled(random, scale, words),
        h0=_scaled(random, scale, batch, units),
        inputs=np.eye(words)[text[:-1]],
        targets=text[1:],
        reduction="sum" if scale == LOUD else "mean",
    )


@cache
def gated_at(kind: str, scale: str) -> Gated:
    """An LSTM or a GRU at an initial scale, as `net_at`, but small."""
    random = np.random.default_rng(8)
    units, steps, batch, words = 3, 3, 2, 3
    arrays: dict[str, Array] = {}
    for j in gated.LSTM_GATES if kind == "lstm" else gated.GRU_GATES:
        arrays[f"W_{j}"] = _recurrent(random, scale, units)
        arrays[f"U_{j}"] = _scaled(random, scale, units, words)
        arrays[f"b_{j}"] = _scaled(random, scale, units)
    arrays |= {"V": _scaled(random, scale, words, units), "c": _scaled(random, scale, words)}
    for name in ("h0", "s0") if kind == "lstm" else ("h0",):
        arrays[name] = _scaled(random, scale, batch, units)
    text = random.integers(0, words, (steps + 1, batch))
    return Gated(kind=kind, arrays=arrays, inputs=np.eye(words)[text[:-1]], targets=text[1:])


def task(net: Net | Gated, dtype: Any = np.float64) -> tuple[dict[str, Array], Array, Array]:
    """Parameters, inputs and targets as a subject takes them."""
    targets = net.targets if net.charged.classes else net.targets.astype(dtype)
    return {name: array.astype(dtype) for name, array in net.parameters.items()}, net.inputs.astype(dtype), targets


def recipe_gradients(recipe: Recipe, net: Net, dtype: Any = np.float64) -> dict[str, Array]:
    """The gradients of a recipe."""
    return bptt.gradients(recipe, *task(net, dtype), **net.settings)


def changes(fault: Fault, scale: str) -> bool:
    """Whether a fault of a net changes a gradient at that scale.

    Right and wrong are computed in extended precision and must differ by more than the rounding of a float64, so that
    another order of the same operations is no change.
    """
    if isinstance(fault.recipe, Recipe):
        return net_changes(fault.recipe, net_at(scale))
    if scale not in SCALES:
        return False
    net = gated_at(type(fault.recipe).__name__.lower(), scale)
    right, wrong = (
        gated.gated_gradients(cell, *task(net, np.longdouble)) for cell in (type(fault.recipe)(), fault.recipe)
    )
    return _differ(right, wrong)


def net_changes(recipe: Recipe, net: Net) -> bool:
    """Whether a recipe changes the gradient of a net."""
    if not all(np.all(np.isfinite(g)) for g in recipe_gradients(recipe, net).values()):
        return True
    right, wrong = (recipe_gradients(each, net, np.longdouble) for each in (RIGHT, recipe))
    return _differ(right, wrong)


def _differ(right: Mapping[str, Array], wrong: Mapping[str, Array]) -> bool:
    return any(np.any(np.abs(wrong[name] - g) > np.finfo(np.float64).eps / 2 * np.abs(g)) for name, g in right.items())


def random_net(seed: int) -> Net:
    """Any net: gradients from 1e-200 to exploding, vanishing or saturated, every activation, loss and reduction."""
    random = np.random.default_rng(seed)
    units, wide, words, batch = (int(k) for k in random.integers(1, (7, 5, 5, 3)))
    steps = int(random.choice([1, 2, 3, 5, 8, 20]))
    charged = LOSSES[str(random.choice(list(LOSSES)))]
    of_V = float(10.0 ** random.choice([-200, -100, -10, 0, 0, 0, 2] + [60] * (not charged.bounded)))
    V = random.standard_normal((words, units)) * of_V
    targets = random.standard_normal((steps, batch, words)) * of_V
    return Net(
        W=random.standard_normal((units, units)) / np.sqrt(units) * 10 ** random.uniform(-3, 1),
        U=random.standard_normal((units, wide)) * 10 ** random.uniform(-3, 1),
        V=V,
        b=random.standard_normal(units) * 10 ** random.uniform(-3, 1),
        c=random.standard_normal(words) * (1 if charged.classes else of_V),
        h0=random.standard_normal((batch, units)),
        inputs=random.standard_normal((steps, batch, wide)),
        targets=random.integers(0, words, (steps, batch)) if charged.classes else targets,
        activation=str(random.choice(list(ACTIVATIONS))),
        loss=charged.name,
        reduction=str(random.choice(["sum", "mean"])),
    )
