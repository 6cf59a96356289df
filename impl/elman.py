"""The Elman net: its run, its loss, and the gradients by back-propagation through time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from numpy.typing import NDArray

from backproof.impl.arrays import Array, require_no_overflow, require_no_overflow_in_time, unwarned
from backproof.impl.recurrence import Trajectory, adjoints, states
from backproof.impl.settings import Keywords
from backproof.impl.sums import cell_gradients, in_range, output_layer_gradients
from backproof.impl.validation import Charge, Task, checked_activation, checked_parameters, checked_task


def forward(params: Mapping[str, Array], inputs: Array, *, activation: str = "tanh") -> Trajectory:
    """Run the net on inputs (T,B,m) from h_0 = params["h0"], or from 0.

    Raises FloatingPointError naming the step at which a hidden state or an output overflows, and TypeError or
    ValueError naming the argument that is wrong.
    """
    return states(checked_parameters(params, inputs), inputs, checked_activation(activation))


def loss(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> float:
    """Return the loss, summed over time and batch, or that sum divided by T·B.

    Targets are class indices (T,B) if the loss is one of classes, as "cross_entropy" of the softmax of the
    outputs is, and numbers (T,B,p) otherwise, as for "squared_error", ½‖o - y‖². Raises as `forward` does, and
    where the loss itself overflows.
    """
    task = checked_task(params, inputs, targets, **keywords)
    outputs = states(task.parameters, task.inputs, task.activation).outputs
    return total_loss(task, task.loss.evaluate(outputs, task.targets)[0])


def gradients(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for θ = W, U, V, b, c, h0, each of the shape and dtype of its parameter.

    Raises as `forward` does, and where a gradient overflows, naming it.
    """
    task = checked_task(params, inputs, targets, **keywords)
    trajectory = states(task.parameters, task.inputs, task.activation)
    _, unreduced = task.loss.evaluate(trajectory.outputs, task.targets, out=trajectory.outputs)
    return _gradients(task, trajectory, reduced(task, unreduced))


def loss_and_gradients(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> tuple[float, dict[str, Array]]:
    """Return what `loss` and `gradients` do, from one run of the net."""
    task = checked_task(params, inputs, targets, **keywords)
    trajectory = states(task.parameters, task.inputs, task.activation)
    values, unreduced = task.loss.evaluate(trajectory.outputs, task.targets, out=trajectory.outputs)
    return total_loss(task, values), _gradients(task, trajectory, reduced(task, unreduced))


def output_gradients(charge: Charge, outputs: Array) -> Array:
    """Return ∂L/∂o (t,B,p) of the loss as reduced, given the outputs of all steps or of the first t."""
    return reduced(charge, charge.loss.evaluate(outputs, charge.targets[: len(outputs)])[1])


def reduced(charge: Charge, gradient: Array) -> Array:
    """Divide a gradient with respect to the outputs as the reduction asks, in place."""
    if charge.divisor != 1:
        gradient /= charge.divisor
    require_no_overflow_in_time("the gradient of the output", gradient)
    return gradient


@unwarned
def total_loss(charge: Charge, values: Array) -> float:
    """Return the sum of the losses (T,B), divided as the reduction asks; FloatingPointError if it overflows."""
    require_no_overflow_in_time("the loss", values)
    total = values.sum()
    require_no_overflow("the loss", total)
    return float(total / charge.divisor)


@unwarned
def _gradients(task: Task, trajectory: Trajectory, g: Array) -> dict[str, Array]:
    """Return all gradients from g = ∂L/∂o (T,B,p), and leave α in the place of the pre-activations.

    Fresh memory for every sequence would cost as much time as several passes over it: the operating system
    has to clear it.
    """
    a = trajectory.pre_activations
    alpha, delta_0 = adjoints(task.parameters, task.activation, a, g, out=a)
    h = trajectory.hidden_states
    recurrent = cell_gradients(alpha, h[:-1], trajectory.inputs)
    return in_range({**recurrent, **output_layer_gradients(g, h[1:]), "h0": delta_0})
