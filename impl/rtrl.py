"""Real-time recurrent learning: the gradients of the Elman net, computed forward in time.

Williams and Zipser (1989) carry the sensitivities S_t = ∂h_t/∂θ along with the state:

    S_t = diag(φ′(a_t)) (W S_{t-1} + ∂⁺a_t/∂θ),    ∂L/∂θ = Σ_t (∂L/∂o_t)ᵀ V S_t

where the immediate derivative ∂⁺ holds h_{t-1} fixed. Here θ is (W, U, b) row by row, n (n+m+1) numbers, and
h_0, whose sensitivity starts as the identity. Nothing of the past has to be kept, but S_t is n times as large
as the parameters, and a step multiplies it by W: of the order of n⁴ against the n² of back-propagation.

>>> from backproof import impl
>>> params = impl.init_params(3, 2, 4, seed=0)
>>> inputs, targets = np.ones((6, 1, 2)), np.zeros((6, 1), int)
>>> forward, backward = (f(params, inputs, targets)["W"] for f in (rtrl_gradients, impl.gradients))
>>> bool(np.allclose(forward, backward, rtol=1e-12, atol=0))
True
>>> rtrl_operations(100, 10, 10, 50) // bptt_operations(100, 10, 10, 50)
3244
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from backproof.impl.arrays import Array, require_no_overflow, unwarned
from backproof.impl.checks import checked_integer
from backproof.impl.elman import output_gradients
from backproof.impl.recurrence import Trajectory, rows, states
from backproof.impl.settings import Keywords
from backproof.impl.sums import in_range, output_layer_gradients
from backproof.impl.validation import Task, checked_task


def rtrl_gradients(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for θ = W, U, V, b, c, h0 as `gradients` does, which it equals up to rounding.

    Raises as `gradients` does, and FloatingPointError where a sensitivity overflows, even if no gradient would.
    """
    task = checked_task(params, inputs, targets, **keywords)
    run = states(task.parameters, inputs, task.activation)
    g = output_gradients(task, run.outputs)
    by_state: Array = np.matmul(rows(g), task.parameters.V).reshape(run.pre_activations.shape)
    by_parameter = _gradients_by_sensitivity(task, run, by_state)
    n, m = task.parameters.U.shape
    shared = by_parameter[:, : n * (n + m + 1)].sum(axis=0).reshape(n, n + m + 1)
    W, U, b = (part.copy() for part in np.split(shared, [n, n + m], axis=1))
    cell = {"W": W, "U": U, "b": b[:, 0], "h0": by_parameter[:, n * (n + m + 1) :]}
    return in_range(cell | output_layer_gradients(g, run.hidden_states[1:]))


def rtrl_operations(n: int, m: int, p: int, T: int) -> int:
    """Return the multiplications of `rtrl_gradients` for one sequence; n units, m inputs, p outputs, T steps.

    A multiply-add counts as one. With K = n (n+m+1) + n columns of S_t, each step takes

        n² + nm + pn     the run of the net
        pn               Vᵀ ∂L/∂o_t
        n²K + nK + nK    W S_{t-1}, the slopes, and (∂L/∂h_t)ᵀ S_t
        pn + p           the gradients of V and c

    The sums over time of biases are products with ones, and counted. Activations, slopes and the loss are not.
    B sequences take B times as many. The leading term is n⁴T.
    """
    n, m, p, T = _checked_sizes(n, m, p, T)
    K = n * (n + m + 1) + n
    return T * (n * n + n * m + 3 * p * n + p + (n + 2) * n * K)


def bptt_operations(n: int, m: int, p: int, T: int) -> int:
    """Return the multiplications of `gradients` for one sequence, counted as for `rtrl_operations`.

    Each step takes

        n² + nm + pn              the run of the net
        pn + n² + n               Vᵀ ∂L/∂o_t, Wᵀ α_{t+1} (for t = 0 too), and the slopes
        n² + nm + n + pn + p      the gradients of W, U, b, V and c
    """
    n, m, p, T = _checked_sizes(n, m, p, T)
    return T * (3 * n * n + 2 * n * m + 3 * p * n + 2 * n + p)


@unwarned
def _gradients_by_sensitivity(task: Task, run: Trajectory, by_state: Array) -> Array:
    """Return Σ_t (∂L/∂h_t)ᵀ S_t (B, n (n+m+1) + n), where ∂L/∂h_t (T,B,n) counts the loss of step t alone."""
    steps, batch, n = by_state.shape
    # What each row of (W, U, b) is multiplied by: h_{t-1}, x_t and 1.
    read = np.concatenate([run.hidden_states[:-1], run.inputs, np.ones((steps, batch, 1), by_state.dtype)], axis=2)
    q, W = read.shape[2], np.ascontiguousarray(task.parameters.W)
    slopes = task.activation.slope(run.pre_activations)
    S = np.zeros((batch, n, n * q + n), by_state.dtype)
    S[:, :, n * q :] = np.eye(n)
    total = np.zeros((batch, S.shape[2]), S.dtype)
    unit = np.arange(n)
    for t in range(steps):
        S = np.matmul(W, S)
        # ∂⁺a_i/∂θ concerns row i of (W, U, b) only.
        S[:, :, : n * q].reshape(batch, n, n, q)[:, unit, unit] += read[t][:, None]
        S *= slopes[t][:, :, None]
        total += np.matmul(by_state[t][:, None], S)[:, 0]
    # A sensitivity that is infinite or NaN stays so.
    require_no_overflow("the sensitivity of the hidden state", S)
    return total


def _checked_sizes(n: int, m: int, p: int, T: int) -> tuple[int, int, int, int]:
    sizes = {"n": n, "m": m, "p": p, "T": T}
    n, m, p, T = (checked_integer(name, size) for name, size in sizes.items())
    return n, m, p, T
