"""Nets with numbers that bound every step's Jacobian or every slope, from above by q and from below by r."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb_mat
from hypothesis import strategies as st

from backproof.theory.arithmetic import Balls, Undecided, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import above, below, beta_W, q, r, slopes
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import EVERY, arrays, nets, signed_permutations
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.unrolled import Unrolled

QUARTER_TURN = [[0.0, -1.0], [1.0, 0.0]]


def step_jacobians(instance: Net) -> list[arb_mat]:
    """``∂h_t/∂h_{t-1}`` for t = 1 … T, in balls at the working precision."""
    unrolled = Unrolled(instance, Balls())
    return [unrolled.state_jacobian(step, step - 1) for step in range(1, instance.steps + 1)]


@st.composite
def stretched_nets(draw: Any) -> NetWithValues:
    """Nets with the twelve-bit numbers just around all singular values of all steps; r = 0 where one is not certain.

    Half of them are linear with W a multiple of an orthogonal matrix, where both bounds are attained.
    """
    drawn = draw(nets(batch=(1, 1), losses=("squared_error",)))
    if draw(st.booleans()):
        even = draw(signed_permutations(len(drawn.W))) * draw(st.sampled_from([1.0, 2.0, 0.5]))
        drawn = draw(nets(batch=(1, 1), losses=("squared_error",), activations=("identity",), units=(len(even),) * 2))
        drawn = drawn.with_(W=even)
    A = Balls()
    with precision(BITS):
        jacobians = step_jacobians(drawn)
        try:
            most = max(above(A.spectral_norm(J)) for J in jacobians)
            least = min(below(A.smallest_singular_value(J)) for J in jacobians)
        except Undecided:  # ‖J‖₂ ≤ ‖J‖_F
            most, least = max(above(A.frobenius_norm(J)) for J in jacobians), 0.0
    return NetWithValues(drawn, {q: max(most, 2.0**-12) * draw(st.sampled_from([1, 1, 2])), r: least})


@st.composite
def orthogonal_nets(draw: Any) -> NetWithValues:
    """Nets whose W is orthogonal without rounding, with the twelve-bit numbers just around their slopes."""
    size = draw(st.integers(1, 4))
    matrix = draw(signed_permutations(size))
    if size == 4:
        matrix = matrix @ (np.kron([[1, 1], [1, -1]], [[1, 1], [1, -1]]) / 2) @ draw(signed_permutations(size))
    activation = draw(st.sampled_from(["tanh", *EVERY]))
    inputs = draw(arrays(draw(st.integers(1, 3)), size)) * draw(st.sampled_from([0.25, 1]))
    drawn = net(W=matrix, inputs=inputs, b=draw(arrays(size)), h0=[draw(arrays(size))], activation=activation)
    with precision(BITS):
        found = [slope for row in slopes(drawn) for slope in row]
        return NetWithValues(drawn, {q: max(max(map(above, found)), 2.0**-12), r: min(map(below, found))})


@st.composite
def sigmoid_nets(draw: Any) -> NetWithValues:
    """Sigmoid nets with β_W ≥ ‖W‖₂, some of them held where the sigmoid is steepest."""
    if draw(st.booleans()):
        held = draw(held_nets())
        return NetWithValues(held, {beta_W: 4.0})
    drawn = draw(nets(batch=(1, 1), activations=("sigmoid",), losses=("squared_error",)))
    with precision(BITS):
        norm = max(above(Balls().spectral_norm(Balls().matrix(drawn.W))), 2.0**-12)
    return NetWithValues(drawn, {beta_W: norm * draw(st.sampled_from([1, 1, 2]))})


def held_net(W: Any, steps: int = 3) -> Net:
    """A sigmoid net whose pre-activations are all 0: it starts at σ(0) = 1/2, and the bias is −W/2 · (1, …, 1)."""
    weights = np.asarray(W, dtype=np.float64)
    size = len(weights)
    half = np.full(size, 0.5)
    return net(W=weights, b=-weights @ half, h0=[half], inputs=np.zeros((steps, size)), activation="sigmoid")


@st.composite
def held_nets(draw: Any) -> Net:
    """Sigmoid nets held at pre-activation 0 whose W is 4 times an orthogonal matrix."""
    size = draw(st.integers(1, 3))
    return held_net(4 * draw(signed_permutations(size)), draw(st.integers(1, 4)))


@st.composite
def rectified_copies(draw: Any) -> Net:
    """ReLU nets with W = I whose inputs keep every pre-activation positive."""
    size = draw(st.integers(1, 3))
    inputs = np.abs(draw(arrays(draw(st.integers(1, 4)), size)))
    start, lift = np.abs(draw(arrays(size))), draw(st.sampled_from([0.5, 1.0, 2.0**-20, 2.0**20]))
    return net(W=np.eye(size), inputs=inputs, b=np.full(size, lift), h0=[start], activation="relu")


def positive(instance: Net) -> bool:
    """Whether every pre-activation is certainly positive."""
    unrolled = Unrolled(instance, Balls())
    return all(bool(a > 0) for s in range(1, instance.steps + 1) for a in unrolled.series["a"][s].entries())
