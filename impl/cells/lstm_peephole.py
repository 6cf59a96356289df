"""The LSTM with peepholes of Gers, Schraudolph and Schmidhuber (2002): i and f look at c_{t-1}, q looks at c_t."""

from __future__ import annotations

import numpy as np

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.cell import Cell, Linear, Values, affine, by_gate

SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
GATES = "ifqg"


def _forward(w: Values, v: Values) -> Values:
    a = v["a_ifqg"] + v["h_before"] @ w["W_ifqg"].T
    of, before = by_gate(GATES, a), v["c_before"]
    of["i"] += w["p_i"] * before
    of["f"] += w["p_f"] * before
    i, f, g = SIGMOID.value(of["i"]), SIGMOID.value(of["f"]), TANH.value(of["g"])
    c = f * before + i * g
    of["q"] += w["p_q"] * c
    q = SIGMOID.value(of["q"])
    return {"a_ifqg": a, "i": i, "f": f, "g": g, "q": q, "c": c, "h": q * TANH.value(c)}


def _local(v: Values) -> Values:
    a = by_gate(GATES, v["a_ifqg"])
    return {
        "into_i": SIGMOID.slope(a["i"]) * v["g"],
        "into_f": SIGMOID.slope(a["f"]) * v["c_before"],
        "into_q": SIGMOID.slope(a["q"]) * TANH.value(v["c"]),
        "into_g": TANH.slope(a["g"]) * v["i"],
        "shown": v["q"] * TANH.slope(v["c"]),
    }


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    alpha_q = v["into_q"] * d["h"]
    gamma = d["c"] + v["shown"] * d["h"] + alpha_q * w["p_q"]
    alpha_i, alpha_f = v["into_i"] * gamma, v["into_f"] * gamma
    alpha = np.concatenate([alpha_i, alpha_f, alpha_q, v["into_g"] * gamma], axis=1)
    before = {"h": alpha @ w["W_ifqg"], "c": v["f"] * gamma + alpha_i * w["p_i"] + alpha_f * w["p_f"]}
    return before, {"a_ifqg": alpha, "seen_by_i": alpha_i, "seen_by_f": alpha_f, "seen_by_q": alpha_q}


SEEN = {"i": "c_before", "f": "c_before", "q": "c"}
CELL = Cell(
    name="LSTM with peepholes",
    states={"h": "n", "c": "n"},
    linear=(
        *affine(GATES),
        *(
            Linear(name=f"p_{j}", stacks=(f"p_{j}",), shape="n", into=f"seen_by_{j}", by=seen)
            for j, seen in SEEN.items()
        ),
    ),
    forward=_forward,
    local=_local,
    back=_back,
)
