"""A small LSTM and a small GRU, for the tests of impl beside it."""

import numpy as np
import pytest

from backproof.impl.gru import gru_forward, gru_gradients, gru_loss
from backproof.impl.lstm import lstm_forward, lstm_gradients, lstm_loss

T, B, N, M, P = 4, 2, 3, 2, 3
CELLS = {
    "lstm": ("ifqg", ("h0", "s0"), lstm_forward, lstm_loss, lstm_gradients),
    "gru": ("zrn", ("h0",), gru_forward, gru_loss, gru_gradients),
}
CELL = pytest.mark.parametrize("cell", CELLS)


def net(cell, dtype=np.float64, *, loss="cross_entropy", steps=T):
    """Parameters, inputs and targets, the same at each call."""
    rng = np.random.default_rng(5)
    letters, initial, *_ = CELLS[cell]
    shapes = {f"{kind}_{j}": {"W": (N, N), "U": (N, M), "b": (N,)}[kind] for kind in "WUb" for j in letters}
    shapes |= {"V": (P, N), "c": (P,)} | dict.fromkeys(initial, (B, N))
    params = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    inputs = rng.normal(size=(steps, B, M)).astype(dtype)
    if loss == "cross_entropy":
        return params, inputs, rng.integers(0, P, (steps, B))
    return params, inputs, (4 * rng.normal(size=(steps, B, P))).astype(dtype)  # few near the kink of Huber's


def constant_gate(params, letter, bias):
    """The gate is σ(bias), whatever the net reads."""
    zeros = {f"{kind}_{letter}": np.zeros_like(params[f"{kind}_{letter}"]) for kind in "WU"}
    return params | zeros | {f"b_{letter}": np.full(N, bias)}
