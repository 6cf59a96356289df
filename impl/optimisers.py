"""Gradient descent, heavy ball and Adam as pure functions of (parameters, gradients, state).

    SGD       θ ← θ - η g
    Momentum  v ← μ v + g,  θ ← θ - η v                                     (heavy ball, Polyak 1964)
    Adam      m ← β₁ m + (1-β₁) g,  v ← β₂ v + (1-β₂) g²,
              θ ← θ - η m̂ / (√v̂ + ε),  m̂ = m / (1-β₁ᵗ),  v̂ = v / (1-β₂ᵗ)    (Kingma and Ba 2015, algorithm 1)

An optimiser is its settings and nothing else. What it remembers is the state, passed in and out:

>>> import numpy as np
>>> optimiser = Momentum(rate=0.5, momentum=0.5)
>>> params, gradients = {"w": np.array([1.0])}, {"w": np.array([1.0])}
>>> state = optimiser.init(params)
>>> for _ in range(2):
...     params, state = optimiser.step(params, gradients, state)
>>> params["w"], state.count
(array([-0.25]), 2)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from backproof.impl.arrays import Array, unwarned
from backproof.impl.checks import (
    checked_arrays,
    checked_floats,
    checked_instance,
    checked_integer,
    checked_mapping,
    checked_positive,
    checked_share,
)


class UpdateOverflow(FloatingPointError):
    """A step that would have left the range of the parameter's dtype. `parameter` is its name."""

    def __init__(self, parameter: str, quantity: str) -> None:
        super().__init__(f"{quantity} of {parameter} overflowed")
        self.parameter = parameter


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class State:
    """What an optimiser remembers: steps taken, and averages of g and of g², each in the shape of its parameter.

    An optimiser that keeps no such average leaves the mapping empty.
    """

    count: int = 0
    first: Mapping[str, Array] = field(default_factory=dict)
    second: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_integer("count", self.count, at_least=0)
        checked_arrays("first", self.first)
        checked_arrays("second", self.second)


class Optimiser(Protocol):
    """What a training loop asks of an optimiser."""

    def init(self, params: Mapping[str, Array], /) -> State:
        """Return the state before the first step."""
        ...

    def step(
        self, params: Mapping[str, Array], gradients: Mapping[str, Array], state: State, /
    ) -> tuple[dict[str, Array], State]:
        """Return new parameters and the new state; what was passed in stays as it was.

        A gradient without a parameter of its name is ignored: h0 has one even where it is left out.
        Raises TypeError or ValueError naming the gradient that is missing, misshapen or not finite, and
        UpdateOverflow.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class SGD:
    """θ ← θ - η g, with η the rate."""

    rate: float

    def __post_init__(self) -> None:
        checked_positive("rate", self.rate)

    def init(self, params: Mapping[str, Array]) -> State:
        """Return a state that holds the count alone."""
        checked_arrays("params", params)
        return State()

    @unwarned
    def step(
        self, params: Mapping[str, Array], gradients: Mapping[str, Array], state: State
    ) -> tuple[dict[str, Array], State]:
        """Take one step, as `Optimiser.step` says."""
        g = _matching(params, gradients, state)
        moved: dict[str, Array] = {name: theta - self.rate * g[name] for name, theta in params.items()}
        return _finite("the update", moved), State(count=state.count + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Momentum:
    """v ← μ v + g, θ ← θ - η v, with μ the momentum and η the rate."""

    rate: float
    momentum: float = 0.9

    def __post_init__(self) -> None:
        checked_positive("rate", self.rate)
        checked_share("momentum", self.momentum)

    def init(self, params: Mapping[str, Array]) -> State:
        """Return a state with velocity zero."""
        checked_arrays("params", params)
        return State(first=_zeros(params))

    @unwarned
    def step(
        self, params: Mapping[str, Array], gradients: Mapping[str, Array], state: State
    ) -> tuple[dict[str, Array], State]:
        """Take one step, as `Optimiser.step` says."""
        g = _matching(params, gradients, state, "first")
        velocity: dict[str, Array] = {name: self.momentum * state.first[name] + g[name] for name in params}
        _finite("the velocity", velocity)
        moved: dict[str, Array] = {name: theta - self.rate * velocity[name] for name, theta in params.items()}
        return _finite("the update", moved), State(count=state.count + 1, first=velocity)


@dataclass(frozen=True, kw_only=True, slots=True)
class Adam:
    """Adam with rate η, decays β₁ of the mean and β₂ of the mean square, and ε, in the paper's own settings."""

    rate: float = 1e-3
    mean_decay: float = 0.9
    square_decay: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        checked_positive("rate", self.rate)
        checked_positive("epsilon", self.epsilon)
        checked_share("mean_decay", self.mean_decay)
        checked_share("square_decay", self.square_decay)

    def init(self, params: Mapping[str, Array]) -> State:
        """Return a state with both averages zero."""
        checked_arrays("params", params)
        return State(first=_zeros(params), second=_zeros(params))

    @unwarned
    def step(
        self, params: Mapping[str, Array], gradients: Mapping[str, Array], state: State
    ) -> tuple[dict[str, Array], State]:
        """Take one step, as `Optimiser.step` says."""
        g = _matching(params, gradients, state, "first", "second")
        count, mean_decay, square_decay = state.count + 1, self.mean_decay, self.square_decay
        mean: dict[str, Array] = {name: mean_decay * state.first[name] + (1 - mean_decay) * g[name] for name in params}
        square: dict[str, Array] = {
            name: square_decay * state.second[name] + (1 - square_decay) * g[name] ** 2 for name in params
        }
        # An infinite mean square would divide the step down to zero, and so hide the overflow.
        _finite("the mean square of the gradient", square)
        moved: dict[str, Array] = {}
        for name, theta in params.items():
            root = np.sqrt(square[name] / (1 - square_decay**count))
            moved[name] = theta - self.rate * (mean[name] / (1 - mean_decay**count)) / (root + self.epsilon)
        return _finite("the update", moved), State(count=count, first=mean, second=square)


def _zeros(params: Mapping[str, Array]) -> dict[str, Array]:
    return {name: np.zeros_like(theta) for name, theta in params.items()}


def _matching(
    params: Mapping[str, Array], gradients: Mapping[str, Array], state: State, *averages: str
) -> Mapping[str, Array]:
    """Return the gradients once each parameter is known to have a finite one of its shape and dtype, and averages."""
    checked_arrays("params", params)
    checked_mapping("gradients", gradients)
    checked_instance("state", state, State)
    for name, theta in params.items():
        if name not in gradients:
            raise ValueError(f"gradients: expected one for each parameter, got none for {name!r}")
        gradient = checked_floats(f"gradients[{name!r}]", gradients[name], dtype=theta.dtype)
        if gradient.shape != theta.shape:
            raise ValueError(f"gradients[{name!r}]: expected shape {theta.shape}, got shape {gradient.shape}")
        for average in averages:
            kept = getattr(state, average).get(name)
            if kept is None or kept.shape != theta.shape:
                raise ValueError(
                    f"state: expected in {average!r} an array of the shape of {name!r}, as `init` makes it"
                )
    return gradients


def _finite(quantity: str, arrays: dict[str, Array]) -> dict[str, Array]:
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise UpdateOverflow(name, quantity)
    return arrays
