"""The GRU of cuDNN, PyTorch and Keras: the reset gate acts after the matrix, on W h_{t-1} + d.

g = tanh(U x + b + r ∘ (W h⁻ + d)) and h = (1 - z) ∘ g + z ∘ h⁻; all three matrices that read h⁻ are one product.
"""

from __future__ import annotations

import numpy as np

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.cell import Cell, Linear, Values, by_gate

SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
GATES = "zrg"


def _forward(w: Values, v: Values) -> Values:
    h = v["h_before"]
    from_h = h @ w["W"].T
    squashed = 2 * h.shape[-1]
    a = v["a"].copy()
    a[:, :squashed] += from_h[:, :squashed]
    inner = from_h[:, squashed:] + w["d_g"]
    of = by_gate(GATES, a)
    z, r = SIGMOID.value(of["z"]), SIGMOID.value(of["r"])
    of["g"] += r * inner
    g = TANH.value(of["g"])
    taken = SIGMOID.value(-of["z"])  # 1 - z, with the digits of a gate that is almost closed
    return {"a": a, "inner": inner, "z": z, "r": r, "g": g, "taken": taken, "h": taken * g + z * h}


def _local(v: Values) -> Values:
    a = by_gate(GATES, v["a"])
    return {
        "into_z": (v["h_before"] - v["g"]) * SIGMOID.slope(a["z"]),
        "into_r": v["inner"] * SIGMOID.slope(a["r"]),
        "into_g": v["taken"] * TANH.slope(a["g"]),
    }


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    alpha_g = v["into_g"] * d["h"]
    gates = [v["into_z"] * d["h"], v["into_r"] * alpha_g]
    inner = v["r"] * alpha_g
    recurrent = np.concatenate([*gates, inner], axis=1)
    adjoints = {"a": np.concatenate([*gates, alpha_g], axis=1), "recurrent": recurrent, "inner": inner}
    return {"h": v["z"] * d["h"] + recurrent @ w["W"]}, adjoints


STACKS = {kind: tuple(f"{kind}_{gate}" for gate in GATES) for kind in "WUb"}
CELL = Cell(
    name="GRU, reset after",
    states={"h": "n"},
    linear=(
        Linear(name="W", stacks=STACKS["W"], shape="nn", into="recurrent", by="h_before"),
        Linear(name="U", stacks=STACKS["U"], shape="nm", into="a", by="x"),
        Linear(name="b", stacks=STACKS["b"], shape="n", into="a"),
        Linear(name="d_g", stacks=("d_g",), shape="n", into="inner"),
    ),
    forward=_forward,
    local=_local,
    back=_back,
)
