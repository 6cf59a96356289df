"""Questions that any subject can be asked, each at one fixed instance, with what the textbook answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from backproof.theory.confronting.subject import Lacks, offered


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A question at one instance. ``ask`` gives what the textbook expects and what the subject does, as numbers.

    The subject deviates if the two differ by more than ``within``, relative to what is expected (absolute for 0).
    """

    name: str
    theorem: str
    textbook: str
    instance: str
    ask: Callable[[Any], tuple[float, float]]
    within: float

    def size(self, expected: float, got: float) -> float:
        """How far off, relative to what is expected unless that is 0."""
        if got == expected or (math.isnan(got) and math.isnan(expected)):
            return 0.0
        return abs(got - expected) / abs(expected) if expected else abs(got)


ERROR = math.nan
"""Stands for an exception in place of a number."""


def _norm(g: tuple[float, ...], threshold: float, dtype: str, by: str = "norm") -> Callable[[Any], tuple[float, float]]:
    """The norm after clipping, expected min(‖g‖, ε)."""

    def ask(subject: Any) -> tuple[float, float]:
        clip = offered(subject, f"clip_by_{by}")
        with np.errstate(all="ignore"):
            clipped = clip({"g": np.array(g, dtype=dtype)}, threshold).gradients["g"]
        exact = np.array(g, dtype=dtype).astype(np.float64)
        return min(math.hypot(*exact), threshold), math.hypot(*np.asarray(clipped, dtype=np.float64))

    return ask


def _refused(by: str) -> Callable[[Any], tuple[float, float]]:
    """Whether a negative threshold is refused: 0 if it is, else the first entry that comes back."""

    def ask(subject: Any) -> tuple[float, float]:
        clip = offered(subject, f"clip_by_{by}")
        try:
            clipped = clip({"g": np.array([3.0, 4.0])}, -1.0).gradients["g"]
        except (ArithmeticError, TypeError, ValueError, RuntimeError):
            return ERROR, ERROR
        return ERROR, float(np.asarray(clipped)[0])

    return ask


def _slope(name: str, at: float, expected: float) -> Callable[[Any], tuple[float, float]]:
    def ask(subject: Any) -> tuple[float, float]:
        try:
            slope = subject.ACTIVATIONS[name].slope
        except (AttributeError, KeyError, TypeError):
            raise Lacks(f"ACTIVATIONS[{name!r}].slope") from None
        return expected, float(np.asarray(slope(np.array([[at]])))[0, 0])

    return ask


DRAWS = 400


def _share(event: Callable[[Any], bool]) -> Callable[[Any], tuple[float, float]]:
    """The share of draws in which an event of probability 1/2 happens."""

    def ask(subject: Any) -> tuple[float, float]:
        draw = offered(subject, "orthogonal_init")
        matrices = (np.asarray(draw(2, seed=seed, dtype="float64", haar=True)) for seed in range(DRAWS))
        return 0.5, sum(map(event, matrices)) / DRAWS

    return ask


def _chance() -> float:
    """How far, relative to 1/2, a share of fair draws may stray: more has a probability of at most 1e-6."""
    return float(1 - stats.binom.ppf(5e-7, DRAWS, 0.5) / DRAWS / 0.5)


def _gru(subject: Any) -> tuple[float, float]:
    """The first unit of a GRU after one step; a reset gate before the matrix mixes the units after gating."""
    run = offered(subject, "reset_after_gru_states")
    zero, swap = np.zeros((2, 2)), np.array([[0.0, 1.0], [1.0, 0.0]])
    bias = {"b_z": np.zeros(2), "b_r": np.array([0.0, 2.0]), "b_n": np.zeros(2)}
    weights = {"W_z": zero, "W_r": zero, "W_n": swap, "U_z": zero, "U_r": zero, "U_n": zero}
    h0 = np.array([[1.0, 1.0]])
    states = run({**weights, **bias, "V": np.eye(2), "c": np.zeros(2), "h0": h0}, np.zeros((1, 1, 2)))
    reset = 1 / (1 + math.exp(-2.0))
    return 0.5 + 0.5 * math.tanh(reset), float(np.asarray(states)[0, 0, 0])


DOUBLE, SINGLE = 2.0**-48, 2.0**-19  # 32 roundings: more than any formula for two entries commits
NORM_IS = "After clipping by norm, ‖g‖ is min(‖g‖, ε)."

PROBES = (
    Probe(
        name="norm after clipping",
        theorem="clipping/by_norm",
        textbook=NORM_IS,
        instance="g = (3, 4), ε = 1, float64",
        ask=_norm((3.0, 4.0), 1.0, "float64"),
        within=DOUBLE,
    ),
    Probe(
        name="clipping at a small threshold",
        theorem="clipping/by_norm",
        textbook=NORM_IS,
        instance="g = (3e-6, 4e-6), ε = 1e-6, float64",
        ask=_norm((3e-6, 4e-6), 1e-6, "float64"),
        within=DOUBLE,
    ),
    Probe(
        name="a gradient below the threshold",
        theorem="clipping/by_norm",
        textbook="A gradient whose norm is below ε stays as it is.",
        instance="g = (3e-7, 4e-7), ε = 1e-6, float64",
        ask=_norm((3e-7, 4e-7), 1e-6, "float64"),
        within=DOUBLE,
    ),
    Probe(
        name="norm 0",
        theorem="clipping/by_norm",
        textbook="A gradient of 0 stays 0.",
        instance="g = (0, 0), ε = 1, float64",
        ask=_norm((0.0, 0.0), 1.0, "float64"),
        within=0.0,
    ),
    Probe(
        name="squares that overflow in float32",
        theorem="clipping/overflow",
        textbook=NORM_IS,
        instance="g = (3e30, 4e30), ε = 1, float32",
        ask=_norm((3e30, 4e30), 1.0, "float32"),
        within=SINGLE,
    ),
    Probe(
        name="squares that overflow in float64",
        theorem="clipping/overflow",
        textbook=NORM_IS,
        instance="g = (3e200, 4e200), ε = 1, float64",
        ask=_norm((3e200, 4e200), 1.0, "float64"),
        within=DOUBLE,
    ),
    Probe(
        name="squares that underflow in float32",
        theorem="clipping/overflow",
        textbook=NORM_IS,
        instance="g = (3e-30, 4e-30), ε = 1e-30, float32",
        ask=_norm((3e-30, 4e-30), 1e-30, "float32"),
        within=SINGLE,
    ),
    Probe(
        name="negative threshold, by norm",
        theorem="clipping/by_norm",
        textbook="The threshold is at least 0; anything else is an error.",
        instance="g = (3, 4), ε = −1: the first entry that comes back",
        ask=_refused("norm"),
        within=0.0,
    ),
    Probe(
        name="negative threshold, by value",
        theorem="clipping/by_value",
        textbook="The threshold is at least 0; anything else is an error.",
        instance="g = (3, 4), c = −1: the first entry that comes back",
        ask=_refused("value"),
        within=0.0,
    ),
    Probe(
        name="a threshold that float32 does not have",
        theorem="clipping/by_value",
        textbook="After clipping by value no entry exceeds c.",
        instance="g = (1), c = 0.1, float32: how far above c the entry lies",
        ask=lambda subject: (0.0, max(_norm((1.0,), 0.1, "float32", by="value")(subject)[1] - 0.1, 0.0)),
        within=0.0,
    ),
    Probe(
        name="slope of tanh where it saturates",
        theorem="activations/tanh_slope",
        textbook="tanh′(z) = 1 ÷ cosh²(z), which is above 0 everywhere.",
        instance="z = 20, float64",
        ask=_slope("tanh", 20.0, math.cosh(20.0) ** -2),
        within=DOUBLE,
    ),
    Probe(
        name="slope of the sigmoid where it saturates",
        theorem="activations/sigmoid_slope",
        textbook="σ′(z) = σ(z) σ(−z), which is above 0 everywhere.",
        instance="z = 40, float64",
        ask=_slope("sigmoid", 40.0, math.exp(-40.0) / (1 + math.exp(-40.0)) ** 2),
        within=DOUBLE,
    ),
    Probe(
        name="slope of ReLU at its kink",
        theorem="gradients/recurrent_weights",
        textbook="At 0 the slope is taken as 0.",
        instance="z = 0, float64",
        ask=_slope("relu", 0.0, 0.0),
        within=0.0,
    ),
    Probe(
        name="orthogonal start: rotations",
        theorem="spectra/qr_initialisation",
        textbook="By Haar's measure half of all orthogonal matrices are rotations.",
        instance=f"share with determinant 1 among {DRAWS} draws of 2 by 2",
        ask=_share(lambda Q: float(np.linalg.det(Q)) > 0),
        within=_chance(),
    ),
    Probe(
        name="orthogonal start: signs",
        theorem="spectra/qr_initialisation",
        textbook="By Haar's measure the first entry is as often positive as negative.",
        instance=f"share with a positive first entry among {DRAWS} draws of 2 by 2",
        ask=_share(lambda Q: float(Q[0, 0]) > 0),
        within=_chance(),
    ),
    Probe(
        name="the layer called GRU",
        theorem="gradients/recurrent_weights",
        textbook="The reset gate acts on the state before the matrix: tanh(W(r ∘ h) + …) (Cho et al. 2014).",
        instance="2 units, one step, W of the candidate swaps them, r = (σ(0), σ(2)), h₀ = (1, 1): the first unit",
        ask=_gru,
        within=DOUBLE,
    ),
)
