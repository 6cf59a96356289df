"""Losses by name or by the user's expression, and how the losses of steps and sequences are added up.

A loss is charged at each step's output o_t, with a target y_t. What a step counts for is a weight: a reduction gives
each of them as an exact number, and what the user says of single steps multiplies it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import OneMatrix, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.evaluation.understood import obstacle
from backproof.theory.language.declared import as_declared
from backproof.theory.language.functions import LOSSES, UPSTREAM, Loss, softplus
from backproof.theory.language.notation import o, p, t, y
from backproof.theory.language.validation import text
from backproof.theory.nets.calculus import NotDifferentiable, pull_back
from backproof.theory.nets.equations import CellError


@as_declared
def loss(name: str, value: MatrixExpr) -> Loss:
    """A loss from its value at one step, a 1 by 1 expression in ``o[t]`` and ``y[t]``; its gradient is derived.

    Raises
    ------
    CellError
        If it is no 1 by 1 expression in the two, or has no derivative, or is not understood.
    TypeError
        If it is no expression of matrices.
    """
    text("name", name)
    if value.shape != (1, 1):
        raise CellError(f"{name}: a loss is 1 by 1, like (o[t] - y[t]).T * (o[t] - y[t])")
    strange = [s for s in value.free_symbols - {t, o.base, y.base, p} if isinstance(s, Symbol | MatrixExpr)]
    if strange:
        raise CellError(f"{name}: a loss reads o[t] and y[t], and not {strange[0]}")
    problem = obstacle(value)
    if problem:
        raise CellError(f"{name}: {problem}")
    try:
        gradient = pull_back(value, o[t], OneMatrix(1, 1))
    except NotDifferentiable as missing:
        raise CellError(f"{name}: {missing}") from missing
    return Loss(name=name, value=value, gradient=gradient, classes=False, bounded=False)


CHARGED: Mapping[str, Loss] = {
    one.name: one
    for one in (
        UPSTREAM,
        *LOSSES.values(),
        replace(LOSSES["cross_entropy"], name="soft_cross_entropy", classes=False),
        loss("binary_cross_entropy", OneMatrix(1, p) * o[t].applyfunc(softplus) - y[t].T * o[t]),
        loss("sum_of_squares", (o[t] - y[t]).T * (o[t] - y[t])),
    )
}
"""The losses that have a name; of "cross_entropy" targets are classes, of the others columns."""

Valid = NDArray[np.bool_]


Weights = NDArray[Any]


def _each(of: Callable[[Valid], Fraction]) -> Callable[[Valid], Weights]:
    """The same weight for every valid step."""
    return lambda valid: valid * np.array(of(valid), dtype=object)


def _by_sequence(valid: Valid) -> Weights:
    counts = [Fraction(1, max(int(column.sum()), 1) * len(valid.T)) for column in valid.T]
    weights: Weights = valid * np.array(counts, dtype=object)
    return weights


def _last(valid: Valid) -> Weights:
    later = np.cumsum(valid[::-1], axis=0)[::-1]
    return _each(lambda _: Fraction(1))(valid & (later == 1))


REDUCTIONS: Mapping[str, Callable[[Valid], Weights]] = {
    "sum": _each(lambda valid: Fraction(1)),
    "mean": _each(lambda valid: Fraction(1, valid.size)),
    "mean over valid steps": _each(lambda valid: Fraction(1, max(int(valid.sum()), 1))),
    "mean over the batch": _each(lambda valid: Fraction(1, valid.shape[1])),
    "mean of the sequences' means": _by_sequence,
    "last": _last,
}
"""What each step of each sequence counts for, of which steps are valid (T, B)."""
