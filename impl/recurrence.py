"""The two recursions in time, on checked arguments: states run forward, adjoints run backward.

Only the products with W have to wait for their neighbour in time. Products with U and V, slopes and sums
over time are taken for all steps at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backproof.impl.activations import Activation
from backproof.impl.arrays import Array, require_no_overflow_in_time, unwarned
from backproof.impl.validation import Parameters


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Trajectory:
    """What a net did: inputs (T,B,m), pre-activations (T,B,n), hidden states (T+1,B,n), outputs (T,B,p).

    `pre_activations[t-1]` and `outputs[t-1]` belong to step t = 1 … T, `hidden_states[t]` to step t = 0 … T.
    """

    inputs: Array
    pre_activations: Array
    hidden_states: Array
    outputs: Array


def rows(sequence: Array) -> Array:
    """Return (T,B,k) as (T·B,k), without a copy where the memory allows."""
    return sequence.reshape(-1, sequence.shape[-1])


@unwarned
def states(parameters: Parameters, inputs: Array, activation: Activation) -> Trajectory:
    """Run a_t = W h_{t-1} + U x_t + b, h_t = φ(a_t), o_t = V h_t + c for t = 1 … T.

    Raises FloatingPointError naming the first step whose hidden state or output overflows.
    """
    steps, batch, _ = inputs.shape
    n = len(parameters.W)
    a: Array = np.matmul(rows(inputs), parameters.U.T).reshape(steps, batch, n)
    a += parameters.b
    h = np.empty((steps + 1, batch, n), a.dtype)
    h[0] = parameters.h0
    W_transposed = np.ascontiguousarray(parameters.W.T)
    recurrent = np.empty((batch, n), a.dtype)
    for a_t, h_before, h_t in zip(a, h[:-1], h[1:], strict=True):
        np.matmul(h_before, W_transposed, out=recurrent)
        a_t += recurrent
        activation.value(a_t, out=h_t)
    # An infinite pre-activation saturates tanh to a finite state: it counts as overflow all the same.
    require_no_overflow_in_time("the hidden state", a)
    o: Array = np.matmul(rows(h[1:]), parameters.V.T).reshape(steps, batch, -1)
    o += parameters.c
    require_no_overflow_in_time("the output", o)
    return Trajectory(inputs=inputs, pre_activations=a, hidden_states=h, outputs=o)


@unwarned
def adjoints(
    parameters: Parameters,
    activation: Activation,
    pre_activations: Array,
    output_gradients: Array,
    *,
    out: Array | None = None,
) -> tuple[Array, Array]:
    """Return α (T,B,n), with α_t = ∂L/∂a_t, and δ_0 = ∂L/∂h_0 (B,n).

    δ_t = Vᵀ ∂L/∂o_t + Wᵀ α_{t+1} and α_t = φ′(a_t) ∘ δ_t for t = T … 1, with α_{T+1} = 0, and δ_0 = Wᵀ α_1
    (Werbos 1990). Arguments are (T,B,n) and (T,B,p). α is written into `out`, if given, which is contiguous
    and may be the pre-activations themselves, where nobody needs them any more.
    Raises FloatingPointError naming the step, counted from the last, at which an adjoint overflows.
    """
    _, batch, n = pre_activations.shape
    slopes = activation.slope(pre_activations)
    alpha = np.empty(slopes.shape, slopes.dtype) if out is None else out
    np.matmul(rows(output_gradients), parameters.V, out=rows(alpha))
    delta = np.zeros((batch, n), alpha.dtype)
    W = np.ascontiguousarray(parameters.W)
    for alpha_t, slope_t in zip(alpha[::-1], slopes[::-1], strict=True):
        # On entry alpha_t is Vᵀ ∂L/∂o_t alone, and delta is Wᵀ α_{t+1}.
        delta += alpha_t
        np.multiply(delta, slope_t, out=alpha_t)
        np.matmul(alpha_t, W, out=delta)
    require_no_overflow_in_time("the gradient of the pre-activation", alpha, backward=True)
    return alpha, delta
