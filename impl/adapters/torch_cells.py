"""PyTorch's gated layers as cells: ``nn.GRU``, which resets after the matrix, and ``nn.LSTM`` with ``proj_size``.

Each function takes what a check of a cell hands over (parameters and first states by name, inputs (T,B,m), what comes
in at the outputs (T,B,p), and at the last states by name (B,n)) and returns the gradients by name, by
``autograd.grad``.

A layer stacks its gates, in an order of its own, and adds two biases for each. Ours is the first; the second is zero,
but for the GRU's candidate, where it stands inside the reset and is the cell's d.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backproof.impl.adapters import torch as adapter
from backproof.impl.arrays import Array

torch, nn = adapter.torch, adapter.nn  # type: ignore[attr-defined]

Params = Mapping[str, Array]


def gru_reset_after(params: Params, inputs: Array, upstream: Array, last: Params) -> dict[str, Array]:
    """Return the gradients of ``nn.GRU``; its gates are stacked in the order r, z, and the candidate, our g."""
    units, width = params["U_g"].shape
    layer = nn.GRU(width, units, dtype=torch.float64)
    given = {name: leaf(value) for name, value in params.items()}
    zero = torch.zeros(units, dtype=torch.float64)
    weights = _stacked(given, "rzg") | {"bias_hh_l0": torch.cat([zero, zero, given["d_g"]])}
    x = leaf(inputs)
    outputs, state = torch.func.functional_call(layer, weights, (x, given["h0"][None]))
    return gradients_by({**given, "inputs": x}, [outputs, state[0]], [upstream, _asked(last, "h", state[0])])


def lstm_projection(params: Params, inputs: Array, upstream: Array, last: Params) -> dict[str, Array]:
    """Return the gradients of ``nn.LSTM`` with ``proj_size``; its gates are stacked in the order i, f, g, o, our q."""
    projected, units = params["P"].shape
    layer = nn.LSTM(inputs.shape[2], units, proj_size=projected, dtype=torch.float64)
    given = {name: leaf(value) for name, value in params.items()}
    zero = torch.zeros(4 * units, dtype=torch.float64)
    weights = _stacked(given, "ifgq") | {"bias_hh_l0": zero, "weight_hr_l0": given["P"]}
    x = leaf(inputs)
    first = given["h0"][None], given["c0"][None]
    outputs, (state, cell) = torch.func.functional_call(layer, weights, (x, first))
    asked = [upstream, _asked(last, "h", state[0]), _asked(last, "c", cell[0])]
    return gradients_by({**given, "inputs": x}, [outputs, state[0], cell[0]], asked)


def leaf(value: Array) -> Any:
    """The array as a tensor that gradients are asked of."""
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def _stacked(given: Mapping[str, Any], gates: str) -> dict[str, Any]:
    """The first layer's weights and first bias, gate below gate."""
    names = {"weight_ih_l0": "U", "weight_hh_l0": "W", "bias_ih_l0": "b"}
    return {name: torch.cat([given[f"{letter}_{gate}"] for gate in gates]) for name, letter in names.items()}


def _asked(last: Params, name: str, state: Any) -> Array:
    """What comes in at a last state; nothing if it is not named."""
    return last.get(name, np.zeros(tuple(state.shape)))


def gradients_by(leaves: Mapping[str, Any], results: Sequence[Any], asked: Sequence[Array]) -> dict[str, Array]:
    """The gradients by the leaves of ⟨asked, results⟩; zeros by a leaf that no result depends on."""
    incoming = [torch.tensor(one, dtype=torch.float64) for one in asked]
    found = torch.autograd.grad(list(results), list(leaves.values()), incoming, allow_unused=True)
    pairs = zip(leaves.items(), found, strict=True)
    return {name: np.zeros(leaf.shape) if by is None else by.numpy() for (name, leaf), by in pairs}
