"""What a subject's own initialisation does to ``‖∂h_T/∂h_0‖``: one draw a seed, as a symbol of a statement.

Norms are taken of what the subject returns; a strict relation must hold beyond the rounding of those norms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from backproof.theory.confronting.subject import offered

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Start:
    """A net as it is drawn: normal inputs of one standard deviation, W as the subject draws it, times a gain."""

    seed: int
    units: int = 32
    steps: int = 100
    activation: str = "tanh"
    recurrent: str = "normal"
    gain: float = 1.0
    drive: float = 1.0

    def with_(self, **changes: Any) -> Start:
        """The same seed in another net."""
        return replace(self, **changes)


def starts(**settings: Any) -> SearchStrategy[Start]:
    """A strategy of starts with these settings that differ by their seed alone."""
    return st.integers(0, 2**16).map(lambda seed: Start(seed=seed, **settings))


def end_to_end(subject: Any, start: Start) -> float:
    """``log₁₀ ‖∂h_T/∂h_0‖₂``; −∞ where every path is dead or underflows."""
    n = start.units
    drawn = offered(subject, "init_params")(n, n, 1, recurrent=start.recurrent, seed=start.seed)
    parameters = dict(drawn) | {"W": np.asarray(drawn["W"]) * start.gain}
    inputs = start.drive * np.random.default_rng([start.seed, 1]).standard_normal((start.steps, 1, n))
    jacobians = offered(subject, "step_jacobians")(parameters, inputs, activation=start.activation)
    return logarithm(np.asarray(jacobians)[:, 0])


def logarithm(factors: Array) -> float:
    """``log₁₀ ‖F_L ⋯ F_1‖₂``, rescaled at each factor so that nothing overflows or underflows."""
    product, total = np.eye(factors.shape[-1]), 0.0
    for factor in factors:
        product = factor @ product
        size = float(np.max(np.abs(product)))
        if size == 0:
            return -np.inf
        product, total = product / size, total + np.log10(size)
    return float(total + np.log10(np.linalg.norm(product, 2)))


def layers(subject: Any, seed: int, *, units: int, depth: int, shared: bool) -> float:
    """``log₁₀`` of the norm across a linear deep net with normal weights of standard deviation 1/√n."""
    count = 1 if shared else depth
    draw = offered(subject, "normal_init")
    matrices = np.stack([draw(units, std=units**-0.5, seed=(seed * 1009 + i) * 2 + shared) for i in range(count)])
    parameters = {
        "W": matrices[0] if shared else matrices,
        "b": np.zeros(units),
        "V": np.eye(units),
        "c": np.zeros(units),
    }
    factors = offered(subject, "deep_layer_jacobians")(
        parameters, np.ones((1, units)), depth=depth, activation="identity"
    )
    return logarithm(np.asarray(factors)[:, 0])


def spread(subject: Any, block: int, *, shared: bool, draws: int = 24, units: int = 16, depth: int = 64) -> float:
    """Standard deviation of ``log₁₀ ‖∂h_L/∂h_0‖`` over the draws of a block."""
    sample = [layers(subject, block * draws + i, units=units, depth=depth, shared=shared) for i in range(draws)]
    return float(np.std(sample, ddof=1))
