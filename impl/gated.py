"""A cell with an output layer and a loss: what the LSTM and the GRU are made of, whatever the cell.

The output is o_t = V h_t + c, as in the Elman net, with V (p,n) and c (p,). First states are (B,n), zero if left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from backproof.impl import through_time
from backproof.impl.arrays import Array, require_no_overflow_in_time, unwarned
from backproof.impl.cell import Cell, Run
from backproof.impl.checks import check_shape
from backproof.impl.elman import output_gradients, total_loss
from backproof.impl.recurrence import rows
from backproof.impl.settings import OutputKeywords
from backproof.impl.shapes import check_names, check_shapes, checked_format
from backproof.impl.sums import in_range, output_layer_gradients
from backproof.impl.validation import checked_charge


def checked_arrays(cell: Cell, params: Mapping[str, Array], inputs: Array) -> dict[str, Array]:
    """Check parameters against inputs (T,B,m), and fill in first states that are left out with zeros.

    Raises TypeError or ValueError naming the argument that is wrong.
    """
    shapes = cell.shapes | {"V": "pn", "c": "p"}
    firsts = [f"{state}0" for state in cell.states]
    check_names(params, shapes, firsts)
    dtype = checked_format(params, inputs, like=next(iter(shapes)))
    sizes = check_shapes(shapes, params, {"m": inputs.shape[2]})
    first = (inputs.shape[1], sizes["n"])
    arrays = {name: np.zeros(first, dtype) for name in firsts} | dict(params)
    for name in firsts:
        check_shape(f"params[{name!r}]", arrays[name], first)
    return arrays


def gated_forward(cell: Cell, params: Mapping[str, Array], inputs: Array) -> tuple[Run, Array]:
    """Run a cell on inputs (T,B,m), and return its run and the outputs (T,B,p).

    Raises FloatingPointError naming the step at which a pre-activation or an output overflows, and TypeError or
    ValueError naming the argument that is wrong.
    """
    return _run(cell, checked_arrays(cell, params, inputs), inputs)


def gated_loss(
    cell: Cell, params: Mapping[str, Array], inputs: Array, targets: NDArray[Any], **keywords: Unpack[OutputKeywords]
) -> float:
    """Return the loss over time and batch. Raises as `gated_forward` does, and where the loss itself overflows."""
    arrays = checked_arrays(cell, params, inputs)
    charge = checked_charge(targets, (*inputs.shape[:2], len(arrays["c"])), inputs.dtype, **keywords)
    return total_loss(charge, charge.loss.evaluate(_run(cell, arrays, inputs)[1], targets)[0])


def gated_gradients(
    cell: Cell, params: Mapping[str, Array], inputs: Array, targets: NDArray[Any], **keywords: Unpack[OutputKeywords]
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter and first state, each of the shape and dtype of its parameter.

    Raises as `gated_forward` does, and where a gradient overflows, naming it.
    """
    arrays = checked_arrays(cell, params, inputs)
    charge = checked_charge(targets, (*inputs.shape[:2], len(arrays["c"])), inputs.dtype, **keywords)
    run, outputs = _run(cell, arrays, inputs)
    g = output_gradients(charge, outputs)
    found = _back(run, g, arrays["V"])
    del found["x"]
    return in_range(found | output_layer_gradients(g, run.output))


@unwarned
def _run(cell: Cell, arrays: Mapping[str, Array], inputs: Array) -> tuple[Run, Array]:
    steps, batch, _ = inputs.shape
    run = through_time.forward(cell, arrays, inputs, [batch] * steps)
    outputs: Array = np.matmul(rows(run.output), arrays["V"].T).reshape(steps, batch, -1)
    outputs += arrays["c"]
    require_no_overflow_in_time("the output", outputs)
    return run, outputs


@unwarned
def _back(run: Run, g: Array, V: Array) -> dict[str, Array]:
    return through_time.back(run, np.matmul(rows(g), V).reshape(run.output.shape), {})
