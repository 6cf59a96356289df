"""A statement that gives the whole backward pass of a cell, run as the algorithm that it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Eq

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.formats import in_both_formats
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import LossGradient, TimeSum
from backproof.theory.language.notation import t, x
from backproof.theory.language.relations import parts
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.network import Network
from backproof.theory.nets.networks import Gated
from backproof.theory.nets.passes import as_rows, charge, of_the_batch
from backproof.theory.nets.recurrent import Recurrent
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled

Check = Callable[[Any, Any, Any], Iterator[Comparison]]


def sorted_out(cell: Cell, statement: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """The equations for adjoints, latest first, for parameters, and for initial states and, if there is one, inputs.

    Raises
    ------
    ValueError
        If one is missing.
    """
    known = {part.lhs.args[0]: part for part in parts(statement) if isinstance(part.lhs, LossGradient)}
    needed = (
        [lhs for lhs, _ in reversed(cell.equations) if lhs != cell.output[t]],
        list(cell.parameters),
        [*(state[0] for state in cell.states), *(q for q in known if q == x[t])],
    )
    wanted = [q for kind in needed for q in kind]
    missing = [q for q in wanted if q not in known]
    if missing:
        raise ValueError(f"the statement gives no gradient by {missing[0]}")
    strange = [q for q in known if q not in wanted]
    if strange:
        raise ValueError(f"the statement gives a gradient by {strange[0]}, which is not read")
    adjoints, gradients, initial = ([known[q] for q in kind] for kind in needed)
    if not all(isinstance(part.rhs, TimeSum) for part in gradients):
        raise ValueError("a gradient by a parameter is not given as a sum over the steps")
    return adjoints, gradients, initial


def backward(statement: Any, unrolled: Unrolled) -> dict[str, Any]:
    """Every gradient of one sequence by the statement's equations alone, from the last step to the first.

    That of the inputs, if the statement gives it, as a list of columns. Only the pass forward of ``unrolled`` is read.
    """
    net, arithmetic, cell = unrolled.net, unrolled.arithmetic, unrolled.cell
    adjoints, gradients, rest = sorted_out(cell, statement)
    environment, charged = unrolled.environment, charge(net)
    shapes = {lhs: arithmetic.shape(unrolled.series[lhs.name][1]) for lhs, _ in cell.equations}
    later = {cell.adjoint_of(lhs): arithmetic.zeros(*shape) for lhs, shape in shapes.items() if lhs != cell.output[t]}
    last = {q: unrolled.series[q.name][net.steps] for q in (*shapes, *(told[t] for told in cell.given))}
    after = {q.subs(t, t + 1): value for q, value in last.items()}  # any values: nothing comes in there
    terms: dict[str, list[Any]] = {part.lhs.args[0].name: [] for part in gradients}
    pulled: list[Any] = []
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
        pulled[:0] = [evaluate(part.rhs, arithmetic, here) for part in rest if part.lhs.args[0] == x[t]]
    found = {}
    for part in gradients:
        rows, columns = (environment.integer(number) for number in part.rhs.shape)
        values = terms[part.lhs.args[0].name]
        found[part.lhs.args[0].name] = arithmetic.sum_time(values) if values else arithmetic.zeros(rows, columns)
    first = environment.copy()
    for adjoint, value in later.items():
        first[adjoint.subs(t, 1)] = value
    initial = [part for part in rest if part.lhs.args[0] != x[t]]
    found |= {f"{part.lhs.args[0].name}0": evaluate(part.rhs, arithmetic, first) for part in initial}
    return {**found, "inputs": pulled} if pulled else found


@reads(Eq)
def gradients_match(statement: Any, subject: Any, net: Gated) -> Iterator[Comparison]:
    """Every gradient of the subject against the statement, in float64 and, where the instance fits, in float32."""
    with precision(BITS):
        each = [backward(statement, sequence) for sequence in _forward(net)]
        reference = of_the_batch(Balls(), each, net.initial)
    for dtype, gradients, bounds in in_both_formats(subject, f"{net.kind}_gradients", net):
        for name, value in reference.items():
            yield agree(f"∂L/∂{name} in {dtype}", gradients[name], value, np.asarray(bounds.gradients[name]))


def of_cell(name: str) -> Check:
    """The check of a theorem on the gradients of the cell that subjects know by this name, in float64.

    They are asked for ``cell_gradients(name, parameters and first states and what else steps are told, inputs, what
    comes in at the outputs, what comes in at the last states)``, which is nothing here.
    """

    @reads(Eq)
    def match(statement: Any, subject: Any, run: Recurrent) -> Iterator[Comparison]:
        with precision(BITS):
            each = [backward(statement, sequence) for sequence in _forward(run)]
            reference = of_the_batch(Balls(), each, run.initial)
            if "inputs" in each[0]:
                steps = range(run.steps)
                reference["inputs"] = as_rows(Balls(), [one["inputs"][step] for step in steps for one in each])
        radii = _radii(run)
        given = {key: array.copy() for key, array in {**run.parameters, **run.given}.items()}
        got = offered(subject, "cell_gradients")(name, given, run.inputs.copy(), run.targets.copy(), {})
        for key, value in reference.items():
            found, bound = np.asarray(got[key]), np.asarray(radii[key])
            if key == "inputs" and found.shape == bound.shape:
                found, bound = (array.reshape(-1, array.shape[-1]) for array in (found, bound))
            yield agree(f"∂L/∂{key}", found, value, bound)

    return match


@lru_cache(maxsize=32)  # the siblings of a statement are all confronted with the same few runs
def _forward(run: Network) -> tuple[Unrolled, ...]:
    """The pass forward of each sequence, in balls of `BITS` bits."""
    return tuple(Unrolled(sequence, Balls()) for sequence in run.sequences())


@lru_cache(maxsize=32)
def _radii(run: Recurrent) -> dict[str, Any]:
    """How far correct code may be off in each gradient, that of the inputs among them."""
    bounds = tolerances(run)
    return {**bounds.gradients, "inputs": bounds.inputs}
