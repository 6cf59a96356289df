"""Slopes of activations far from 0, confronted with a subject's.

The check asks the subject for its slope at a large |z| and grants it the distance to the limit that the tail bounds of
the sigmoid leave, ``4 exp(−|z|)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import And, Derivative, Eq, Limit, Max, Subs, exp, limit, oo, simplify

from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.reading import reads
from backproof.theory.instances.values import Case
from backproof.theory.language.display import Displayed
from backproof.theory.language.functions import activation_in, z
from backproof.theory.language.relations import all_of, parts
from backproof.theory.theorems.activations._slopes import slope_matches, slope_of

modulus = Max(z, -z)


def limit_of(node: Limit) -> Any:
    """The limit of a derivative, taken by SymPy of quotients of exponentials."""
    derivative, variable, end, *_ = node.args
    return limit(simplify(derivative.expr.rewrite(exp).diff(variable)), variable, end)


def at(derivative: Derivative, place: Any) -> Any:
    """The value of a derivative where its variable takes this value."""
    return derivative.doit().subs(z, place)


def together(*relations: Any) -> And:
    """The conjunction, left as it is written."""
    return And(*relations, evaluate=False)


@reads(Eq)
def limits_match(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """Slopes at the argument itself, and, for limits, at the same distance on the side that is meant."""
    for part in parts(statement):
        name, argument = activation_in(part.lhs).name, float(case[z])
        far = isinstance(part.lhs, Limit)
        if far:
            argument = abs(argument) * (1 if part.lhs.args[2] == oo else -1)
        for dtype in (np.float64, np.float32):
            got = np.asarray(slope_of(subject, name)(np.array([[argument]], dtype=dtype)), dtype=np.float64)
            left = 4 * np.exp(-abs(argument)) * (1 + 8 * np.finfo(dtype).eps) if far else 0.0
            what = f"slope of {name} at {argument} in {np.dtype(dtype).name}"
            yield agree(what, got, np.array([[float(part.rhs)]]), np.array([[left]]))


def tail_matches(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """Like `slope_matches`, for a conjunction.

    Raises
    ------
    Undecided
        Where the statement fixes no point, since one input cannot settle it.
    """
    if not isinstance(statement, And):
        raise Undecided("the statement is not about the slope at the argument of the instance")
    yield from slope_matches(statement, subject, case)


@dataclass(frozen=True)
class Everywhere(Displayed):
    """Every positive value of the symbols of a statement; ``words`` say so to a reader."""

    words: str

    @property
    def in_words(self) -> str:
        """The description itself."""
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
    return all_of(_by_limit(part, case) for part in parts(statement))


def _by_limit(part: Any, case: Case) -> bool | None:
    if not isinstance(part, Eq):
        return None
    value = limit_of(part.lhs) if isinstance(part.lhs, Limit) else at(part.lhs, case[z])
    if value == part.rhs:
        return True
    return False if value.is_number else None
