"""Gradients of a 1 by 1 expression by a column: by matrix calculus, and the same for equal expressions."""

from __future__ import annotations

from typing import Any

from sympy import Eq, exp, log, tanh
from sympy.core.function import Function
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import Gradient, OpenFunction
from backproof.theory.nets.calculus import NotDifferentiable, pull_back
from backproof.theory.proving.kernel import Frame, Granted, Line, Sequent, rule
from backproof.theory.proving.normal_form import same

SMOOTH = (OpenFunction, exp, log, logistic, tanh)


@rule("gradient")
def gradient(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """The gradient of an expression of smooth functions, by matrix calculus; all but the column is held fixed."""
    if premises or not isinstance(line.says, Eq) or not isinstance(line.says.lhs, Gradient):
        return None
    value, column = line.says.lhs.args
    if value.shape != (1, 1) or column.shape[1] != 1 or not all(map(_smooth, value.atoms(ElementwiseApplyFunction))):
        return None
    try:
        return Granted() if same(pull_back(value, column, Identity(1)), line.says.rhs) else None
    except NotDifferentiable:
        return None


def _smooth(applied: ElementwiseApplyFunction) -> bool:
    return all(isinstance(function, SMOOTH) for function in applied.function.expr.atoms(Function))


@rule("gradient of equals")
def gradient_of_equals(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """Expressions that are equal whatever the column is have one gradient by it.

    That they are may not rest on what is assumed of the column, on a definition of it, or on the equations of a net.
    """
    (equal,) = premises
    if not all(isinstance(claim, Eq) for claim in (line.says, equal.says)):
        return None
    left, right = line.says.args
    if not all(isinstance(side, Gradient) for side in (left, right)) or left.args[1] != right.args[1]:
        return None
    column = left.args[1]
    told = frame.fixed(premises).union(*(says.free_symbols for says in frame.context.definitions.values()))
    of_a_net = any(mark == "theorem" or mark.startswith("cell ") for mark in equal.marks)
    if of_a_net or not _varies(column, told):
        return None
    return Granted() if all(same(a.args[0], b) for a, b in zip((left, right), equal.says.args, strict=True)) else None


def _varies(column: Any, told: frozenset[Any]) -> bool:
    """Whether nothing is told of a column, which is a symbol or a quantity at a time."""
    base = column.args[0] if hasattr(column, "time") else column
    return base.is_symbol and base not in told
