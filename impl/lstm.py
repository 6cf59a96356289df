"""Long short-term memory: its run, its loss, and its gradients by back-propagation through time.

The net of Hochreiter and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and Cummins (2000) and
without peepholes. With σ the logistic function, for t = 1 … T, from given h_0 and s_0:

    i_t = σ(W_i h_{t-1} + U_i x_t + b_i)       input gate
    f_t = σ(W_f h_{t-1} + U_f x_t + b_f)       forget gate
    q_t = σ(W_q h_{t-1} + U_q x_t + b_q)       output gate (o_t is the output of the net)
    g_t = tanh(W_g h_{t-1} + U_g x_t + b_g)    candidate
    s_t = f_t ∘ s_{t-1} + i_t ∘ g_t            cell state (c is the bias of the output)
    h_t = q_t ∘ tanh(s_t)                      hidden state
    o_t = V h_t + c                            output

Parameters are a mapping from names to arrays: W_j (n,n), U_j (n,m), b_j (n,) for each gate j, V (p,n), c (p,),
and h0, s0 (B,n), zero if left out.

>>> rng = np.random.default_rng(0)
>>> shapes = {"W": (3, 3), "U": (3, 2), "b": (3,)}
>>> params = {f"{kind}_{gate}": rng.normal(size=shape) for gate in "ifqg" for kind, shape in shapes.items()}
>>> params |= {"V": rng.normal(size=(4, 3)), "c": np.zeros(4)}
>>> inputs, targets = rng.normal(size=(5, 1, 2)), rng.integers(0, 4, (5, 1))
>>> {name: lstm_gradients(params, inputs, targets)[name].shape for name in ("W_f", "U_f", "b_f", "h0", "s0")}
{'W_f': (3, 3), 'U_f': (3, 2), 'b_f': (3,), 'h0': (1, 3), 's0': (1, 3)}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.arrays import Array, require_no_overflow_in_time, unwarned
from backproof.impl.elman import output_gradients, total_loss
from backproof.impl.gated import (
    Gates,
    by_gate,
    checked_gated_task,
    checked_gates,
    gate_gradients,
    gated_outputs,
    input_products,
)
from backproof.impl.recurrence import rows
from backproof.impl.settings import OutputKeywords
from backproof.impl.sums import in_range, output_layer_gradients

GATES = "ifqg"
INITIAL = ("h0", "s0")
SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class LstmTrajectory:
    """What an LSTM did: inputs (T,B,m), hidden and cell states (T+1,B,n), outputs (T,B,p).

    `pre_activations` and `gates` map each of "i", "f", "q", "g" to what it was before and after σ or tanh
    (T,B,n). Entry t-1 belongs to step t = 1 … T, but for the states, where entry t belongs to step t = 0 … T.
    """

    inputs: Array
    pre_activations: Mapping[str, Array]
    gates: Mapping[str, Array]
    hidden_states: Array
    cell_states: Array
    outputs: Array


def lstm_forward(params: Mapping[str, Array], inputs: Array) -> LstmTrajectory:
    """Run the net on inputs (T,B,m).

    Raises FloatingPointError naming the step at which a pre-activation or an output overflows, and TypeError or
    ValueError naming the argument that is wrong.
    """
    return _run(checked_gates(params, inputs, letters=GATES, initial=INITIAL), inputs)


def lstm_loss(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> float:
    """Return the loss over time and batch; losses and reductions are those of the Elman net.

    Raises as `lstm_forward` does, and where the loss itself overflows.
    """
    gates, task = checked_gated_task(params, inputs, targets, letters=GATES, initial=INITIAL, **keywords)
    return total_loss(task, task.loss.evaluate(_run(gates, inputs).outputs, targets)[0])


def lstm_gradients(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter, h0 and s0 included, each of the shape and dtype of its parameter.

    Raises as `lstm_forward` does, and where a gradient overflows, naming it.
    """
    gates, task = checked_gated_task(params, inputs, targets, letters=GATES, initial=INITIAL, **keywords)
    run = _run(gates, inputs)
    g = output_gradients(task, run.outputs)
    alpha, delta_0, sigma_0 = _adjoints(gates, run, g)
    return in_range(
        gate_gradients(GATES, alpha, run.hidden_states[:-1], inputs)
        | output_layer_gradients(g, run.hidden_states[1:])
        | {"h0": delta_0, "s0": sigma_0}
    )


def lstm_cell_jacobians(params: Mapping[str, Array], inputs: Array) -> Array:
    """Return the diagonals f_t (T,B,n) of ∂⁺s_t/∂s_{t-1} = diag(f_t), the derivative that holds h_{t-1} fixed.

    It is the direct path along the cell state, the "constant error carousel" where f_t = 1. The paths through
    the gates, which read h_{t-1}, come on top. Raises as `lstm_forward` does.
    """
    return np.ascontiguousarray(lstm_forward(params, inputs).gates["f"])


@unwarned
def _run(gates: Gates, inputs: Array) -> LstmTrajectory:
    (steps, batch, _), n = inputs.shape, gates.W.shape[1]
    a = input_products(gates, inputs)
    values = np.empty_like(a)
    h, s = (np.empty((steps + 1, batch, n), a.dtype) for _ in INITIAL)
    h[0], s[0] = gates.initial["h0"], gates.initial["s0"]
    W_transposed = np.ascontiguousarray(gates.W.T)
    for t in range(steps):
        a[t] += h[t] @ W_transposed
        # The three gates that are squashed by σ come first.
        SIGMOID.value(a[t, :, : 3 * n], out=values[t, :, : 3 * n])
        TANH.value(a[t, :, 3 * n :], out=values[t, :, 3 * n :])
        v = by_gate(GATES, values[t])
        np.multiply(v["f"], s[t], out=s[t + 1])
        s[t + 1] += v["i"] * v["g"]
        TANH.value(s[t + 1], out=h[t + 1])
        h[t + 1] *= v["q"]
    # Gates saturate, and hide it, where a pre-activation overflows. A cell state never does: a step adds at most 1,
    # which is lost in rounding long before the end of the range.
    require_no_overflow_in_time("the hidden state", a)
    return LstmTrajectory(
        inputs=inputs,
        pre_activations=by_gate(GATES, a),
        gates=by_gate(GATES, values),
        hidden_states=h,
        cell_states=s,
        outputs=gated_outputs(gates, h[1:]),
    )


@unwarned
def _adjoints(gates: Gates, run: LstmTrajectory, g: Array) -> tuple[Array, Array, Array]:
    """Return α (T,B,4n) with α_t = ∂L/∂a_t for all gates, δ_0 = ∂L/∂h_0 and σ_0 = ∂L/∂s_0 (B,n).

    With δ_t = ∂L/∂h_t and σ_t = ∂L/∂s_t, for t = T … 1:

        δ_t = Vᵀ g_t + Σ_j W_jᵀ α_{t+1}^j
        σ_t = q_t ∘ tanh′(s_t) ∘ δ_t + f_{t+1} ∘ σ_{t+1}
        α_t^j = (slope of gate j) ∘ (∂s_t/∂j ∘ σ_t, or for j = q, tanh(s_t) ∘ δ_t)
    """
    steps, batch, n = run.gates["f"].shape
    delta: Array = np.matmul(rows(g), gates.V).reshape(steps, batch, n)
    cell = run.gates["q"] * TANH.slope(run.cell_states[1:])
    local = _local_derivatives(run)
    alpha = np.empty_like(local)
    forget, sigma = run.gates["f"], np.zeros((batch, n), g.dtype)
    for t in range(steps - 1, -1, -1):
        sigma = sigma + delta[t] * cell[t]
        np.multiply(local[t], sigma[:, None], out=alpha[t])
        q = GATES.index("q")
        np.multiply(local[t, :, q], delta[t], out=alpha[t, :, q])
        sigma = sigma * forget[t]
        earlier = alpha[t].reshape(batch, len(gates.W)) @ gates.W
        if t:
            delta[t - 1] += earlier
    require_no_overflow_in_time("the gradient of the pre-activation", alpha, backward=True)
    return alpha.reshape(steps, batch, len(gates.W)), earlier, sigma


def _local_derivatives(run: LstmTrajectory) -> Array:
    """Return (T,B,4,n): ∂s_t/∂a_t for the gates i, f and g, and ∂h_t/∂a_t for q, each with its state held fixed."""
    a, v, s = run.pre_activations, run.gates, run.cell_states
    parts = {
        "i": SIGMOID.slope(a["i"]) * v["g"],
        "f": SIGMOID.slope(a["f"]) * s[:-1],
        "q": SIGMOID.slope(a["q"]) * TANH.value(s[1:]),
        "g": TANH.slope(a["g"]) * v["i"],
    }
    return np.stack([parts[letter] for letter in GATES], axis=2)
