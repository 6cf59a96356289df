"""The GRU of Cho et al. (2014), whose reset gate acts on h_{t-1} before the matrix; z is what is kept.

For t = T … 1, with ρ_t the gradient of r_t ∘ h_{t-1}:

    α_t^n = (1 - z_t) ∘ tanh′(a_t^n) ∘ δ_t
    ρ_t = W_nᵀ α_t^n
    α_t^z = (h_{t-1} - n_t) ∘ σ′(a_t^z) ∘ δ_t
    α_t^r = h_{t-1} ∘ σ′(a_t^r) ∘ ρ_t
    δ_{t-1} = z_t ∘ δ_t + r_t ∘ ρ_t + W_zᵀ α_t^z + W_rᵀ α_t^r
"""

from __future__ import annotations

import numpy as np

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.cell import Cell, Values, affine, by_gate

SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]


def _forward(w: Values, v: Values) -> Values:
    h = v["h_before"]
    a = v["a_zr"] + h @ w["W_zr"].T
    gates = SIGMOID.value(a)
    gate = by_gate("zr", gates)
    z, r = gate["z"], gate["r"]
    taken = SIGMOID.value(-by_gate("zr", a)["z"])  # 1 - z, with the digits of a gate that is almost closed
    reset = r * h
    a_n = v["a_n"] + reset @ w["W_n"].T
    n = TANH.value(a_n)
    return {"a_zr": a, "gates": gates, "taken": taken, "reset": reset, "a_n": a_n, "n": n, "h": z * h + taken * n}


def _local(v: Values) -> Values:
    a, h = by_gate("zr", v["a_zr"]), v["h_before"]
    return {
        "into_z": (h - v["n"]) * SIGMOID.slope(a["z"]),
        "into_r": h * SIGMOID.slope(a["r"]),
        "into_n": v["taken"] * TANH.slope(v["a_n"]),
    }


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    delta, gate = d["h"], by_gate("zr", v["gates"])
    alpha_n = v["into_n"] * delta
    rho = alpha_n @ w["W_n"]
    alpha = np.concatenate([v["into_z"] * delta, v["into_r"] * rho], axis=1)
    return {"h": gate["z"] * delta + gate["r"] * rho + alpha @ w["W_zr"]}, {"a_zr": alpha, "a_n": alpha_n}


CELL = Cell(
    name="GRU",
    states={"h": "n"},
    linear=(*affine("zr"), *affine("n", by="reset")),
    forward=_forward,
    local=_local,
    back=_back,
)
