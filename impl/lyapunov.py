"""Long-run growth: Lyapunov exponents of a net, and powers of a matrix in its eigenvectors.

The exponents are the rates (1/T) log of the growth that the Jacobians J_T ⋯ J_1 give to a basis. Multiplied out,
all columns would turn towards the fastest direction, so the basis is made orthonormal again at every step:
J_t Q_{t-1} = Q_t R_t, and exponent i is the mean of log |R_t[i,i]| (Benettin et al. 1980; Engelken, Wolf and
Abbott 2023). As |det Q| = 1, their sum is the mean of log |det J_t|.

>>> import numpy as np
>>> W = np.array([[2.0, 1.0], [0.0, 0.5]])
>>> autonomous_exponents(W, steps=8, activation="identity") / np.log(2)
array([ 1., -1.])
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.impl.activations import ACTIVATIONS
from backproof.impl.arrays import Array, require_no_overflow, unwarned
from backproof.impl.checks import (
    LARGEST,
    checked_entries,
    checked_floats,
    checked_integer,
    checked_positive,
    checked_square,
)
from backproof.impl.elman import forward
from backproof.impl.initialisers import normal_init
from backproof.impl.spectra import condition_of_eigenvectors, spectral_radius

Complex = NDArray[np.complexfloating[Any, Any]]


@unwarned
def lyapunov_exponents(
    params: Mapping[str, Array], inputs: Array, *, activation: str = "tanh", discard: int = 0
) -> Array:
    """Return the n exponents of each sequence of inputs (T,B,m) as an array (B,n), the largest first.

    The first `discard` steps let the state settle and turn the basis, and are left out of the mean. An exponent
    is -∞ where a slope is 0. Raises as `forward` does, and for `discard` ≥ T.
    """
    slopes = _slopes(params, inputs, activation, discard)
    W = params["W"]
    _, batch, n = slopes.shape
    basis: Array = np.broadcast_to(np.eye(n, dtype=W.dtype), (batch, n, n))
    total = np.zeros((batch, n))
    for t, slope in enumerate(slopes):
        basis, R = np.linalg.qr(slope[:, :, None] * (W @ basis))
        if t >= discard:
            total += np.log(np.abs(np.diagonal(R, axis1=1, axis2=2)))
    return np.asarray(-np.sort(-total / (len(slopes) - discard)), W.dtype)


@unwarned
def mean_log_determinant(
    params: Mapping[str, Array], inputs: Array, *, activation: str = "tanh", discard: int = 0
) -> Array:
    """Return the mean over time of log |det ∂h_t/∂h_{t-1}| = log |det W| + Σ_i log |φ′(a_t)_i|, as (B,).

    What `lyapunov_exponents` of the same arguments sum to, found without them. Raises as that does.
    """
    slopes = _slopes(params, inputs, activation, discard)[discard:].astype(np.float64)
    log_determinant = np.linalg.slogdet(params["W"]).logabsdet
    return np.asarray(log_determinant + np.log(np.abs(slopes)).sum(axis=2).mean(axis=0), inputs.dtype)


def autonomous_exponents(
    W: Array, *, steps: int, activation: str = "tanh", h0: Array | None = None, discard: int = 0
) -> Array:
    """Return the n exponents of h_t = φ(W h_{t-1}) from h0 (n,), or from 0, the largest first.

    Raises as `lyapunov_exponents` does.
    """
    n = len(checked_square("W", W))
    checked_entries("steps", checked_integer("steps", steps), n, n)
    zero = np.zeros((n, 1), W.dtype)
    params = {"W": W, "U": zero, "V": zero.T, "b": zero[:, 0], "c": np.zeros(1, W.dtype)}
    if h0 is not None:
        params["h0"] = checked_floats("h0", h0, dtype=W.dtype)[None]
    inputs = np.zeros((steps, 1, 1), W.dtype)
    return np.asarray(lyapunov_exponents(params, inputs, activation=activation, discard=discard)[0])


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Expansion:
    """v = Σ_i c_i q_i in unit eigenvectors of W: eigenvalues λ (n,), columns q_i (n,n), coefficients c (n,).

    `condition` is κ of the matrix of eigenvectors: c has a relative error of order n κ u, with u the roundoff.
    """

    eigenvalues: Complex
    eigenvectors: Complex
    coefficients: Complex
    condition: float


def eigen_expansion(W: Array, v: Array) -> Expansion:
    """Write v (n,) in the eigenvectors of W (n,n), so that Wᵗ v = Σ_i c_i λ_iᵗ q_i.

    Raises TypeError or ValueError for a wrong argument, and ValueError for a W that is defective, or cannot be
    told from a defective one. A computed eigendecomposition is exact for some W + E with ‖E‖ of order n u ‖W‖. E
    splits a Jordan block of size k into eigenvalues that differ by order (n u)^(1/k), and so into eigenvectors
    with κ of order (n u)^(1/k - 1), at least (n u)^(-1/2). At such a κ half the digits of c are noise.
    """
    n = len(checked_square("W", W))
    if checked_floats("v", v, dtype=W.dtype).shape != (n,):
        raise ValueError(f"v: expected shape {(n,)}, got shape {v.shape}")
    condition = condition_of_eigenvectors(W)
    limit = 1 / math.sqrt(n * float(np.finfo(W.dtype).eps) / 2)
    # Not `condition >= limit`, which a NaN would pass.
    if not condition < limit:
        raise ValueError(
            f"W: defective, or too near it to tell: its eigenvectors have condition {condition:.3g}, "
            f"expected less than (n u)^(-1/2) = {limit:.3g}"
        )
    values, vectors = np.linalg.eig(W)
    q = vectors + 0j
    return Expansion(eigenvalues=values + 0j, eigenvectors=q, coefficients=np.linalg.solve(q, v), condition=condition)


@unwarned
def expanded_power(W: Array, v: Array, t: int) -> Array:
    """Return Wᵗ v (n,) as Σ_i c_i λ_iᵗ q_i. Raises as `eigen_expansion` does, and FloatingPointError on overflow."""
    checked_integer("t", t, at_least=0, at_most=LARGEST)
    parts = eigen_expansion(W, v)
    # The parts of a conjugate pair of eigenvalues add up to something real; what is left imaginary is rounding.
    power: Array = (parts.eigenvectors @ (parts.coefficients * parts.eigenvalues**t)).real
    require_no_overflow(f"the power {t} of W", power)
    return power


def gaussian_spectral_radius(n: int, *, gain: float, seed: int) -> float:
    """Return ρ(W) for W (n,n) with entries N(0, g²/n), where g is the gain; it tends to g (Ginibre 1965)."""
    checked_positive("gain", gain)
    checked_entries("n", checked_integer("n", n), n)
    return spectral_radius(normal_init(n, std=gain / math.sqrt(n), seed=seed))


def _slopes(params: Mapping[str, Array], inputs: Array, activation: str, discard: int) -> Array:
    """Return φ′(a_t) for all steps, (T,B,n)."""
    trajectory = forward(params, inputs, activation=activation)
    checked_integer("discard", discard, at_least=0, at_most=len(inputs) - 1)
    return ACTIVATIONS[activation].slope(trajectory.pre_activations)
