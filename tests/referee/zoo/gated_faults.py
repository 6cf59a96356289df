"""Faults of the LSTM and the GRU: each is the right cell with one choice made otherwise."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from backproof.referee.zoo.bptt import tanh_slope
from backproof.referee.zoo.gated import Cell, Gru, Lstm, gated_gradients, gated_loss
from backproof.referee.zoo.records import NOT_FOUND, Fault


def _fault(
    right: Cell, *, name: str, what: str, known_from: str, hides: str, loss_agrees: bool = False, **changes: Any
) -> Fault:
    """A fault of a right cell that makes these choices otherwise."""
    word = type(right).__name__.lower()
    cell = replace(right, **changes)

    def replaces(subject: Any) -> dict[str, Any]:
        wrong: dict[str, Any] = {f"{word}_gradients": partial(gated_gradients, cell)}
        return wrong | ({f"{word}_loss": partial(gated_loss, cell)} if loss_agrees else {})

    return Fault(
        name=f"{word.upper()}: {name}",
        family="gates",
        what=what,
        known_from=known_from,
        hides=hides,
        caught_by=f"gated/{word}_gradients",
        replaces=replaces,
        loss_agrees=loss_agrees,
        recipe=cell,
    )


lstm, gru = partial(_fault, Lstm()), partial(_fault, Gru())
SWAPPED = {"i": "f", "f": "i"}

FAULTS = (
    lstm(
        name="forget gate missing on the way back",
        what="σ_{t+1} is carried to σ_t whole instead of f_{t+1} ∘ σ_{t+1}",
        known_from=NOT_FOUND,
        hides="forget gates near 1",
        carry_s=lambda m: m.sigma,
    ),
    lstm(
        name="adjoint of the cell state overwritten",
        what="σ_t holds what h_t asks of the cell and not what s_{t+1} does",
        known_from="apache/mxnet issue 4057: dCt should += rather than =",
        hides="one step; closed forget gates",
        cell=lambda m: m.delta * m.v["q"] * tanh_slope(m.s),
    ),
    lstm(
        name="gradients of two gates exchanged",
        what="the gradients of the input gate are returned as those of the forget gate, and the other way round",
        known_from="ooples/AiDotNet.Tensors pull request 907: gates cached as f, i, g, o and read as i, f, g, o",
        hides="nowhere; shapes are all alike",
        for_h=lambda j: SWAPPED.get(j, j),
    ),
    lstm(
        name="slope of the forget gate missing",
        what="σ′ is left out for the gate f",
        known_from="a relative: CaptainE/RNN-LSTM-in-numpy issue 1: `df = sigmoid(f[t]) * df`, a sigmoid for its slope",
        hides="nowhere: it is 1 instead of at most a quarter",
        slope=lambda m, j: np.ones_like(m.a[j]) if j == "f" else m.slope(j),
    ),
    lstm(
        name="one gate's bias gradient for all",
        what="the biases of the input and output gates get the gradient of the forget gate's",
        known_from="hanbt/learn_dl issue 53: bi_grad and bo_grad are both delta_f",
        hides="nowhere; shapes are all alike",
        for_bias=lambda j: "f" if j in "iq" else j,
    ),
    lstm(
        name="no recurrence through the gates",
        what="nothing is carried back to h_{t-1}; the cell state alone remembers",
        known_from="ooples/AiDotNet pull request 722, a review: the recurrent hidden gradient is zeroed",
        hides="a small W",
        carry_h=lambda m: np.zeros_like(m.h),
    ),
    lstm(
        name="one gate reads another's bias",
        what="the forget gate adds the bias of the output gate, in both directions",
        known_from="ddbourgin/numpy-ml issue 42: bo where bf is meant",
        hides="equal biases; any comparison of the gradient with the loss: both are wrong alike",
        loss_agrees=True,
        bias=lambda p, j: p["b_q"] if j == "f" else p[f"b_{j}"],
    ),
    lstm(
        name="slope at the output missing",
        what="tanh′(s_t) is left out",
        known_from=(
            "a relative: nicklashansen/rnn_lstm_from_scratch issue 1: `tanh(tanh(C[t]), derivative=True)`, taken "
            "elsewhere"
        ),
        hides="small cell states, where the slope is nearly 1",
        cell=lambda m: m.delta * m.v["q"] + m.carried_sigma,
    ),
    lstm(
        name="slope for the value at the output",
        what="the output gate is asked for tanh′(s_t) ∘ δ_t in place of tanh(s_t) ∘ δ_t",
        known_from="Synthaze/EpyNN, nnlibs/lstm/backward.py at 16ef10c",
        hides="nowhere: at small cell states it is 1 in place of nearly 0",
        q=lambda m: m.delta * tanh_slope(m.s),
    ),
    lstm(
        name="cell state after for before",
        what="the gradient of the forget gate reads s_t instead of s_{t-1}",
        known_from="j0sephsasson/numpy-RNN, layers/lstm.py: `c_prev = state['c']`, which is the step's own c as well",
        hides="slowly changing cell states",
        f=lambda m: m.sigma * m.s,
    ),
    gru(
        name="update gate the other way round",
        what="h_t = (1 − z) h_{t-1} + z n, in both directions",
        known_from="keras-team/keras issue 14649 and pytorch/pytorch issue 20129 take one convention for the other",
        hides="any comparison of the gradient with the loss: both are wrong alike",
        loss_agrees=True,
        mix=lambda m: (1 - m.v["z"], m.v["z"]),
        back=lambda m: (1 - m.v["z"], m.v["z"]),
        sign=-1,
    ),
    gru(
        name="update gate the other way round on the way back",
        what="z and 1 − z are exchanged in the adjoints only",
        known_from=(
            "ooples/AiDotNet pull request 722, a review: `dH * z` where h_t = (1 − z) h_{t-1} + z n, on the direct path"
        ),
        hides="update gates near a half",
        back=lambda m: (1 - m.v["z"], m.v["z"]),
    ),
    gru(
        name="no reset gate",
        what="the candidate reads h_{t-1} whole, in both directions",
        known_from="zhiyongc/GRU-D issue 2: the hidden state is not multiplied by the reset gate",
        hides="reset gates near 1; any comparison of the gradient with the loss: both are wrong alike",
        loss_agrees=True,
        reset=np.ones_like,
        r=lambda m: np.zeros_like(m.h),
    ),
    gru(
        name="reset gate missing on the way back",
        what="ρ_t is carried to h_{t-1} without r_t",
        known_from=NOT_FOUND,
        hides="reset gates near 1; a small W",
        through_reset=lambda m: m.rho,
    ),
    gru(
        name="candidate weights read the whole state",
        what="the gradient of W_n reads h_{t-1} instead of r_t ∘ h_{t-1}",
        known_from=NOT_FOUND,
        hides="reset gates near 1; small states",
        reads=lambda m: m.h_before,
    ),
    gru(
        name="direct path missing",
        what="z_t ∘ δ_t is not carried back",
        known_from=(
            "a relative: Synthaze/EpyNN, nnlibs/gru/backward.py at 5a57fcb: what goes the direct path has been through "
            "1 − z and a slope before"
        ),
        hides="update gates near 0",
        direct=lambda m, kept: np.zeros_like(m.delta),
    ),
)
