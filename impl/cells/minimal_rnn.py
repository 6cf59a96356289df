"""The minimalRNN of Chen (2017): z = tanh(V x + d), u = σ(W h⁻ + U z + b), h = u ∘ h⁻ + (1 - u) ∘ z."""

from __future__ import annotations

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.cell import Cell, Linear, Values

SIGMOID, TANH = ACTIVATIONS["sigmoid"], ACTIVATIONS["tanh"]


def _forward(w: Values, v: Values) -> Values:
    h, z = v["h_before"], TANH.value(v["a_z"])
    a = h @ w["W"].T + z @ w["U"].T + w["b"]
    u, taken = SIGMOID.value(a), SIGMOID.value(-a)
    return {"z": z, "a": a, "u": u, "taken": taken, "h": u * h + taken * z}


def _local(v: Values) -> Values:
    return {"into_u": (v["h_before"] - v["z"]) * SIGMOID.slope(v["a"]), "slope_z": TANH.slope(v["a_z"])}


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    alpha = v["into_u"] * d["h"]
    zeta = v["taken"] * d["h"] + alpha @ w["U"]
    return {"h": v["u"] * d["h"] + alpha @ w["W"]}, {"a": alpha, "a_z": v["slope_z"] * zeta}


CELL = Cell(
    name="minimalRNN",
    states={"h": "n"},
    linear=(
        Linear(name="W", stacks=("W",), shape="nn", into="a", by="h_before"),
        Linear(name="U", stacks=("U",), shape="nn", into="a", by="z"),
        Linear(name="b", stacks=("b",), shape="n", into="a"),
        Linear(name="V", stacks=("V",), shape="nm", into="a_z", by="x"),
        Linear(name="d", stacks=("d",), shape="n", into="a_z"),
    ),
    forward=_forward,
    local=_local,
    back=_back,
)
