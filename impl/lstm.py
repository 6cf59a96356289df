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

from backproof.impl.arrays import Array
from backproof.impl.cell import by_gate
from backproof.impl.cells.lstm import CELL, GATES
from backproof.impl.gated import gated_forward, gated_gradients, gated_loss
from backproof.impl.settings import OutputKeywords


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
    run, outputs = gated_forward(CELL, params, inputs)
    return LstmTrajectory(
        inputs=inputs,
        pre_activations=by_gate(GATES, run.values["a_ifqg"]),
        gates=by_gate(GATES, run.values["gates"]),
        hidden_states=run.states["h"],
        cell_states=run.states["s"],
        outputs=outputs,
    )


def lstm_loss(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> float:
    """Return the loss over time and batch; losses and reductions are those of the Elman net.

    Raises as `lstm_forward` does, and where the loss itself overflows.
    """
    return gated_loss(CELL, params, inputs, targets, **keywords)


def lstm_gradients(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter, h0 and s0 included, each of the shape and dtype of its parameter.

    Raises as `lstm_forward` does, and where a gradient overflows, naming it.
    """
    return gated_gradients(CELL, params, inputs, targets, **keywords)


def lstm_cell_jacobians(params: Mapping[str, Array], inputs: Array) -> Array:
    """Return the diagonals f_t (T,B,n) of ∂⁺s_t/∂s_{t-1} = diag(f_t), the derivative that holds h_{t-1} fixed.

    It is the direct path along the cell state, the "constant error carousel" where f_t = 1. The paths through
    the gates, which read h_{t-1}, come on top. Raises as `lstm_forward` does.
    """
    return np.ascontiguousarray(lstm_forward(params, inputs).gates["f"])
