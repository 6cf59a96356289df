"""Faults of what is built on a net: truncation, tied weights, Jacobian products."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backproof.referee.zoo import bptt
from backproof.referee.zoo.bptt import RIGHT, SLOPES, Array, Step
from backproof.referee.zoo.records import fault_of, faults_of
from backproof.theory.nets.network import DEFAULTS

Gradients = Mapping[str, Array]


def truncated_gradients(
    *task: Any,
    every: int,
    window: int,
    steps_back: Callable[[int], int] = lambda window: window,
    blocks: Callable[[list[int]], list[int]] = lambda ends: ends,
    **settings: Any,
) -> dict[str, Array]:
    """After every ``every`` steps, back through ``window`` of them: one backward pass for each block of losses."""
    run = bptt.forward(RIGHT, *task, **settings)
    found = {name: np.zeros_like(array) for name, array in run.parameters.items()}
    ends = [min(start + every, run.steps) for start in range(0, run.steps, every)]
    for end in blocks(ends):
        first = every * ((end - 1) // every)
        for name, share in _block(run, first, end, end - steps_back(window)).items():
            found[name] = found[name] + share
    return found


def _block(run: bptt.Run, first: int, end: int, stop: int) -> dict[str, Array]:
    """The losses of the steps first + 1 … end, back to step stop + 1."""
    g = run.g.copy()
    g[:first] = 0
    early = dataclasses.replace(
        run, x=run.x[:end], a=run.a[:end], h=run.h[: end + 1], o=run.o[:end], y=run.y[:end], g=g[:end]
    )
    shares, delta_0 = bptt.back(RIGHT, early)
    kept = shares[: end - max(stop, 0)]
    total = {name: np.sum([share[name] for share in kept], axis=0) for name in ("W", "U", "b")}
    total |= {name: np.sum([share[name] for share in shares[: end - first]], axis=0) for name in ("V", "c")}
    return total | {"h0": delta_0 * (stop <= 0)}


_truncation = faults_of("truncation", truncated_gradients)
TRUNCATION = (
    _truncation(
        name="window one step short",
        what="the adjoints go back window − 1 steps",
        known_from=(
            "kin: rsokl/MyGrad pull request 4, a review: the limit counts from the end, and only the last loss "
            "gets its whole window"
        ),
        hides="long windows, vanishing gradients",
        caught_by="gradients/truncated",
        steps_back=lambda window: max(window - 1, 1),
    ),
    _truncation(
        name="window one step long",
        what="the adjoints go back window + 1 steps",
        known_from=(
            "D. Britz, WildML tutorial: `np.arange(max(0, t-self.bptt_truncate), t+1)`, one more step than its "
            "comment allows; gy910210/rnn-from-scratch, rnn.py"
        ),
        hides="long windows, vanishing gradients",
        caught_by="gradients/truncated",
        steps_back=lambda window: window + 1,
    ),
    _truncation(
        name="gradients zeroed before each block",
        what="only the last block's losses are left in the gradient",
        known_from="OpenNMT/OpenNMT-py issue 891: Zero gradients within truncated BPTT",
        hides="sequences of one block",
        caught_by="truncation in blocks",
        blocks=lambda ends: ends[-1:],
    ),
)


def _tied(combine: Callable[[list[Array]], list[Array]]) -> Callable[..., dict[str, Array]]:
    def tied_gradients(gradients: Gradients, groups: Sequence[Sequence[str]]) -> dict[str, Array]:
        found = {name: g.copy() for name, g in gradients.items()}
        for group in groups:
            found |= dict(zip(group, combine([gradients[name] for name in group]), strict=True))
        return found

    return tied_gradients


TYING = (
    fault_of(
        family="tied weights",
        function="tied_gradients",
        wrong=_tied(lambda parts: parts),
        name="each copy its own gradient",
        what="the gradients of tied weights are not summed",
        known_from="torch/DEPRECEATED-torch7-distro issue 156: sharing weights loses half the gradient updates",
        hides="copies that happen to get equal gradients",
        caught_by="tied gradients",
    ),
    fault_of(
        family="tied weights",
        function="tied_gradients",
        wrong=_tied(lambda parts: [parts[-1]] * len(parts)),
        name="last copy's gradient for all",
        what="the gradient of the copy that was seen last replaces those before it",
        known_from="NVIDIA/TransformerEngine issue 3437: tied weights do not accumulate with delayed wgrad",
        hides="copies of which only one gets a gradient",
        caught_by="tied gradients",
    ),
)


def jacobian_products(
    parameters: Gradients,
    inputs: Array,
    *,
    activation: str = DEFAULTS["activation"],
    at: Callable[[Step], Array] = lambda s: s.a(s.t),
    turn: Callable[[Array], Array] = lambda W: W,
    order: Callable[[Array, Array], Array] = lambda later, earlier: later @ earlier,
) -> Iterator[tuple[int, Array]]:
    """By lag, ∂h_{k+lag}/∂h_k for every k."""
    any_class = np.zeros(inputs.shape[:2], dtype=np.int64)
    run = bptt.forward(RIGHT, parameters, inputs, any_class, activation=activation)
    none = np.zeros_like(run.h[0])
    steps = [Step(run=run, t=t, carried=none, delta=none, alpha=none) for t in range(1, run.steps + 1)]
    factors = np.stack([SLOPES[activation](at(s))[..., None] * turn(parameters["W"]) for s in steps])
    current = np.broadcast_to(np.eye(len(parameters["W"]), dtype=inputs.dtype), (run.steps + 1, *factors.shape[1:]))
    yield 0, current
    for lag in range(1, run.steps + 1):
        current = order(factors[lag - 1 :], current[:-1])
        yield lag, current


_jacobians = faults_of("Jacobians", jacobian_products)
JACOBIANS = (
    _jacobians(
        name="Jacobian with slopes at the state before",
        what="diag(φ′(h_{t-1})) W for diag(φ′(a_t)) W",
        known_from=(
            "a misprint in two of the sources judged here: Training RNNs, Jacobian of h_t by h_k, and the RWTH "
            "Aachen slides, exploding and vanishing gradient"
        ),
        hides="small states, where every slope is nearly that at 0",
        caught_by="jacobians/step_jacobian",
        at=lambda s: s.h(s.t - 1),
    ),
    _jacobians(
        name="Jacobian with W transposed",
        what="diag(φ′(a_t)) Wᵀ",
        known_from=(
            "Pascanu, Mikolov & Bengio 2013, equation 5: the transpose of W_rec before the slopes, where W_rec "
            "belongs; stats.stackexchange.com question 330448 asks about it"
        ),
        hides="one unit, a symmetric W",
        caught_by="jacobians/step_jacobian",
        turn=lambda W: W.T,
    ),
    _jacobians(
        name="Jacobians in the order of time",
        what="later factors stand on the right",
        known_from="kin: two of the sources judged here leave the order open (FYS5429, chain rule through the states)",
        hides="one unit, two steps, nearly linear nets, where all factors are nearly equal",
        caught_by="jacobians/product_of_steps",
        order=lambda later, earlier: earlier @ later,
    ),
)

FAULTS = (*TRUNCATION, *TYING, *JACOBIANS)
