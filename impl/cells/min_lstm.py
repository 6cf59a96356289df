"""The minLSTM of Feng et al. (2024): h = (f ∘ h⁻ + i ∘ g) / (f + i), with f, i and g of the input alone.

The decay is f/(f+i) = σ(-(l_f - l_i)) with l = -log σ(a) = log(1 + exp(-a)), which holds where both gates underflow.
"""

from __future__ import annotations

import numpy as np

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.arrays import Array
from backproof.impl.cell import Diagonal, Linear, Values, by_gate
from backproof.impl.scans import diagonal_cell

SIGMOID = ACTIVATIONS["sigmoid"]
GATES = "fih"


def _excess(a_f: Array, a_i: Array) -> Array:
    """log(1 + exp(-a_f)) - log(1 + exp(-a_i)), in which large parts cancel before they are rounded together."""
    of_f, of_i = (np.log1p(np.exp(-np.abs(a))) for a in (a_f, a_i))
    difference: Array = (np.maximum(-a_f, 0) - np.maximum(-a_i, 0)) + (of_f - of_i)
    return difference


def _coefficients(_: Values, v: Values) -> Values:
    a = by_gate(GATES, v["a"])
    excess = _excess(a["f"], a["i"])
    taken = SIGMOID.value(excess)
    return {"decay": SIGMOID.value(-excess), "write": taken * a["h"], "taken": taken}


def _pull(_: Values, v: Values, lam: Array, _come: Array) -> Values:
    a = by_gate(GATES, v["a"])
    # σ′ of the excess; and d log σ(a)/da = σ(-a) = 1 - σ(a), of f or of i.
    moved = lam * v["decay"] * v["taken"] * (v["h_before"] - a["h"])
    parts = [moved * SIGMOID.value(-a["f"]), -moved * SIGMOID.value(-a["i"]), lam * v["taken"]]
    return {"a": np.concatenate(parts, axis=-1)}


CELL = diagonal_cell(
    "minLSTM",
    Diagonal(state="h", coefficients=_coefficients, pull=_pull),
    (
        Linear(name="U", stacks=tuple(f"U_{gate}" for gate in GATES), shape="nm", into="a", by="x"),
        Linear(name="b", stacks=tuple(f"b_{gate}" for gate in GATES), shape="n", into="a"),
    ),
    size="n",
)
