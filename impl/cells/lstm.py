"""The LSTM of Hochreiter and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and Cummins (2000).

`gated` and `gated_back` are its gates, which the LSTMs with projection and with zoneout have too: they hand on
s = f ∘ s⁻ + i ∘ g and q ∘ tanh(s). Gates are stacked in the order i, f, q, g.
"""

from __future__ import annotations

import numpy as np

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.arrays import Array
from backproof.impl.cell import Cell, Values, affine, by_gate

SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]
GATES = "ifqg"


def gated(a: Array, before: Array) -> tuple[Array, Array, Array]:
    """Return the gates (B,4n), s and q ∘ tanh(s) from the pre-activations (B,4n) and s⁻ (B,n)."""
    squashed = 3 * before.shape[-1]  # by σ; the candidate by tanh
    gates = np.empty_like(a)
    SIGMOID.value(a[..., :squashed], out=gates[..., :squashed])
    TANH.value(a[..., squashed:], out=gates[..., squashed:])
    v = by_gate(GATES, gates)
    s = v["f"] * before + v["i"] * v["g"]
    return gates, s, v["q"] * TANH.value(s)


def slopes(a: Array, gates: Array, before: Array, s: Array) -> dict[str, Array]:
    """Return, for one step or all, ∂s/∂a for the gates i, f, g and ∂h/∂a for q, as (…,4,n), and ∂h/∂s (…,n)."""
    a_of, v = by_gate(GATES, a), by_gate(GATES, gates)
    squashed = TANH.value(s)
    parts = {
        "i": SIGMOID.slope(a_of["i"]) * v["g"],
        "f": SIGMOID.slope(a_of["f"]) * before,
        "q": SIGMOID.slope(a_of["q"]) * squashed,
        "g": TANH.slope(a_of["g"]) * v["i"],
    }
    return {"slopes": np.stack([parts[gate] for gate in GATES], axis=-2), "shown": v["q"] * TANH.slope(s)}


def gated_back(values: Values, delta: Array, sigma: Array) -> tuple[Array, Array]:
    """Return α (B,4n) and what is handed back to s⁻, from ∂L/∂(q ∘ tanh(s)) and the rest of ∂L/∂s (B,n)."""
    sigma = sigma + delta * values["shown"]
    alpha = values["slopes"] * sigma[:, None]
    q = GATES.index("q")
    np.multiply(values["slopes"][:, q], delta, out=alpha[:, q])
    return alpha.reshape(len(delta), -1), sigma * by_gate(GATES, values["gates"])["f"]


def _forward(w: Values, v: Values) -> Values:
    a = v["a_ifqg"] + v["h_before"] @ w["W_ifqg"].T
    gates, s, h = gated(a, v["s_before"])
    return {"a_ifqg": a, "gates": gates, "s": s, "h": h}


def _local(v: Values) -> Values:
    return slopes(v["a_ifqg"], v["gates"], v["s_before"], v["s"])


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    alpha, before = gated_back(v, d["h"], d["s"])
    return {"h": alpha @ w["W_ifqg"], "s": before}, {"a_ifqg": alpha}


CELL = Cell(
    name="LSTM",
    states={"h": "n", "s": "n"},
    linear=affine(GATES),
    forward=_forward,
    local=_local,
    back=_back,
)
