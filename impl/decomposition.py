"""The gradient taken apart: what each step contributes, and what each distance in time contributes.

The weights are shared by all steps. Step k contributes α_k ⊗ ∂⁺a_k/∂θ, where the immediate derivative ∂⁺
holds h_{k-1} fixed: ∂⁺a_k/∂W is h_{k-1}, ∂⁺a_k/∂U is x_k, ∂⁺a_k/∂b is 1 (Pascanu, Mikolov and Bengio 2013,
eq. 3 to 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from backproof.impl.arrays import Array, require_no_overflow_in_time, unwarned
from backproof.impl.checks import checked_integer
from backproof.impl.elman import output_gradients
from backproof.impl.recurrence import Trajectory, adjoints, states
from backproof.impl.settings import Keywords
from backproof.impl.validation import checked_task


def contributions(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return for W, U and b the contributions of all steps to the gradient, summed over the batch.

    Entry k-1 of the array (T, *shape) is that of step k; the sum over the first axis is the gradient.
    Raises as `gradients` does.
    """
    task = checked_task(params, inputs, targets, **keywords)
    trajectory = states(task.parameters, inputs, task.activation)
    g = output_gradients(task, trajectory.outputs)
    alpha, _ = adjoints(task.parameters, task.activation, trajectory.pre_activations, g)
    return _immediate_products(trajectory, alpha)


def contributions_by_distance(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    *,
    step: int,
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return for W, U and b the terms of ∂L_t/∂θ = Σ_k α_k ⊗ ∂⁺a_k/∂θ, where L_t is the loss at one step t.

    Entry k-1 of the array (t, *shape) belongs to step k, at distance t-k from the loss. L_t is the term of
    that step in the loss as reduced, so that the sum over all t and k is the gradient. Raises as
    `gradients` does.
    """
    task = checked_task(params, inputs, targets, **keywords)
    checked_integer("step", step, at_most=len(inputs))
    trajectory = states(task.parameters, inputs[:step], task.activation)
    g = np.zeros_like(trajectory.outputs)
    g[-1] = output_gradients(task, trajectory.outputs)[-1]
    alpha, _ = adjoints(task.parameters, task.activation, trajectory.pre_activations, g)
    return _immediate_products(trajectory, alpha)


@unwarned
def _immediate_products(trajectory: Trajectory, alpha: Array) -> dict[str, Array]:
    """Return Σ_b α_k ⊗ ∂⁺a_k/∂θ for every step k."""
    alpha_columns = alpha.transpose(0, 2, 1)
    result: dict[str, Array] = {
        "W": alpha_columns @ trajectory.hidden_states[:-1],
        "U": alpha_columns @ trajectory.inputs,
        "b": alpha.sum(axis=1),
    }
    for name, products in result.items():
        require_no_overflow_in_time(f"the contribution to the gradient of {name}", products)
    return result
