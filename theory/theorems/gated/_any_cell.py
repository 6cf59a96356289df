"""Gated nets: a statement that gives the whole backward pass is proved, and run as the algorithm that it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sympy import Eq

from backproof.theory.arithmetic import Arithmetic, Balls, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.formats import in_both_formats
from backproof.theory.confronting.reading import reads
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import LossGradient, TimeSum
from backproof.theory.language.notation import t
from backproof.theory.language.relations import parts
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.networks import Gated
from backproof.theory.nets.passes import charge, of_the_batch
from backproof.theory.nets.unrolled import Unrolled


def sorted_out(cell: Cell, statement: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """The equations for adjoints, latest first, for parameters, and for initial states.

    Raises
    ------
    ValueError
        If one is missing.
    """
    known = {part.lhs.args[0]: part for part in parts(statement) if isinstance(part.lhs, LossGradient)}
    needed = (
        [lhs for lhs, _ in reversed(cell.equations) if lhs != cell.output[t]],
        list(cell.parameters),
        [state[0] for state in cell.states],
    )
    missing = [q for kind in needed for q in kind if q not in known]
    if missing:
        raise ValueError(f"the statement gives no gradient by {missing[0]}")
    adjoints, gradients, initial = ([known[q] for q in kind] for kind in needed)
    if not all(isinstance(part.rhs, TimeSum) for part in gradients):
        raise ValueError("a gradient by a parameter is not given as a sum over the steps")
    return adjoints, gradients, initial


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


@reads(Eq)
def gradients_match(statement: Any, subject: Any, net: Gated) -> Iterator[Comparison]:
    """Every gradient of the subject against the statement, in float64 and, where the instance fits, in float32."""
    with precision(BITS):
        each = [backward(statement, sequence, Balls()) for sequence in net.sequences()]
        reference = of_the_batch(Balls(), each, net.initial)
    for dtype, gradients, bounds in in_both_formats(subject, f"{net.kind}_gradients", net):
        for name, value in reference.items():
            yield agree(f"∂L/∂{name} in {dtype}", gradients[name], value, np.asarray(bounds.gradients[name]))
