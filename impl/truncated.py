"""Truncated back-propagation through time: after every k1 steps, back through at most k2 steps.

This is BPTT(h; h′) of Williams and Peng (1990) with h′ = k1 = `every` and h = k2 = `window` ≥ k1; Sutskever
(2013, section 2.8.6) describes it too. The steps 1 … T are cut into blocks of k1, the last one maybe shorter.
When a block ends, at step e, the losses of its steps are propagated back together through the steps e, e-1, …,
e-k2+1 and no further. So, of ∂L_t/∂θ = Σ_{k=1}^{t} (what step k contributes), the terms kept for the loss of
step t are those with

    max(1, e(t) - k2 + 1) ≤ k ≤ t,    where e(t) = min(T, k1 ⌈t/k1⌉) is the end of the block of t.

Distances t - k up to k2 - k1 are always kept, those from k2 on never, and those between depend on the place
of t in its block; with k1 = 1 exactly the distances below k2 are kept. ∂L_t/∂h_0 is kept where e(t) ≤ k2, since
then the chain reaches step 1. V and c lose nothing. With k2 ≥ T no term is lost, whatever k1.

The parameters stay the same from block to block, and hidden states are carried over.

>>> from backproof import impl
>>> params = impl.init_params(3, 2, 4, seed=0)
>>> inputs, targets = np.ones((6, 1, 2)), np.zeros((6, 1), int)
>>> full = impl.gradients(params, inputs, targets)["W"]
>>> near = [truncated_gradients(params, inputs, targets, every=1, window=k)["W"] for k in (1, 3, 6)]
>>> [bool(np.array_equal(gradient, full)) for gradient in near]
[False, False, True]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from backproof.impl.arrays import Array, require_no_overflow_in_time, unwarned
from backproof.impl.checks import checked_integer
from backproof.impl.elman import output_gradients
from backproof.impl.recurrence import adjoints, rows, states
from backproof.impl.settings import Keywords
from backproof.impl.sums import cell_gradients, in_range, output_layer_gradients
from backproof.impl.validation import Task, checked_task


def truncated_gradients(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    *,
    every: int,
    window: int,
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return the terms of ∂L/∂θ that truncation keeps, summed, for θ = W, U, V, b, c, h0, shaped as θ.

    `every` is k1 ≥ 1 and `window` is k2 ≥ k1, in steps. With `window` ≥ T these are the numbers that
    `gradients` returns. The work is ⌈T/k1⌉·k2 steps of back-propagation, in min(k2, T) batched ones.
    Raises as `gradients` does, and TypeError or ValueError where `every` or `window` is not such an integer.
    """
    task = checked_task(params, inputs, targets, **keywords)
    checked_integer("every", every)
    checked_integer("window", window, at_least=every)
    run = states(task.parameters, inputs, task.activation)
    g = output_gradients(task, run.outputs)
    if window >= len(inputs):
        alpha, delta_0 = adjoints(task.parameters, task.activation, run.pre_activations, g)
    else:
        alpha, delta_0 = _truncated_adjoints(task, run.pre_activations, g, every, window)
    return in_range(
        cell_gradients(alpha, run.hidden_states[:-1], inputs)
        | output_layer_gradients(g, run.hidden_states[1:])
        | {"h0": delta_0}
    )


@unwarned
def _truncated_adjoints(task: Task, pre_activations: Array, g: Array, every: int, window: int) -> tuple[Array, Array]:
    """Return what is left of α (T,B,n) and of δ_0 (B,n).

    All blocks go back together, one step at a time: they differ only in where they end. At each moment they
    stand on different steps, so that their α can be added up without collision.
    """
    steps = len(pre_activations)
    slopes = task.activation.slope(pre_activations)
    local: Array = np.matmul(rows(g), task.parameters.V).reshape(slopes.shape)
    W = np.ascontiguousarray(task.parameters.W)
    starts = np.arange(0, steps, every)
    places = np.minimum(starts + every, steps) - 1
    total = np.zeros_like(local)
    alpha = np.zeros((len(starts), *local.shape[1:]), local.dtype)
    for _ in range(window):
        inside = places >= 0
        starts, places, alpha = starts[inside], places[inside], alpha[inside]
        alpha = np.matmul(rows(alpha), W).reshape(alpha.shape)
        own = places >= starts
        alpha[own] += local[places[own]]
        alpha *= slopes[places]
        total[places] += alpha
        places = places - 1
    require_no_overflow_in_time("the gradient of the pre-activation", total, backward=True)
    # δ_0 = Wᵀ α_1 is linear in α_1, of which the total holds just the terms of the blocks that reached step 1.
    return total, np.matmul(total[0], W)
