"""Gradients of weights that all steps share: sums over time, each one product over T·B rows.

They hold for every cell whose pre-activation is a_t = W h_{t-1} + U x_t + b, whatever the way in which its
adjoints α_t = ∂L/∂a_t were found, and for the output o_t = V h_t + c with g_t = ∂L/∂o_t.

>>> import numpy as np
>>> alpha, before, inputs = np.ones((2, 1, 1)), np.array([[[3.0]], [[4.0]]]), np.array([[[5.0]], [[6.0]]])
>>> {name: float(gradient.sum()) for name, gradient in cell_gradients(alpha, before, inputs).items()}
{'W': 7.0, 'U': 11.0, 'b': 2.0}
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backproof.impl.arrays import Array, require_no_overflow, unwarned
from backproof.impl.recurrence import rows


def outer(alpha: Array, read: Array) -> Array:
    """Return Σ α ⊗ z (k,n) over all steps and sequences, from α (T,B,k) and z (T,B,n)."""
    product: Array = rows(alpha).T @ rows(read)
    return product


def total(alpha: Array) -> Array:
    """Return Σ α (k,) over all steps and sequences, as a matrix product, which is several times as fast as a sum."""
    flat = rows(alpha)
    product: Array = np.ones(len(flat), alpha.dtype) @ flat
    return product


@unwarned
def cell_gradients(alpha: Array, before: Array, inputs: Array) -> dict[str, Array]:
    """Return Σ_t α_t ⊗ h_{t-1} as "W", Σ_t α_t ⊗ x_t as "U" and Σ_t α_t as "b".

    Arguments are α (T,B,k), what W multiplies (T,B,n), and x (T,B,m).
    """
    return {"W": outer(alpha, before), "U": outer(alpha, inputs), "b": total(alpha)}


@unwarned
def output_layer_gradients(g: Array, hidden_states: Array) -> dict[str, Array]:
    """Return Σ_t g_t ⊗ h_t as "V" and Σ_t g_t as "c", given g (T,B,p) and h_1 … h_T (T,B,n)."""
    return {"V": outer(g, hidden_states), "c": total(g)}


def add_to(found: dict[str, Array], shares: Mapping[str, Array]) -> None:
    """Add gradients to those found before: a parameter that stands in several places gets the sum of its shares."""
    for name, gradient in shares.items():
        found[name] = found[name] + gradient if name in found else gradient


def in_range(gradients: Mapping[str, Array]) -> dict[str, Array]:
    """Return the gradients, or raise FloatingPointError naming the first that overflowed."""
    for name, gradient in gradients.items():
        require_no_overflow(f"the gradient of {name}", gradient)
    return dict(gradients)
