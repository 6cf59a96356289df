"""A selective diagonal scan in the manner of Mamba (Gu and Dao 2023), for one state an input channel.

Δ = softplus(x + b), s = exp(-Δ ∘ exp(a)) ∘ s⁻ + Δ ∘ (B x) ∘ x, and the output is u = (C x) ∘ s + d ∘ x.
"""

from __future__ import annotations

import numpy as np

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.arrays import Array
from backproof.impl.cell import Diagonal, Linear, Values
from backproof.impl.scans import diagonal_cell

SOFTPLUS = ACTIVATIONS["softplus"]


def _coefficients(w: Values, v: Values) -> Values:
    size = SOFTPLUS.value(v["x"] + w["b"])
    return {"size": size, "decay": np.exp(-size * np.exp(w["a"])), "write": size * v["Bx"] * v["x"]}


def _emit(v: Values) -> Values:
    return {"u": v["Cx"] * v["s"] + v["skip"]}


def _read(v: Values, come: Array) -> Array:
    share: Array = v["Cx"] * come
    return share


def _pull(w: Values, v: Values, lam: Array, come: Array) -> Values:
    # log d = -Δ exp(a); what comes in at d is λ ∘ s⁻.
    of_log_decay = lam * v["s_before"] * v["decay"] * np.exp(w["a"])
    of_size = lam * v["Bx"] * v["x"] - of_log_decay
    shifted = of_size * SOFTPLUS.slope(v["x"] + w["b"])
    return {
        "a": -of_log_decay * v["size"],
        "shifted": shifted,
        "Bx": lam * v["size"] * v["x"],
        "Cx": come * v["s"],
        "skip": come,
        "x": shifted + lam * v["size"] * v["Bx"],
    }


CELL = diagonal_cell(
    "selective scan",
    Diagonal(state="s", coefficients=_coefficients, pull=_pull, emit=_emit, read=_read),
    (
        Linear(name="B", stacks=("B",), shape="mm", into="Bx", by="x"),
        Linear(name="C", stacks=("C",), shape="mm", into="Cx", by="x"),
        Linear(name="d", stacks=("d",), shape="m", into="skip", by="x"),
        Linear(name="a", stacks=("a",), shape="m", into="a"),
        Linear(name="b", stacks=("b",), shape="m", into="shifted"),
    ),
    size="m",
    output="u",
)
