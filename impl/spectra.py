"""What the recurrent matrix W alone says: its eigenvalues, its norm, and how far the two may differ."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.impl.arrays import Array, unwarned
from backproof.impl.checks import checked_square


def eigenvalues(W: Array) -> NDArray[np.complexfloating[Any, Any]]:
    """Return the n eigenvalues of W (n,n), complex, the largest magnitude first.

    Conjugates stand side by side, the one above the real axis first.

    Raises TypeError or ValueError if W is not a square matrix of finite floats, as do all functions here.
    """
    found = np.linalg.eigvals(checked_square("W", W))
    return (found + 0j)[np.argsort(-np.abs(found), kind="stable")]


def spectral_radius(W: Array) -> float:
    """Return the largest magnitude of an eigenvalue of W (n,n)."""
    return float(np.abs(eigenvalues(W)[0]))


def spectral_norm(W: Array) -> float:
    """Return the largest singular value of W (n,n): the most by which W stretches a vector."""
    return float(np.linalg.svd(checked_square("W", W), compute_uv=False)[0])


@unwarned
def condition_of_eigenvectors(W: Array) -> float:
    """Return κ = ‖X‖ ‖X⁻¹‖ for the matrix X of unit eigenvectors of W (n,n), in the spectral norm.

    1 for normal matrices. In ‖Wᵏ‖ ≤ κ ρᵏ it bounds how far powers may grow before the spectral radius ρ
    prevails. A matrix without n independent eigenvectors has κ = ∞; rounding may turn that into a κ of
    order 1/roundoff.
    """
    singular = np.linalg.svd(np.linalg.eig(checked_square("W", W)).eigenvectors, compute_uv=False)
    return float(singular[0] / singular[-1])
