"""Gradients of a subject against the evaluated statement: balls give the value, `theory.tolerance` the bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from flint import arb_mat

from theory.arithmetic import Balls, Undecided, precision
from theory.comparison import Comparison, agree
from theory.decide import BITS
from theory.evaluation import evaluate
from theory.nets import Net, Task
from theory.notation import At, t
from theory.subject import offered
from theory.tolerance import Tolerances, tolerances
from theory.unroll import Unrolled

N = TypeVar("N", bound=Task)


def in_dtype(net: N, dtype: Any) -> N | None:
    """The net in a float format, or None if one of its numbers does not fit exactly."""
    numbers = net.numbers
    with np.errstate(over="ignore", under="ignore"):
        cast = {name: array.astype(dtype) for name, array in numbers.items()}
    exact = all(np.array_equal(array.astype(np.float64), numbers[name]) for name, array in cast.items())
    return net.with_(**cast) if exact else None


def run(subject: Any, function: str, net: Task) -> Any:
    """Call a function of the subject that takes parameters, inputs and targets."""
    return offered(subject, function)(net.parameters, net.inputs, net.targets, **net.settings)


def in_both_formats(subject: Any, function: str, net: Task) -> Iterator[tuple[str, Any, Tolerances]]:
    """What the subject returns in float64 and, where the instance fits, in float32, with the bounds for each."""
    for dtype in (np.float64, np.float32):
        cast = in_dtype(net, dtype)
        if cast is None:
            continue
        try:
            bounds = tolerances(net, dtype)
        except Undecided:
            if dtype is np.float64:
                raise
            continue
        if all(np.all(np.isfinite(bound)) for bound in bounds.gradients.values()):
            yield np.dtype(dtype).name, run(subject, function, cast), bounds


def total(statement: Any, net: Net) -> arb_mat:
    """The right-hand side in balls, summed over the batch; for h_0 a row for each sequence."""
    with precision(BITS):
        parts = [
            evaluate(statement.rhs, Balls(), Unrolled(sequence, Balls()).environment) for sequence in net.sequences()
        ]
        if isinstance(statement.lhs.args[0], At):
            return arb_mat([part.entries() for part in parts])
        return Balls().sum_time(parts)


def gradient_matches(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``Eq(LossGradient(q), …)`` for a parameter q or q = h_0."""
    quantity = statement.lhs.args[0]
    name = f"{quantity.name}0" if isinstance(quantity, At) else quantity.name
    reference = total(statement, net)
    for dtype, gradients, bounds in in_both_formats(subject, "gradients", net):
        yield agree(f"∂L/∂{name} in {dtype}", gradients[name], reference, bounds.gradients[name])


def adjoint_matches(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``Eq(LossGradient(a_t), …)`` for every t: the share of step t in the gradient of b is α_t."""
    net = net.sequence(0).with_(shared=1)
    with precision(BITS):
        environment = Unrolled(net, Balls()).environment
        rows = [evaluate(statement.rhs, Balls(), environment.bound(t, s)).entries() for s in range(1, net.steps + 1)]
        reference = arb_mat(rows)
    for dtype, shares, bounds in in_both_formats(subject, "contributions", net):
        yield agree(f"∂L/∂a_t in {dtype}", shares["b"], reference, bounds.per_step)
