"""Sparse approximations of real-time recurrent learning: which sensitivities are carried, and which are dropped.

The parameters that unit i reads, row i of W, of U and of b, move h_i first. R_ui = 1 says that what they do to unit u
is carried, R_ui = 0 that it is dropped at every step. With R = I it is the trace of each weight at its own unit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import And, Eq, KroneckerProduct, MatrixSymbol, OneMatrix, Symbol
from sympy.matrices.expressions import HadamardProduct

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import arrays, nets
from backproof.theory.language.nodes import (
    Carried,
    Immediate,
    LossGradient,
    Sensitivity,
    StateJacobian,
    TimeSum,
    Vec,
)
from backproof.theory.language.notation import R, T, U, V, W, b, g, t

N = Symbol("N", integer=True, positive=True)
"""Within how many steps a unit must be reached for its sensitivity to be carried."""

j = Symbol("j", integer=True)
step = StateJacobian(j, j - 1)
PARAMETERS = (W, U, b)


def carried(theta: Any, pattern: Any = R, jacobian: Any = step, new: Any = 1) -> Carried:
    """The sensitivities of h_t by θ as far as the pattern keeps them, from zeros on."""
    keep = KroneckerProduct(pattern, OneMatrix(1, theta.shape[1]))
    z = MatrixSymbol(f"z_{theta.name}", *Sensitivity(theta, t).shape)
    return Carried(HadamardProduct(keep, jacobian * z + new * Immediate(theta, j)), z, (j, 1, t))


def agrees(**how: Any) -> Any:
    """What is carried is ``∂h_t/∂θ``, and met by each loss it adds up to ``∂L/∂θ``, for W, U and b."""
    states = (Eq(carried(q, **how), Sensitivity(q, t), evaluate=False) for q in PARAMETERS)
    losses = (
        Eq(TimeSum(carried(q, **how).T * V.T * g[t], (t, 1, T)), Vec(LossGradient(q)), evaluate=False)
        for q in PARAMETERS
    )
    return And(*states, *losses, evaluate=False)


def reached(weights: Any, steps: int) -> list[list[int]]:
    """The 0s and 1s of which unit is reached from which within so many steps, the own step being the first."""
    edges, own = (np.asarray(weights) != 0).astype(int), np.eye(len(weights), dtype=int)
    found = own
    for _ in range(steps - 1):
        found = ((own + edges @ found) > 0).astype(int)
    rows: list[list[int]] = found.tolist()
    return rows


@st.composite
def sparse_nets(draw: Any, *, diagonal: bool = False) -> NetWithValues:
    """Nets of one sequence with W a ring, below the diagonal, in blocks or diagonal; as many steps as they need."""
    units = draw(st.integers(1, 3))
    drawn = draw(
        nets(
            activations=("identity", "relu", "tanh"),
            losses=("squared_error",),
            regimes=("plain",),
            units=(units, units),
            steps=(1, 3),
            batch=(1, 1),
        )
    )
    shapes = [np.eye(units)]
    if not diagonal:
        shapes += [np.roll(np.eye(units), 1, axis=0), np.tril(np.ones((units, units))), np.eye(units)[::-1]]
        shapes.append(np.tril(np.ones((units, units)), -1))
    weights = (np.asarray(draw(arrays(units, units))) + 0.25) * draw(st.sampled_from(shapes))
    return sparse(drawn.with_(W=weights))


def needed(weights: Any) -> int:
    """The least N within which everything is reached that ever is."""
    size = len(weights)
    return next(s for s in range(1, size + 1) if reached(weights, s) == reached(weights, size))


def sparse(net: Any, steps: int | None = None) -> NetWithValues:
    """A net with its pattern within so many steps, by default as many as it needs."""
    within = needed(net.W) if steps is None else steps
    return NetWithValues(net, {N: within, R: reached(net.W, within)})
