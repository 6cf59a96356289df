"""The minimal gated unit of Zhou, Wu, Zhang and Zhou (2016): one gate that forgets and writes.

g = tanh(W_g (f ∘ h⁻) + U_g x + b_g) and h = (1 - f) ∘ h⁻ + f ∘ g.
"""

from __future__ import annotations

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.cell import Cell, Values, affine

SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]


def _forward(w: Values, v: Values) -> Values:
    h = v["h_before"]
    a_f = v["a_f"] + h @ w["W_f"].T
    f = SIGMOID.value(a_f)
    kept = SIGMOID.value(-a_f)  # 1 - f, with the digits of a gate that is almost open
    read = f * h
    a_g = v["a_g"] + read @ w["W_g"].T
    g = TANH.value(a_g)
    return {"a_f": a_f, "f": f, "kept": kept, "read": read, "a_g": a_g, "g": g, "h": kept * h + f * g}


def _local(v: Values) -> Values:
    return {"slope_f": SIGMOID.slope(v["a_f"]), "into_g": v["f"] * TANH.slope(v["a_g"])}


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    delta, h = d["h"], v["h_before"]
    alpha_g = v["into_g"] * delta
    rho = alpha_g @ w["W_g"]
    alpha_f = v["slope_f"] * ((v["g"] - h) * delta + h * rho)
    return {"h": v["kept"] * delta + v["f"] * rho + alpha_f @ w["W_f"]}, {"a_f": alpha_f, "a_g": alpha_g}


CELL = Cell(
    name="MGU",
    states={"h": "n"},
    linear=(*affine("f"), *affine("g", by="read")),
    forward=_forward,
    local=_local,
    back=_back,
)
