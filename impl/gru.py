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

from backproof.impl.arrays import Array
from backproof.impl.cell import by_gate
from backproof.impl.cells.gru import CELL
from backproof.impl.gated import gated_forward, gated_gradients, gated_loss
from backproof.impl.settings import OutputKeywords


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
    run, outputs = gated_forward(CELL, params, inputs)
    v = run.values
    return GruTrajectory(
        inputs=inputs,
        pre_activations=by_gate("zr", v["a_zr"]) | {"n": v["a_n"]},
        gates=by_gate("zr", v["gates"]) | {"n": v["n"]},
        reset_states=v["reset"],
        hidden_states=run.states["h"],
        outputs=outputs,
    )


def gru_loss(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> float:
    """Return the loss over time and batch; losses and reductions are those of the Elman net.

    Raises as `gru_forward` does, and where the loss itself overflows.
    """
    return gated_loss(CELL, params, inputs, targets, **keywords)


def gru_gradients(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter, h0 included, each of the shape and dtype of its parameter.

    Raises as `gru_forward` does, and where a gradient overflows, naming it.
    """
    return gated_gradients(CELL, params, inputs, targets, **keywords)


def gru_carry(params: Mapping[str, Array], inputs: Array) -> Array:
    """Return the diagonals z_t (T,B,n) of the direct path ∂⁺h_t/∂h_{t-1} = diag(z_t).

    The derivative holds gates and candidate fixed; the paths through them come on top. Raises as
    `gru_forward` does.
    """
    return np.ascontiguousarray(gru_forward(params, inputs).gates["z"])
