"""The LSTM with projection of Sak, Senior and Beaufays (2014): h = P (q ∘ tanh(c)) has r entries, c has n."""

from __future__ import annotations

from backproof.impl.cell import Cell, Linear, Values, affine
from backproof.impl.cells.lstm import GATES, gated, gated_back, slopes


def _forward(w: Values, v: Values) -> Values:
    a = v["a_ifqg"] + v["h_before"] @ w["W_ifqg"].T
    gates, c, unprojected = gated(a, v["c_before"])
    return {"a_ifqg": a, "gates": gates, "c": c, "unprojected": unprojected, "h": unprojected @ w["P"].T}


def _local(v: Values) -> Values:
    return slopes(v["a_ifqg"], v["gates"], v["c_before"], v["c"])


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    alpha, before = gated_back(v, d["h"] @ w["P"], d["c"])
    return {"h": alpha @ w["W_ifqg"], "c": before}, {"a_ifqg": alpha, "projected": d["h"]}


CELL = Cell(
    name="LSTM with projection",
    states={"h": "r", "c": "n"},
    width="r",
    linear=(*affine(GATES, reads="r"), Linear(name="P", stacks=("P",), shape="rn", into="projected", by="unprojected")),
    forward=_forward,
    local=_local,
    back=_back,
)
