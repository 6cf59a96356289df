"""Updates of a recurrent matrix Q that stay orthogonal, and the plain one that does not.

The gradient G = ∂L/∂Q is turned into the skew-symmetric A = G Qᵀ - Q Gᵀ. Both updates multiply Q by a rotation,

    Cayley       Q ← (I + ½ηA)⁻¹ (I - ½ηA) Q     (Tagare 2011; Wen and Yin 2013; Wisdom et al. 2016)
    exponential  Q ← exp(-ηA) Q,

agree up to η², and lower the loss at the rate ½‖A‖² (Frobenius). The plain update Q - ηG has
QᵀQ - I = -η (QᵀG + GᵀQ) + η² GᵀG, which is of first order in η. Helfrich, Willmott and Ye (2018) put the
Cayley transform elsewhere: they keep A itself as the parameter, and scale the transform by signs.

>>> import numpy as np
>>> Q, G = np.eye(2), np.array([[0.0, 0.5], [0.0, 0.0]])
>>> departure(cayley_step(Q, G, rate=1.0)) < 1e-15, departure(plain_step(Q, G, rate=1.0)) > 0.5
(True, True)
"""

from __future__ import annotations

import numpy as np

from backproof.impl.arrays import Array, require_no_overflow, unwarned
from backproof.impl.checks import checked_floats, checked_positive, checked_square
from backproof.impl.spectra import spectral_norm


@unwarned
def skew_gradient(Q: Array, gradient: Array) -> Array:
    """Return A = G Qᵀ - Q Gᵀ (n,n) from Q and G (n,n), skew-symmetric to the last bit.

    Raises TypeError or ValueError naming the argument that is wrong, and FloatingPointError where the result
    overflows, as all functions here do.
    """
    checked_square("Q", Q)
    checked_floats("gradient", gradient, dtype=Q.dtype)
    if gradient.shape != Q.shape:
        raise ValueError(f"gradient: expected shape {Q.shape}, got shape {gradient.shape}")
    product: Array = gradient @ Q.T
    skew: Array = product - product.T
    require_no_overflow("the skew-symmetric gradient", skew)
    return skew


@unwarned
def cayley_step(Q: Array, gradient: Array, *, rate: float) -> Array:
    """Return (I + ½ηA)⁻¹ (I - ½ηA) Q (n,n), where η is the rate: orthogonal if Q (n,n) is.

    I + ½ηA is never singular, for the eigenvalues of A are imaginary.
    """
    half = 0.5 * checked_positive("rate", rate) * skew_gradient(Q, gradient)
    require_no_overflow("the Cayley step", half)
    identity = np.eye(len(Q), dtype=Q.dtype)
    return np.asarray(np.linalg.solve(identity + half, Q - half @ Q))


@unwarned
def exponential_step(Q: Array, gradient: Array, *, rate: float) -> Array:
    """Return exp(-ηA) Q (n,n), where η is the rate: orthogonal if Q (n,n) is.

    iA is Hermitian, so iA = X diag(μ) Xᴴ with X unitary, and exp(-ηA) = X diag(exp(iημ)) Xᴴ: every factor is
    unitary to rounding, however large η is.
    """
    generator = checked_positive("rate", rate) * skew_gradient(Q, gradient)
    require_no_overflow("the exponential step", generator)
    mu, X = np.linalg.eigh(1j * generator)
    rotation = (X * np.exp(1j * mu)) @ X.conj().T
    moved: Array = rotation.real @ Q
    return moved


@unwarned
def plain_step(Q: Array, gradient: Array, *, rate: float) -> Array:
    """Return Q - ηG (n,n), where η is the rate: gradient descent, which knows nothing of orthogonality."""
    skew_gradient(Q, gradient)  # the same checks, so that the three steps are interchangeable
    moved: Array = Q - checked_positive("rate", rate) * gradient
    require_no_overflow("the plain step", moved)
    return moved


def departure(Q: Array) -> float:
    """Return ‖QᵀQ - I‖ (spectral) of Q (n,n), zero for an orthogonal matrix."""
    checked_square("Q", Q)
    return spectral_norm(Q.T @ Q - np.eye(len(Q), dtype=Q.dtype))
