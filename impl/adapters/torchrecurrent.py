"""Cells of torchrecurrent as cells under test, each against the equations that its documentation states.

A function for each, by the name of our cell's file; what it takes and returns is as in
`backproof.impl.adapters.torch_cells`. The library runs one step; the steps are run one after another and differentiated
by PyTorch. Where it adds two biases, ours is the first, and the second is zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from backproof.impl.adapters import torch as adapter
from backproof.impl.adapters.torch_cells import gradients_by, leaf
from backproof.impl.arrays import Array

NAME = "torchrecurrent"

try:
    import torchrecurrent
except ImportError as missing:
    raise ImportError(f"{NAME} is not installed: pip install torchrecurrent ({missing})") from None

torch = adapter.torch  # type: ignore[attr-defined]
Params = Mapping[str, Array]

CELLS: Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, tuple[str, ...]]]] = {
    "antisymmetric": (
        "AntisymmetricRNNCell",
        {"epsilon": 1 / 8, "gamma": 1 / 16},
        {"weight_ih": ("U",), "weight_hh": ("W",), "bias_ih": ("b",)},
    ),
    "indrnn": ("IndRNNCell", {"nonlinearity": "relu"}, {"weight_ih": ("U",), "vector_u": ("u",), "bias_ih": ("b",)}),
    "lstm_peephole": (
        "PeepholeLSTMCell",
        {},
        {
            "weight_ih": ("U_i", "U_f", "U_g", "U_q"),
            "weight_hh": ("W_i", "W_f", "W_g", "W_q"),
            "bias_ih": ("b_i", "b_f", "b_g", "b_q"),
            "weight_ph": ("p_i", "p_f", "p_q"),
        },
    ),
    "mgu": (
        "MGUCell",
        {},
        {"weight_ih": ("U_f", "U_g"), "weight_hh": ("W_f", "W_g"), "bias_ih": ("b_f", "b_g")},
    ),
    "minimal_rnn": (
        "MinimalRNNCell",
        {},
        {"weight_ih": ("V",), "bias_ih": ("d",), "weight_hh": ("W",), "weight_mm": ("U",), "bias_hh": ("b",)},
    ),
}
"""By our name: the class, what it is told, and the parameters of ours that each of its own stacks."""


def gradients(name: str, params: Params, inputs: Array, upstream: Array, last: Params) -> dict[str, Array]:
    """Return the gradients of a cell by our name for it."""
    kind, options, stacked = CELLS[name]
    units = params["h0"].shape[1]
    cell = getattr(torchrecurrent, kind)(inputs.shape[2], units, dtype=torch.float64, **options)
    given = {key: leaf(value) for key, value in params.items()}
    weights = {key: torch.zeros_like(value) for key, value in cell.named_parameters()}
    for key, parts in stacked.items():
        weights[key] = torch.cat([given[part] for part in parts]).reshape(weights[key].shape)
    x = leaf(inputs)
    states = [given[key] for key in ("h0", "c0") if key in given]
    outputs = []
    for step in x:
        found = torch.func.functional_call(cell, weights, (step, tuple(states) if len(states) > 1 else states[0]))
        states = list(found) if isinstance(found, tuple) else [found]
        outputs.append(states[0])
    asked = [last.get(key, np.zeros(tuple(state.shape))) for key, state in zip("hc", states, strict=False)]
    return gradients_by({**given, "inputs": x}, [torch.stack(outputs), *states], [upstream, *asked])


FUNCTIONS = {name: partial(gradients, name) for name in CELLS}
"""The function of each cell, by our name for it."""
