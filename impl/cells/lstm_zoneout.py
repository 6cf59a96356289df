"""The LSTM with zoneout of Krueger et al. (2017): where the mask d is 1, c is kept, and where e is 1, h is."""

from __future__ import annotations

from backproof.impl.cell import Cell, Values, affine
from backproof.impl.cells.lstm import GATES, gated, gated_back, slopes


def _forward(w: Values, v: Values) -> Values:
    a = v["a_ifqg"] + v["h_before"] @ w["W_ifqg"].T
    gates, s, fresh = gated(a, v["c_before"])
    c = v["d"] * v["c_before"] + (1 - v["d"]) * s
    h = v["e"] * v["h_before"] + (1 - v["e"]) * fresh
    return {"a_ifqg": a, "gates": gates, "s": s, "c": c, "h": h}


def _local(v: Values) -> Values:
    return slopes(v["a_ifqg"], v["gates"], v["c_before"], v["s"])


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    alpha, before = gated_back(v, (1 - v["e"]) * d["h"], (1 - v["d"]) * d["c"])
    return {"h": v["e"] * d["h"] + alpha @ w["W_ifqg"], "c": v["d"] * d["c"] + before}, {"a_ifqg": alpha}


CELL = Cell(
    name="LSTM with zoneout",
    states={"h": "n", "c": "n"},
    linear=affine(GATES),
    given={"d": "n", "e": "n"},
    forward=_forward,
    local=_local,
    back=_back,
)
