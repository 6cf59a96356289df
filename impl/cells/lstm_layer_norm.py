"""The LSTM with layer normalisation (Ba, Kiros and Hinton 2016): both products of each gate, and c before the output.

LN(z) = (z - mean z) / √(mean (z - mean z)² + 10⁻⁵), without gain, over the n entries of each gate. With y = LN(z) and
ρ = 1/√(…), what comes in at y is handed back to z as the deviations from their mean of ρ (ȳ - y mean(y ȳ)).
"""

from __future__ import annotations

import numpy as np

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.arrays import Array
from backproof.impl.cell import Cell, Linear, Values, by_gate

SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
GATES = "ifqg"
EPSILON = 1e-5


def _normalised(z: Array) -> tuple[Array, Array]:
    """Return y = LN(z) over the last axis, and ρ."""
    off = z - z.mean(axis=-1, keepdims=True)
    scale = 1 / np.sqrt(np.square(off).mean(axis=-1, keepdims=True) + z.dtype.type(EPSILON))
    return off * scale, scale


def _handed_back(come: Array, y: Array, scale: Array) -> Array:
    """Return ∂L/∂z from ∂L/∂y."""
    back = scale * (come - y * (y * come).mean(axis=-1, keepdims=True))
    centred: Array = back - back.mean(axis=-1, keepdims=True)
    return centred


def _each(stacked: Array) -> Array:
    """Stacked gates (B,4n) as (B,4,n)."""
    return stacked.reshape(len(stacked), len(GATES), -1)


def _forward(w: Values, v: Values) -> Values:
    (from_h, scale_h), (from_x, scale_x) = map(_normalised, (_each(v["h_before"] @ w["W"].T), _each(v["products"])))
    a = (from_h + from_x).reshape(len(from_h), -1) + w["b"]
    of = by_gate(GATES, a)
    i, f, q, g = *(SIGMOID.value(of[gate]) for gate in "ifq"), TANH.value(of["g"])
    c = f * v["c_before"] + i * g
    y, scale = _normalised(c)
    kept = {"from_h": from_h, "from_x": from_x, "scale_h": scale_h, "scale_x": scale_x, "y": y, "scale": scale}
    return kept | {"a": a, "i": i, "f": f, "q": q, "g": g, "c": c, "h": q * TANH.value(y)}


def _local(v: Values) -> Values:
    a = by_gate(GATES, v["a"])
    return {
        "into_i": SIGMOID.slope(a["i"]) * v["g"],
        "into_f": SIGMOID.slope(a["f"]) * v["c_before"],
        "into_q": SIGMOID.slope(a["q"]) * TANH.value(v["y"]),
        "into_g": TANH.slope(a["g"]) * v["i"],
        "shown": v["q"] * TANH.slope(v["y"]),
    }


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    gamma = d["c"] + _handed_back(v["shown"] * d["h"], v["y"], v["scale"])
    alpha = np.stack([v["into_i"] * gamma, v["into_f"] * gamma, v["into_q"] * d["h"], v["into_g"] * gamma], axis=1)
    from_h, from_x = (_handed_back(alpha, v[f"from_{z}"], v[f"scale_{z}"]).reshape(len(gamma), -1) for z in "hx")
    before = {"h": from_h @ w["W"], "c": v["f"] * gamma}
    return before, {"a": alpha.reshape(len(gamma), -1), "recurrent": from_h, "products": from_x}


STACKS = {kind: tuple(f"{kind}_{gate}" for gate in GATES) for kind in "WUb"}
CELL = Cell(
    name="LSTM with layer normalisation",
    states={"h": "n", "c": "n"},
    linear=(
        Linear(name="W", stacks=STACKS["W"], shape="nn", into="recurrent", by="h_before"),
        Linear(name="U", stacks=STACKS["U"], shape="nm", into="products", by="x"),
        Linear(name="b", stacks=STACKS["b"], shape="n", into="a"),
    ),
    forward=_forward,
    local=_local,
    back=_back,
)
