"""The gated recurrent unit: its run, its loss, and its gradients by back-propagation through time.

The net of Cho et al. (2014). With σ the logistic function, for t = 1 … T, from a given h_0:

    z_t = σ(W_z h_{t-1} + U_z x_t + b_z)               update gate: what is kept
    r_t = σ(W_r h_{t-1} + U_r x_t + b_r)               reset gate
    n_t = tanh(W_n (r_t ∘ h_{t-1}) + U_n x_t + b_n)    candidate
    h_t = z_t ∘ h_{t-1} + (1 - z_t) ∘ n_t              hidden state
    o_t = V h_t + c                                    output

The reset gate acts on h_{t-1} before the matrix. PyTorch's GRU resets after it, r_t ∘ (W_n h_{t-1} + b), which
is another function; its update is the same. Some papers exchange z and 1 - z.

Parameters are a mapping from names to arrays: W_j (n,n), U_j (n,m), b_j (n,) for j = z, r, n, then V (p,n),
c (p,), and h0 (B,n), zero if left out.

>>> rng = np.random.default_rng(0)
>>> shapes = {"W": (3, 3), "U": (3, 2), "b": (3,)}
>>> params = {f"{kind}_{gate}": rng.normal(size=shape) for gate in "zrn" for kind, shape in shapes.items()}
>>> params |= {"V": rng.normal(size=(4, 3)), "c": np.zeros(4)}
>>> inputs, targets = rng.normal(size=(5, 1, 2)), rng.integers(0, 4, (5, 1))
>>> {name: gru_gradients(params, inputs, targets)[name].shape for name in ("W_z", "U_z", "b_z", "h0")}
{'W_z': (3, 3), 'U_z': (3, 2), 'b_z': (3,), 'h0': (1, 3)}
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

GATES = "zrn"
INITIAL = ("h0",)
SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class GruTrajectory:
    """What a GRU did: inputs (T,B,m), hidden states (T+1,B,n), outputs (T,B,p).

    `pre_activations` and `gates` map each of "z", "r", "n" to what it was before and after σ or tanh (T,B,n),
    and `reset_states` are r_t ∘ h_{t-1} (T,B,n). Entry t-1 belongs to step t = 1 … T, but for
    `hidden_states`, where entry t belongs to step t = 0 … T.
    """

    inputs: Array
    pre_activations: Mapping[str, Array]
    gates: Mapping[str, Array]
    reset_states: Array
    hidden_states: Array
    outputs: Array


def gru_forward(params: Mapping[str, Array], inputs: Array) -> GruTrajectory:
    """Run the net on inputs (T,B,m).

    Raises FloatingPointError naming the step at which a pre-activation or an output overflows, and TypeError
    or ValueError naming the argument that is wrong.
    """
    return _run(checked_gates(params, inputs, letters=GATES, initial=INITIAL), inputs)


def gru_loss(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> float:
    """Return the loss over time and batch; losses and reductions are those of the Elman net.

    Raises as `gru_forward` does, and where the loss itself overflows.
    """
    gates, task = checked_gated_task(params, inputs, targets, letters=GATES, initial=INITIAL, **keywords)
    return total_loss(task, task.loss.evaluate(_run(gates, inputs).outputs, targets)[0])


def gru_gradients(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter, h0 included, each of the shape and dtype of its parameter.

    Raises as `gru_forward` does, and where a gradient overflows, naming it.
    """
    gates, task = checked_gated_task(params, inputs, targets, letters=GATES, initial=INITIAL, **keywords)
    run = _run(gates, inputs)
    g = output_gradients(task, run.outputs)
    alpha, delta_0 = _adjoints(gates, run, g)
    n = delta_0.shape[1]
    # z and r read h_{t-1}; the candidate reads r_t ∘ h_{t-1}.
    return in_range(
        gate_gradients("zr", alpha[..., : 2 * n], run.hidden_states[:-1], inputs)
        | gate_gradients("n", alpha[..., 2 * n :], run.reset_states, inputs)
        | output_layer_gradients(g, run.hidden_states[1:])
        | {"h0": delta_0}
    )


def gru_carry(params: Mapping[str, Array], inputs: Array) -> Array:
    """Return the diagonals z_t (T,B,n) of the direct path ∂⁺h_t/∂h_{t-1} = diag(z_t).

    The derivative holds gates and candidate fixed; the paths through them come on top. Raises as
    `gru_forward` does.
    """
    return np.ascontiguousarray(gru_forward(params, inputs).gates["z"])


@unwarned
def _run(gates: Gates, inputs: Array) -> GruTrajectory:
    (steps, batch, _), n = inputs.shape, gates.W.shape[1]
    a = input_products(gates, inputs)
    values = np.empty_like(a)
    h = np.empty((steps + 1, batch, n), a.dtype)
    h[0] = gates.initial["h0"]
    reset = np.empty((steps, batch, n), a.dtype)
    W_gates, W_candidate = (np.ascontiguousarray(W.T) for W in np.split(gates.W, [2 * n]))
    for t in range(steps):
        of_gates, candidate = a[t, :, : 2 * n], a[t, :, 2 * n :]
        v = by_gate(GATES, values[t])
        of_gates += h[t] @ W_gates
        SIGMOID.value(of_gates, out=values[t, :, : 2 * n])
        np.multiply(v["r"], h[t], out=reset[t])
        candidate += reset[t] @ W_candidate
        TANH.value(candidate, out=v["n"])
        np.multiply(v["z"], h[t], out=h[t + 1])
        h[t + 1] += _one_minus_z(of_gates[:, :n]) * v["n"]
    # Gates saturate, and hide it, where a pre-activation overflows.
    require_no_overflow_in_time("the hidden state", a)
    return GruTrajectory(
        inputs=inputs,
        pre_activations=by_gate(GATES, a),
        gates=by_gate(GATES, values),
        reset_states=reset,
        hidden_states=h,
        outputs=gated_outputs(gates, h[1:]),
    )


def _one_minus_z(a: Array) -> Array:
    """1 - σ(a) = σ(-a): a gate that is almost closed keeps its digits."""
    return SIGMOID.value(-a)


@unwarned
def _adjoints(gates: Gates, run: GruTrajectory, g: Array) -> tuple[Array, Array]:
    """Return α (T,B,3n) with α_t = ∂L/∂a_t for all gates, and δ_0 = ∂L/∂h_0 (B,n).

    For t = T … 1, with ρ_t the gradient of r_t ∘ h_{t-1}, and Vᵀ g_{t-1} added to δ_{t-1}:

        α_t^n = (1 - z_t) ∘ tanh′(a_t^n) ∘ δ_t
        ρ_t = W_nᵀ α_t^n
        α_t^z = (h_{t-1} - n_t) ∘ σ′(a_t^z) ∘ δ_t
        α_t^r = h_{t-1} ∘ σ′(a_t^r) ∘ ρ_t
        δ_{t-1} = z_t ∘ δ_t + r_t ∘ ρ_t + W_zᵀ α_t^z + W_rᵀ α_t^r
    """
    a, v, before = run.pre_activations, run.gates, run.hidden_states[:-1]
    delta: Array = np.matmul(rows(g), gates.V).reshape(before.shape)
    local = {
        "z": (before - v["n"]) * SIGMOID.slope(a["z"]),
        "r": before * SIGMOID.slope(a["r"]),
        "n": _one_minus_z(a["z"]) * TANH.slope(a["n"]),
    }
    W_gates, W_candidate = np.split(gates.W, [2 * before.shape[-1]])
    alpha = np.empty((*before.shape[:2], len(gates.W)), g.dtype)
    found = by_gate(GATES, alpha)
    for t in range(len(before) - 1, -1, -1):
        np.multiply(delta[t], local["n"][t], out=found["n"][t])
        rho = found["n"][t] @ W_candidate
        np.multiply(delta[t], local["z"][t], out=found["z"][t])
        np.multiply(rho, local["r"][t], out=found["r"][t])
        earlier = v["z"][t] * delta[t] + v["r"][t] * rho + alpha[t, :, : len(W_gates)] @ W_gates
        if t:
            delta[t - 1] += earlier
    require_no_overflow_in_time("the gradient of the pre-activation", alpha, backward=True)
    return alpha, earlier
