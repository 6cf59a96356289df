"""Linearity over the steps: the loss is a sum, so its gradient is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq, Function, Sum, Symbol

from theory.nodes import LossGradient, StepLossGradient, TimeSum
from theory.notation import T
from theory.proof import Proof, Step, Unprovable


def linear(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(LossGradient(q), TimeSum(StepLossGradient(q, t), (t, 1, T)))``, one or several."""
    for part in statement.args if isinstance(statement, And) else (statement,):
        if not isinstance(part.lhs, LossGradient) or not isinstance(part.rhs, TimeSum):
            raise Unprovable("the statement does not give a gradient as a sum over the losses")
        quantity = part.lhs.args[0]
        index = part.rhs.args[1]
        yield Step(
            why=f"{quantity}: each step's loss is differentiated by itself, and steps run from 1 to T",
            relation=Eq(part.rhs, TimeSum(StepLossGradient(quantity, index), (index, 1, T)), evaluate=False),
            checker=lambda relation: relation.lhs == relation.rhs,
            method="exact",
            shown=part,
        )
    q, step = Symbol("q"), Symbol("t", integer=True)
    charged = Function("L")(q, step)
    yield Step(
        why="The derivative of a finite sum of undefined functions L_t(q) is the sum of the derivatives",
        relation=Eq(Sum(charged, (step, 1, T)).diff(q), Sum(charged.diff(q), (step, 1, T)), evaluate=False),
        checker=lambda relation: relation.lhs == relation.rhs,
        method="exact, any number of steps",
    )


LINEAR = Proof(scope="every horizon, every differentiable loss of any parameters", lines=linear)
