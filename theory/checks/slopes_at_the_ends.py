"""Limits of slopes against a subject: by the tail bounds, ``4 exp(−|z|)`` is all that may be left at z."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import And, Eq, Limit, Subs, exp, oo, simplify, tanh

from theory.activations import logistic, z
from theory.arithmetic import Undecided
from theory.cases import Case
from theory.checks.slopes import _slope_of, slope_matches
from theory.comparison import Comparison, agree
from theory.proofs.slopes_at_the_ends import at, limit_of
from theory.proofs.spectra import parts


def name_of(expression: Any) -> str:
    """Which activation of a subject is meant."""
    return "sigmoid" if expression.has(logistic) else "tanh" if expression.has(tanh) else "relu"


def limits_match(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """Slopes at the argument itself, and, for limits, at the same distance on the side that is meant."""
    for part in parts(statement):
        name, argument = name_of(part.lhs), float(case[z])
        far = isinstance(part.lhs, Limit)
        if far:
            argument = abs(argument) * (1 if part.lhs.args[2] == oo else -1)
        for dtype in (np.float64, np.float32):
            got = np.asarray(_slope_of(subject, name)(np.array([[argument]], dtype=dtype)), dtype=np.float64)
            left = 4 * np.exp(-abs(argument)) * (1 + 8 * np.finfo(dtype).eps) if far else 0.0
            what = f"slope of {name} at {argument} in {np.dtype(dtype).name}"
            yield agree(what, got, np.array([[float(part.rhs)]]), np.array([[left]]))


def tail_matches(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """As `slope_matches`; a statement on a place that is left open is for no single argument to settle."""
    if not isinstance(statement, And):
        raise Undecided("the statement is not about the slope at the argument of the instance")
    yield from slope_matches(statement, subject, case)


@dataclass(frozen=True)
class Everywhere:
    """Every positive value of the symbols of a statement."""

    words: str

    def __repr__(self) -> str:
        """As it is described."""
        return self.words


def beyond(statement: Any, instance: Everywhere) -> bool | None:
    """``Eq(σ′ at a place, 0)``, at every place of that form: False if the slope is a quotient of positive terms."""
    if not isinstance(statement, Eq) or not isinstance(statement.lhs, Subs) or statement.rhs != 0:
        return None
    derivative, variables, places = statement.lhs.args
    value = simplify(derivative.expr.rewrite(exp).diff(*variables)).subs(dict(zip(variables, places, strict=True)))
    return False if value.is_positive is True else None


def by_limits(statement: Any, case: Case) -> bool | None:
    """The statement with SymPy's limits, and with slopes at the argument of the case."""
    for part in parts(statement):
        value = limit_of(part.lhs) if isinstance(part.lhs, Limit) else at(part.lhs, case[z])
        if value != part.rhs:
            return False if value.is_number else None
    return True
