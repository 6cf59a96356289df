"""The minGRU of Feng et al. (2024): gate and candidate read the input alone, so that steps may be taken in parallel.

h = (1 - z) ∘ h⁻ + z ∘ g(U_h x + b_h), with g(a) = a + 1/2 for a ≥ 0 and σ(a) below, whose slope is 1/4 at 0.
"""

from __future__ import annotations

import numpy as np

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.arrays import Array
from backproof.impl.cell import Diagonal, Linear, Values
from backproof.impl.scans import diagonal_cell

SIGMOID = ACTIVATIONS["sigmoid"]


def _coefficients(_: Values, v: Values) -> Values:
    z, a = SIGMOID.value(v["a_z"]), v["a_h"]
    candidate = np.maximum(a, 0) + SIGMOID.value(np.minimum(a, 0))
    return {"decay": SIGMOID.value(-v["a_z"]), "write": z * candidate, "z": z, "candidate": candidate}


def _pull(_: Values, v: Values, lam: Array, _come: Array) -> Values:
    slope = np.where(v["a_h"] > 0, v["a_h"].dtype.type(1), SIGMOID.slope(np.minimum(v["a_h"], 0)))
    return {
        "a_z": lam * (v["candidate"] - v["h_before"]) * SIGMOID.slope(v["a_z"]),
        "a_h": lam * v["z"] * slope,
    }


CELL = diagonal_cell(
    "minGRU",
    Diagonal(state="h", coefficients=_coefficients, pull=_pull),
    tuple(
        linear
        for gate in "zh"
        for linear in (
            Linear(name=f"U_{gate}", stacks=(f"U_{gate}",), shape="nm", into=f"a_{gate}", by="x"),
            Linear(name=f"b_{gate}", stacks=(f"b_{gate}",), shape="n", into=f"a_{gate}"),
        )
    ),
    size="n",
)
