"""Any cell over time: forward from first to last step, and back, with all sums over time and batch.

Sequences of a batch may end at different steps. They come sorted, the longest first, so that those which run at a step
are the first of the batch; no step looks at padding, and what is kept there stays 0.

Only what waits for its neighbour in time is done step by step. Products with inputs, slopes and sums over time are
taken for all steps at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backproof.impl.arrays import Array, require_no_overflow_in_time, unwarned
from backproof.impl.cell import Cell, Run, Values
from backproof.impl.recurrence import rows
from backproof.impl.scans import scanned_back, scanned_forward
from backproof.impl.sums import add_to


@unwarned
def forward(cell: Cell, arrays: Values, inputs: Array, active: Sequence[int]) -> Run:
    """Run a cell on inputs (T,B,m) that are 0 after the end of a sequence; `active` as `Run` has it.

    `arrays` holds the parameters, the first states (B,n) under names like "h0", and what is given (T,B,n).
    Raises FloatingPointError naming the step at which a pre-activation or a state overflows. An infinite pre-activation
    saturates to finite states; it counts as overflow all the same.
    """
    weights = cell.stacked(arrays)
    values = {"x": inputs, **{name: arrays[name] for name in cell.given}, **_input_products(cell, weights, inputs)}
    states = {}
    for name in cell.states:
        first = arrays[f"{name}0"]
        states[name] = np.zeros((len(inputs) + 1, *first.shape), first.dtype)
        states[name][0] = first
        values |= {name: states[name][1:], f"{name}_before": states[name][:-1]}
    run = Run(cell=cell, weights=weights, values=values, states=states, active=active)
    (scanned_forward if cell.scanned else _stepped_forward)(run)
    for name in dict.fromkeys((*(linear.into for linear in cell.linear), *cell.states)):
        if name in values:
            require_no_overflow_in_time("the hidden state", values[name])
    return run


def _input_products(cell: Cell, weights: Values, inputs: Array) -> dict[str, Array]:
    """What x is multiplied into (T,B,k), by name, with the biases that stand beside it."""
    found = {}
    for into, terms in cell.ahead.items():
        products = [term.times(weights[term.name], rows(inputs)) for term in terms if term.by]
        summed = products[0]
        for other in (*products[1:], *(weights[term.name] for term in terms if not term.by)):
            summed += other
        found[into] = summed.reshape(*inputs.shape[:2], summed.shape[1])
    return found


def _stepped_forward(run: Run) -> None:
    """Fill in the values of a run, step by step."""
    cell, values = run.cell, run.values
    read = dict(values)
    for t in range(len(run.active)):
        _kept(values, cell.forward(run.weights, _at(read, run, t)), run, t)


def _at(values: Values, run: Run, t: int) -> dict[str, Array]:
    """The values of the sequences that take part in a step."""
    k = run.active[t]
    if k == run.active[0]:
        return {name: value[t] for name, value in values.items()}
    return {name: value[t, :k] for name, value in values.items()}


def _kept(series: dict[str, Array], found: Values, run: Run, t: int) -> None:
    """Write what a step found into the series (T,B,…) of its name, which is 0 where there was no step."""
    for name, value in found.items():
        if name not in series:
            series[name] = np.zeros((len(run.active), run.active[0], *value.shape[1:]), value.dtype)
        series[name][t, : len(value)] = value


@unwarned
def back(run: Run, upstream: Array, last: Values) -> dict[str, Array]:
    """Return ∂L/∂ of the parameters, the first states (B,n) as "h0", and the inputs (T,B,m) as "x".

    `upstream` (T,B,k) is ∂L/∂output from above, whatever it holds after the end of a sequence; `last` is ∂L/∂q (B,n)
    after the last step, for some states or all.
    Raises FloatingPointError naming the step, counted from the last, at which an adjoint overflows.
    """
    cell, values, weights = run.cell, run.values, run.weights
    after = {name: np.array(last.get(name, np.zeros_like(states[0]))) for name, states in run.states.items()}
    adjoints = (scanned_back if cell.scanned else _stepped_back)(run, upstream, after)
    pulled = adjoints.pop("x", np.zeros_like(values["x"]))
    for linear in cell.linear:
        if linear.by == "x":
            pulled = pulled + linear.handed_back(weights[linear.name], adjoints[linear.into])
    for adjoint in adjoints.values():
        require_no_overflow_in_time("the gradient of the pre-activation", adjoint, backward=True)
    found: dict[str, Array] = {}
    for linear in cell.linear:
        add_to(found, linear.gradients(adjoints[linear.into], values))
    return found | {f"{name}0": handed for name, handed in after.items()} | {"x": pulled}


def _stepped_back(run: Run, upstream: Array, after: dict[str, Array]) -> dict[str, Array]:
    """Return the adjoints (T,B,…) by name, and leave in `after` what is handed back to the first states (B,n)."""
    cell = run.cell
    values = run.values if cell.local is None else {**run.values, **cell.local(run.values)}
    adjoints: dict[str, Array] = {}
    for t in range(len(run.active) - 1, -1, -1):
        k = run.active[t]
        # A sequence that ended before is not among the first k: what comes in at its end waits in `after`.
        come = {name: value[:k] for name, value in after.items()}
        own = upstream[t, :k]
        come[cell.output] = come[cell.output] + own if cell.output in come else own
        before, found = cell.back(run.weights, _at(values, run, t), come)
        for name, handed in after.items():
            handed[:k] = before[name]
        _kept(adjoints, found, run, t)
    return adjoints
