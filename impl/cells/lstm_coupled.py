"""The LSTM with input and forget gate coupled, i = 1 - f (Greff et al. 2017): c = f ∘ c⁻ + (1 - f) ∘ g."""

from __future__ import annotations

import numpy as np

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.cell import Cell, Values, affine, by_gate

SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
GATES = "fqg"


def _forward(w: Values, v: Values) -> Values:
    a = v["a_fqg"] + v["h_before"] @ w["W_fqg"].T
    of = by_gate(GATES, a)
    f, q, g = SIGMOID.value(of["f"]), SIGMOID.value(of["q"]), TANH.value(of["g"])
    i = SIGMOID.value(-of["f"])  # 1 - f, with the digits of a gate that is almost closed
    c = f * v["c_before"] + i * g
    return {"a_fqg": a, "f": f, "i": i, "q": q, "g": g, "c": c, "h": q * TANH.value(c)}


def _local(v: Values) -> Values:
    a = by_gate(GATES, v["a_fqg"])
    return {
        "into_f": SIGMOID.slope(a["f"]) * (v["c_before"] - v["g"]),
        "into_q": SIGMOID.slope(a["q"]) * TANH.value(v["c"]),
        "into_g": TANH.slope(a["g"]) * v["i"],
        "shown": v["q"] * TANH.slope(v["c"]),
    }


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    gamma = d["c"] + v["shown"] * d["h"]
    alpha = np.concatenate([v["into_f"] * gamma, v["into_q"] * d["h"], v["into_g"] * gamma], axis=1)
    return {"h": alpha @ w["W_fqg"], "c": v["f"] * gamma}, {"a_fqg": alpha}


CELL = Cell(
    name="LSTM with coupled gates",
    states={"h": "n", "c": "n"},
    linear=affine(GATES),
    forward=_forward,
    local=_local,
    back=_back,
)
