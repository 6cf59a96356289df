"""Gated nets: a statement that gives the whole backward pass is run as the algorithm that it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import arb_mat

from theory.arithmetic import Arithmetic, Balls, precision
from theory.checks.gradients import in_both_formats
from theory.comparison import Comparison, agree
from theory.decide import BITS
from theory.evaluation import evaluate
from theory.nets import Gated
from theory.notation import t
from theory.passes import charge
from theory.proofs.gated import sorted_out
from theory.unroll import Unrolled


def backward(statement: Any, net: Gated, arithmetic: Arithmetic) -> dict[str, Any]:
    """Every gradient of one sequence by the statement's equations alone, from the last step to the first."""
    cell = net.cell
    adjoints, gradients, initial = sorted_out(cell, statement)
    unrolled, charged = Unrolled(net, arithmetic), charge(net)
    environment = unrolled.environment
    size = net.sizes[2]
    later = {cell.adjoint_of(part.lhs.args[0]): arithmetic.zeros(size, 1) for part in adjoints}
    after = {lhs.subs(t, t + 1): arithmetic.zeros(size, 1) for lhs, _ in cell.equations}  # any values: nothing asks
    terms: dict[str, list[Any]] = {part.lhs.args[0].name: [] for part in gradients}
    for step in range(net.steps, 0, -1):
        here = environment.bound(t, step)
        if step == net.steps:
            here.update(after)
        for adjoint, value in later.items():
            here[adjoint.subs(t, t + 1)] = value
        here[cell.adjoint_of(cell.output[t])] = charged(arithmetic, here)
        for part in adjoints:
            here[cell.adjoint_of(part.lhs.args[0])] = evaluate(part.rhs, arithmetic, here)
        later = {adjoint: here[adjoint] for adjoint in later}
        for part in gradients:
            summand, _, lower, upper = part.rhs.args
            if environment.integer(lower) <= step <= environment.integer(upper):
                terms[part.lhs.args[0].name].append(evaluate(summand, arithmetic, here))
    found = {}
    for part in gradients:
        rows, columns = (environment.integer(number) for number in part.rhs.shape)
        values = terms[part.lhs.args[0].name]
        found[part.lhs.args[0].name] = arithmetic.sum_time(values) if values else arithmetic.zeros(rows, columns)
    first = environment.copy()
    for adjoint, value in later.items():
        first[adjoint.subs(t, 1)] = value
    return found | {f"{part.lhs.args[0].name}0": evaluate(part.rhs, arithmetic, first) for part in initial}


def gradients_match(statement: Any, subject: Any, net: Gated) -> Iterator[Comparison]:
    """Every gradient of the subject against the statement, in float64 and, where the instance fits, in float32."""
    with precision(BITS):
        parts = [backward(statement, sequence, Balls()) for sequence in net.sequences()]
        reference = {name: Balls().sum_time([part[name] for part in parts]) for name in parts[0]}
        for name in net.initial:
            reference[name] = arb_mat([part[name].entries() for part in parts])
    for dtype, gradients, bounds in in_both_formats(subject, f"{net.kind}_gradients", net):
        for name, value in reference.items():
            yield agree(f"∂L/∂{name} in {dtype}", gradients[name], value, np.asarray(bounds.gradients[name]))
