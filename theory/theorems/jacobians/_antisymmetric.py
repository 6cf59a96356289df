"""The step of an antisymmetric net, ``h_t = h_{t−1} + ε tanh((W − Wᵀ − γ I) h_{t−1} + …)``, and its Jacobian.

With slopes ``d = r ∘ r`` and ``R = diag(r)`` the Jacobian is ``I + ε R R (W − Wᵀ − γ I)``. As R takes
``I + ε R (W − Wᵀ − γ I) R`` into it, the two are one map wherever all slopes are positive, the second measured in
lengths that are weighted by 1/r; and so they have the same eigenvalues.
"""

from __future__ import annotations

from typing import Any

from sympy import MatrixSymbol, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.language.notation import W, n, v

epsilon, gamma = Symbol("epsilon", real=True), Symbol("gamma", real=True)
r = MatrixSymbol("r", n, 1)
R, turn, one = DiagMatrix(r), W - W.T, Identity(n)


def step(inside: Any = turn) -> Any:
    """``I + ε R R A``: the Jacobian of a step whose pre-activation moves by A with the state."""
    return one + epsilon * R * R * inside


def weighted(inside: Any = turn) -> Any:
    """``I + ε R A R``: the same step in lengths weighted by 1/r."""
    return one + epsilon * R * inside * R


def image(inside: Any = turn) -> Any:
    """What `weighted` makes of v, multiplied out."""
    return v + epsilon * R * inside * R * v
