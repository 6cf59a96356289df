"""Jacobians of the hidden state, from one step to the next and across many.

∂h_t/∂h_{t-1} = diag(φ′(a_t)) W, rows being outputs, and ∂h_t/∂h_k is the product of those from step t down
to k+1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from backproof.impl.activations import Activation
from backproof.impl.arrays import Array, require_no_overflow, unwarned
from backproof.impl.recurrence import states
from backproof.impl.validation import Parameters, checked_activation, checked_parameters


def step_jacobians(params: Mapping[str, Array], inputs: Array, *, activation: str = "tanh") -> Array:
    """Return ∂h_t/∂h_{t-1} for t = 1 … T as an array (T,B,n,n). Raises as `forward` does."""
    return _step_jacobians(checked_parameters(params, inputs), inputs, checked_activation(activation))


def jacobian_products(
    params: Mapping[str, Array], inputs: Array, *, activation: str = "tanh"
) -> Iterator[tuple[int, Array]]:
    """Yield each lag ℓ = 0 … T with ∂h_{k+ℓ}/∂h_k for k = 0 … T-ℓ, a read-only array (T-ℓ+1,B,n,n).

    Each lag is one batched product away from the one before: ∂h_{k+ℓ}/∂h_k = J_{k+ℓ} ∂h_{k+ℓ-1}/∂h_k.
    Arguments are checked at the call. Raises as `forward` does, and FloatingPointError at the lag that
    overflows.
    """
    return products_by_lag(step_jacobians(params, inputs, activation=activation))


def jacobian_norms(params: Mapping[str, Array], inputs: Array, *, activation: str = "tanh") -> Array:
    """Return the spectral norms ‖∂h_t/∂h_k‖ as an array (T+1,T+1,B) indexed [t, k], with NaN where t < k.

    Raises as `jacobian_products` does.
    """
    return norms_by_lag(step_jacobians(params, inputs, activation=activation))


@unwarned
def _step_jacobians(parameters: Parameters, inputs: Array, activation: Activation) -> Array:
    slopes = activation.slope(states(parameters, inputs, activation).pre_activations)
    jacobians: Array = slopes[..., None] * parameters.W  # no slope exceeds 1: in range as W is
    return jacobians


def products_by_lag(jacobians: Array) -> Iterator[tuple[int, Array]]:
    """Yield (lag, products (T−lag+1,B,n,n)) of step Jacobians (T,B,n,n), each lag from the one before."""
    steps, batch, n, _ = jacobians.shape
    products: Array = np.broadcast_to(np.eye(n, dtype=jacobians.dtype), (steps + 1, batch, n, n))
    yield 0, products
    for lag in range(1, steps + 1):
        products = _one_lag_more(jacobians[lag - 1 :], products[:-1])
        require_no_overflow(f"the product of {lag} Jacobians", products)
        products.flags.writeable = False
        yield lag, products


def norms_by_lag(jacobians: Array) -> Array:
    """Return the spectral norms (T+1,T+1,B) of the products of step Jacobians (T,B,n,n) at [t, k], NaN where t < k."""
    steps, batch = jacobians.shape[:2]
    norms = np.full((steps + 1, steps + 1, batch), np.nan, jacobians.dtype)
    for lag, products in products_by_lag(jacobians):
        k = np.arange(len(products))
        norms[k + lag, k] = spectral_norms(products)
    return norms


@unwarned
def _one_lag_more(jacobians: Array, products: Array) -> Array:
    result: Array = np.matmul(jacobians, products)
    return result


@unwarned
def spectral_norms(matrices: Array) -> Array:
    """Return the largest singular value of each matrix (…,n,n); FloatingPointError if one overflows."""
    norms: Array = np.linalg.svd(matrices, compute_uv=False)[..., 0]
    require_no_overflow("the norm of a product of Jacobians", norms)
    return norms
