"""Elman nets that add to their state: h = λ h⁻ + μ tanh(W h⁻ + U x + b); the residual one has λ = μ = 1.

`adding` makes any of them, the leaky one and that with an antisymmetric matrix too.
"""

from __future__ import annotations

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.cell import Cell, Linear, Values, affine

TANH = ACTIVATIONS["tanh"]


def adding(
    name: str, *, kept: float, added: float, damping: float = 0.0, linear: tuple[Linear, ...] = affine("")
) -> Cell:
    """The cell h = `kept` h⁻ + `added` tanh(W h⁻ - `damping` h⁻ + U x + b), with the products that are told."""

    def forward(w: Values, v: Values) -> Values:
        h = v["h_before"]
        a = v["a"] + h @ w["W"].T - damping * h
        return {"a": a, "h": kept * h + added * TANH.value(a)}

    def local(v: Values) -> Values:
        return {"slope": added * TANH.slope(v["a"])}

    def back(w: Values, v: Values, d: Values) -> tuple[Values, Values]:
        alpha = v["slope"] * d["h"]
        return {"h": kept * d["h"] + alpha @ w["W"] - damping * alpha}, {"a": alpha}

    return Cell(name=name, states={"h": "n"}, linear=linear, forward=forward, local=local, back=back)


CELL = adding("residual Elman", kept=1.0, added=1.0)
