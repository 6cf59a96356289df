"""The IndRNN of Li et al. (2018): h = max(0, U x + u ∘ h⁻ + b), so that each unit reads itself alone."""

from __future__ import annotations

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.cell import Cell, Linear, Values

RELU = ACTIVATIONS["relu"]


def _forward(w: Values, v: Values) -> Values:
    a = v["a"] + w["u"] * v["h_before"]
    return {"a": a, "h": RELU.value(a)}


def _local(v: Values) -> Values:
    return {"slope": RELU.slope(v["a"])}


def _back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
    alpha = v["slope"] * d["h"]
    return {"h": w["u"] * alpha}, {"a": alpha}


CELL = Cell(
    name="IndRNN",
    states={"h": "n"},
    linear=(
        Linear(name="U", stacks=("U",), shape="nm", into="a", by="x"),
        Linear(name="u", stacks=("u",), shape="n", into="a", by="h_before"),
        Linear(name="b", stacks=("b",), shape="n", into="a"),
    ),
    forward=_forward,
    local=_local,
    back=_back,
)
