"""What each earlier step contributes to the gradient of one step's loss, and each copy of a parameter to the whole.

The bound for one step's loss: its backward pass in `Rounded` arithmetic, from the rounded states down to step 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sympy import Eq, Le
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.arithmetic import Balls, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.formats import in_both_formats, in_deciding_formats, rounded_terms, shaped_like
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import (
    Contribution,
    StateJacobian,
    StepLossGradient,
    TimeSum,
)
from backproof.theory.language.notation import T, V, g, h, k, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.immediate import term, through
from backproof.theory.nets.networks import Net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.kernel import Line, line

REACHED = StateJacobian(t, k).T * V.T * g[t]
"""What the loss of step t asks of h_k."""

EARLIER = (Le(1, k), Le(k, t), Le(t, T))
"""Where the steps of the loss and of the term run."""


def summed(parameter: MatrixExpr) -> Eq:
    """``∂L_t/∂θ = Σ_{k=1}^{t} …`` with the immediate derivative of the state by θ, as calculus gives it."""
    return Eq(StepLossGradient(parameter, t), TimeSum(term(parameter), (k, 1, t)), evaluate=False)


ASKED = (
    line(
        "asked of the last state",
        Eq(StepLossGradient(h[t], t), V.T * g[t], evaluate=False),
        "chain rule",
        why="The loss of step t sees h_t through o_t = V h_t + c",
    ),
    line(
        "asked of a state",
        Eq(StepLossGradient(h[k], t), StateJacobian(t, k).T * StepLossGradient(h[t], t), evaluate=False),
        "chain rule",
        why="And h_k through h_t",
    ),
    line(
        "through the Jacobian",
        Eq(StepLossGradient(h[k], t), REACHED, evaluate=False),
        "equals for equals",
        "asked of the last state",
        "asked of a state",
    ),
)
"""What the loss of step t asks of h_k, as lines that proofs start with."""


def contribution_of(parameter: MatrixExpr) -> tuple[Line, Line]:
    """What the copy of θ at step k contributes to ``∂L_t/∂θ``, the last line called "term of θ"."""
    asked = StepLossGradient(h[k], t)
    return (
        line(
            f"contribution of {parameter}",
            Eq(Contribution(parameter, t, k), through(k, asked, parameter), evaluate=False),
            "chain rule",
            why="A copy at step k moves h_k alone, the state before it held fixed",
        ),
        line(
            f"term of {parameter}",
            Eq(Contribution(parameter, t, k), term(parameter), evaluate=False),
            "equals for equals",
            "through the Jacobian",
            f"contribution of {parameter}",
        ),
    )


def sum_of_terms(parameter: MatrixExpr) -> tuple[Line, ...]:
    """``∂L_t/∂θ`` as a sum of terms, the last line called "sum by θ"."""
    copies_, terms_ = (TimeSum(q, (k, 1, t)) for q in (Contribution(parameter, t, k), term(parameter)))
    return (
        *contribution_of(parameter),
        line(
            f"copies of {parameter}",
            Eq(StepLossGradient(parameter, t), copies_, evaluate=False),
            "chain rule",
            why="What the copies of the steps 1 to t contribute adds up",
        ),
        line(
            f"terms of {parameter}",
            Eq(copies_, terms_, evaluate=False),
            "term by term",
            f"term of {parameter}",
        ),
        line(
            f"sum by {parameter}",
            summed(parameter),
            "equals for equals",
            f"terms of {parameter}",
            f"copies of {parameter}",
        ),
    )


@reads(Eq, times=(t,))
def earlier_steps_match(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """Equations for ``∂L_t/∂θ``, of one sequence: what the subject gives for each term and for their sum.

    V and c have no terms to compare; at a single step ``L_1`` is the whole loss, and its gradient by them is compared.
    """
    formats = list(in_deciding_formats(net))
    for late in {(net.steps + 1) // 2, net.steps}:
        reference = _terms(statement, net, late)
        for cast, dtype, whole in formats:
            roundoff = Roundoff.of(dtype)
            radii = rounded_terms(net, late, roundoff)
            got = answer(subject, "contributions_by_distance", cast, step=late)
            for name in reference.keys() & got.keys():
                what = f"∂L_{late}/∂{name} in {np.dtype(dtype).name}"
                yield from _shares(what, got[name], *reference[name], radii[name], roundoff)
            if net.steps == 1:
                gradients = answer(subject, "gradients", cast)
                for name, (_, total) in reference.items():
                    yield agree(f"∂L/∂{name} at a single step", gradients[name], total, whole[name])


def _shares(
    what: str, got: Any, terms: Mapping[int, Any], total: Any, radii: Mapping[int, Any], roundoff: Roundoff
) -> Iterator[Comparison]:
    """Term by term, and their sum, which is rounded once more for each term."""
    for early, value in terms.items():
        yield agree(f"term {early} of {what}", got[early - 1], value, shaped_like(radii[early], got[0]))
    magnitude = np.sum(np.abs(got), axis=0, dtype=np.float64)
    rounding = shaped_like(sum(radii.values()), got[0]) + roundoff.gamma(len(radii)) * magnitude
    yield agree(what, np.sum(got, axis=0, dtype=np.float64), total, rounding)


def _terms(statement: Any, net: Net, late: int) -> dict[str, tuple[dict[int, Any], Any]]:
    """For each parameter, the terms by step and their sum, in balls."""
    found = {}
    with precision(BITS):
        unrolled = Unrolled(net, Balls())
        environment = unrolled.environment.bound(t, late)
        jacobians = {early: unrolled.state_jacobian(late, early) for early in range(late + 1)}
        for part in parts(statement):
            summand, index, lower, upper = part.rhs.args
            terms = {}
            for early in range(environment.integer(lower), environment.integer(upper) + 1):
                here = environment.bound(index, early)
                here[StateJacobian(t, k)] = jacobians[early]
                terms[early] = evaluate(summand, Balls(), here)
            shape = [environment.integer(size) for size in part.rhs.shape]
            total = Balls().sum_time(list(terms.values())) if terms else Balls().zeros(*shape)
            found[part.lhs.args[0].name] = (terms, total)
    return found


@reads(Eq)
def copies(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``∂L/∂θ`` from the copies of θ that the steps use, of one sequence."""
    reference = {}
    with precision(BITS):
        environment = Unrolled(net, Balls()).environment
        for part in parts(statement):
            reference[part.lhs.args[0].name] = evaluate(part.rhs, Balls(), environment)
    for dtype, gradients, bounds in in_both_formats(subject, "gradients", net):
        for name, value in reference.items():
            yield agree(f"∂L/∂{name} in {dtype}", gradients[name], value, bounds.gradients[name])
