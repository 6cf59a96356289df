"""Gated nets: a statement that gives the whole backward pass is run as the algorithm that it is.

Back-propagation through any cell, proved for every horizon by induction on time.

As in `backproof.theory.theorems.gradients._bptt`, S_t is the loss still to come after step t: a function of the states
at t and of the parameters, of which the induction hypothesis gives the partial derivatives. What a quantity q of step t
adds to the loss is followed through the equations that depend on q, entry by entry, with ℓ and S_t undefined. The share
that S_t itself asks of a state is what step t + 1 hands back, which is shown for every step and so for that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb_mat
from sympy import And, Eq, ImmutableMatrix, Symbol, ZeroMatrix
from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.arithmetic import Arithmetic, Balls, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.formats import in_both_formats
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import LossGradient, TimeSum
from backproof.theory.language.notation import At, T, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.cells import GRU, LSTM, Cell
from backproof.theory.nets.networks import Gated
from backproof.theory.nets.passes import charge
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.checkers import Checker, algebra, explicit, undefined_in_every_entry
from backproof.theory.proving.proof import Proof, Step, Unprovable

UNITS = 2
SCOPE = "every horizon, every differentiable loss; matrix calculus at any size, chain rule entry by entry at 2 units"


def lines(cell: Cell, statement: Any) -> Iterator[Step]:
    """Proof lines for the equations of a whole backward pass: adjoints, gradients, initial states."""
    adjoints, gradients, initial = sorted_out(cell, statement)
    for part in adjoints:
        yield Step(
            why=f"{part.lhs.args[0].name}: pulling every adjoint of step t and of step t + 1 back to what it reads",
            relation=Eq(part.rhs, cell.adjoint.recursion(cell.adjoint_of(part.lhs.args[0])), evaluate=False),
            checker=algebra,
            method="matrix calculus, any size",
            shown=part,
        )
    yield Step(
        why="The same by plain partial derivatives of ℓ(o_t) + S_t through all the equations that follow",
        relation=And(*adjoints, evaluate=False),
        checker=lambda _: all(_local(cell, part) and _carried(cell, part) for part in adjoints),
        method="componentwise, 2 units, ℓ and S_t undefined",
        shown=r"\frac{\partial}{\partial q_t} \left( \ell(o_t) + S_t \right)",
    )
    for part in gradients:
        summand, index, lower, upper = part.rhs.args
        parameter = part.lhs.args[0]
        yield Step(
            why=f"{parameter.name}: the share of a step, its adjoint held fixed; and the sum runs from 1 to T",
            relation=Eq(summand.xreplace({index: t}), cell.adjoint.gradients[parameter], evaluate=False),
            checker=_sum_over_all(lower, upper),
            method="matrix calculus, any size",
            shown=part,
        )
    yield Step(
        why="Induction: the chain rule through step t adds exactly these shares to what S_t already gives",
        relation=And(*gradients, evaluate=False),
        checker=lambda _: all(_added(cell, part) for part in gradients),
        method="componentwise, 2 units, ℓ and S_t undefined",
        shown=r"\frac{\partial S_{t-1}}{\partial \theta} = \frac{\partial S_t}{\partial \theta} + \cdots",
    )
    yield Step(
        why="What a step hands back to the states that it read, for every step and so for the first",
        relation=And(*initial, evaluate=False),
        checker=lambda _: all(_handed_back(cell, part) for part in initial),
        method="componentwise, 2 units, ℓ and S_t undefined",
        shown=And(*initial, evaluate=False) if len(initial) > 1 else initial[0],
    )


def _sum_over_all(lower: Any, upper: Any) -> Checker:
    """Algebra, where the sum has every step."""
    return algebra if (lower, upper) == (1, T) else lambda _: False


def sorted_out(cell: Cell, statement: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """The equations for adjoints, latest first, for parameters, and for initial states.

    Raises
    ------
    Unprovable
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
        raise Unprovable(f"the statement gives no gradient by {missing[0]}")
    adjoints, gradients, initial = ([known[q] for q in kind] for kind in needed)
    if not all(isinstance(part.rhs, TimeSum) for part in gradients):
        raise Unprovable("a gradient by a parameter is not given as a sum over the steps")
    return adjoints, gradients, initial


@lru_cache(maxsize=256)
def _followed(cell: Cell, start: MatrixExpr) -> tuple[dict[Any, Any], ImmutableMatrix, dict[Any, Any]]:
    """What depends on ``start``: values in fresh symbols, the gradient of ℓ(o_t) + S_t, and S_t's own partials."""
    moving: dict[Any, Any] = {}
    for lhs, rhs in cell.equations:
        if lhs != start and any(rhs.has(q) for q in (start, *moving)):
            moving[lhs] = explicit(rhs, UNITS, moving)
    asked = {state[t]: _partials(state.base.name) for state in cell.states}
    output = moving.get(cell.output[t], explicit(cell.output[t], UNITS))
    entries = [entry for state in asked for entry in moving.get(state, explicit(state, UNITS))]
    hypothesis = [entry for column in asked.values() for entry in column]
    loss = undefined_in_every_entry("l", list(_partials("g", len(output))))(*output) + undefined_in_every_entry(
        "S", hypothesis
    )(*entries)
    variable = explicit(start, UNITS)
    gradient = ImmutableMatrix(*variable.shape, [loss.diff(entry) for entry in variable])
    return moving, gradient, asked


def _partials(name: str, count: int = UNITS) -> ImmutableMatrix:
    return ImmutableMatrix(count, 1, [Symbol(f"d_{name}_{i}") for i in range(count)])


def _claimed(cell: Cell, expression: MatrixExpr, moving: dict[Any, Any]) -> ImmutableMatrix:
    """An expression in adjoints at step t, each standing for the gradient that it is, in the symbols of ``start``."""
    values: dict[Any, Any] = {}
    for lhs, _ in cell.equations:
        adjoint = cell.adjoint_of(lhs)
        if expression.has(adjoint):
            values[adjoint] = _followed(cell, lhs)[1]
    below = {s: v for q, matrix in moving.items() for s, v in zip(explicit(q, UNITS), matrix, strict=True)}
    result = explicit(expression, UNITS, values)
    return ImmutableMatrix(*result.shape, [entry.xreplace(below) for entry in result])


def _same(left: ImmutableMatrix, right: ImmutableMatrix) -> bool:
    return left.shape == right.shape and all((x - y).expand() == 0 for x, y in zip(left, right, strict=True))


def _terms(rhs: MatrixExpr) -> tuple[MatrixExpr, MatrixExpr]:
    """What comes through step t, and what step t + 1 hands back, moved to step t."""
    terms = rhs.args if isinstance(rhs, MatAdd) else (rhs,)
    later = [term for term in terms if any(q.time == t + 1 for q in term.atoms(At))]
    local = [term for term in terms if term not in later]
    zero = ZeroMatrix(*rhs.shape)
    return MatAdd(zero, *local).doit(), MatAdd(zero, *later).doit().subs(t, t - 1)


def _local(cell: Cell, part: Any) -> bool:
    """Whether the claim without its carried share is what step t itself gives."""
    quantity = part.lhs.args[0]
    moving, gradient, asked = _followed(cell, quantity)
    own = asked.get(quantity, ImmutableMatrix.zeros(*gradient.shape))
    return _same(gradient - own, _claimed(cell, _terms(part.rhs)[0], moving))


def _carried(cell: Cell, part: Any) -> bool:
    """Whether the carried share is what a step hands back to the state before it; nothing for what is no state."""
    quantity, later = part.lhs.args[0], _terms(part.rhs)[1]
    if quantity not in [state[t] for state in cell.states]:
        return isinstance(later, ZeroMatrix)
    moving, gradient, _ = _followed(cell, quantity.subs(t, t - 1))
    return _same(gradient, _claimed(cell, later, moving))


def _added(cell: Cell, part: Any) -> bool:
    summand, index = part.rhs.args[:2]
    moving, gradient, _ = _followed(cell, part.lhs.args[0])
    return _same(gradient, _claimed(cell, summand.xreplace({index: t}), moving))


def _handed_back(cell: Cell, part: Any) -> bool:
    claimed = part.rhs.xreplace({q: At(q.args[0], t - 1 + q.time) for q in part.rhs.atoms(At)})
    moving, gradient, _ = _followed(cell, At(part.lhs.args[0].args[0], t - 1))
    return _same(gradient, _claimed(cell, claimed, moving))


LSTM_GRADIENTS = Proof(scope=SCOPE, lines=lambda statement: lines(LSTM, statement))
GRU_GRADIENTS = Proof(scope=SCOPE, lines=lambda statement: lines(GRU, statement))


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
