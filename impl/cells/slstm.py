"""The sLSTM of Beck et al. (2024): exponential gates, less the running maximum k of their logarithms.

    e = a_f + k⁻,    k = max(e, a_i),    i = exp(a_i - k),    f = exp(e - k)
    c = f ∘ c⁻ + i ∘ g,    w = f ∘ w⁻ + i,    h = q ∘ c / w

One of i and f is exp(0): it depends on nothing, and what comes in at k goes to the larger of the two logarithms.
"""

from __future__ import annotations

import numpy as np

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.cell import Cell, Values, affine, by_gate

SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
GATES = "ifqg"


def _forward(weights: Values, v: Values) -> Values:
    a = v["a_ifqg"] + v["h_before"] @ weights["W_ifqg"].T
    of = by_gate(GATES, a)
    e = of["f"] + v["k_before"]
    k = np.maximum(e, of["i"])
    i, f = np.exp(of["i"] - k), np.exp(e - k)
    q, g = SIGMOID.value(of["q"]), TANH.value(of["g"])
    c, w = f * v["c_before"] + i * g, f * v["w_before"] + i
    kept = {"a_ifqg": a, "excess": of["i"] - e, "i": i, "f": f, "q": q, "g": g}
    return kept | {"k": k, "c": c, "w": w, "h": q * c / w}


def _local(v: Values) -> Values:
    a = by_gate(GATES, v["a_ifqg"])
    return {
        "into_q": SIGMOID.slope(a["q"]) * v["c"] / v["w"],
        "into_g": TANH.slope(a["g"]) * v["i"],
        "shown": v["q"] / v["w"],
    }


def _back(weights: Values, v: Values, d: Values) -> tuple[Values, Values]:
    gamma = d["c"] + d["h"] * v["shown"]
    omega = d["w"] - d["h"] * v["shown"] * v["c"] / v["w"]
    of_i = v["i"] * (gamma * v["g"] + omega)
    of_f = v["f"] * (gamma * v["c_before"] + omega * v["w_before"])
    alpha_i = np.where(v["excess"] > 0, d["k"] - of_f, of_i)
    epsilon = np.where(v["excess"] > 0, of_f, d["k"] - of_i)
    alpha = np.concatenate([alpha_i, epsilon, v["into_q"] * d["h"], v["into_g"] * gamma], axis=1)
    before = {"h": alpha @ weights["W_ifqg"], "k": epsilon, "c": v["f"] * gamma, "w": v["f"] * omega}
    return before, {"a_ifqg": alpha}


CELL = Cell(
    name="sLSTM",
    states={"h": "n", "k": "n", "c": "n", "w": "n"},
    linear=affine(GATES),
    forward=_forward,
    local=_local,
    back=_back,
)
