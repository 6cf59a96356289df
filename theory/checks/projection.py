"""Clipping by norm as a projection: what a subject does once and twice, by the rule that a statement contains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq

from theory.arithmetic import Balls, Roundoff, Undecided, precision
from theory.cases import Case
from theory.checks.clipping import FORMATS, _entry_bound, as_matrix, epsilon, fits, gradients, in_format, relative
from theory.checks.exact import settled
from theory.comparison import Comparison, agree
from theory.decide import BITS, environments
from theory.evaluation import evaluate
from theory.notation import m, n
from theory.proofs.projection import G, H
from theory.subject import offered


def projects(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The subject clips G, H and what it has clipped by the rule of the statement; the statement at the instance."""
    rules = [part.rhs for part in statement.args if isinstance(part, Eq)]
    if len(rules) != 1:
        raise Undecided("the statement does not say how to clip")
    with precision(BITS):
        (environment,) = environments(case, Balls(), statement)
        wanted = {X: evaluate(rules[0].xreplace({G: X}), Balls(), environment) for X in (G, H)}
    for dtype in filter(lambda one: fits(case, one), FORMATS):
        roundoff, word = Roundoff.of(dtype), np.dtype(dtype).name
        slack = relative(case, (G,), roundoff)
        for X, reference in wanted.items():
            once = offered(subject, "clip_by_norm")(in_format(case, (X,), dtype), case[epsilon]).gradients
            twice = offered(subject, "clip_by_norm")(once, case[epsilon]).gradients
            for name, got, times in (("clipped", once, 1), ("clipped twice", twice, 2)):
                bound = _entry_bound(reference, 2 * times * slack, roundoff)
                yield agree(f"{name} {X} in {word}", as_matrix(got[X.name]), reference, bound)
    yield from settled(statement, subject, case)


def _apart(case: Case) -> Case:
    """H moved away from G where the two are one."""
    if case[G] != case[H]:
        return case
    given = {symbol: value for symbol, value in case.items() if symbol not in (n, m)}
    return Case({**given, H: [[entry + case[epsilon] for entry in row] for row in case[H]]})


two_gradients = st.builds(_apart, gradients(epsilon, G, H, exponents=(0, 0, 8, -8, 40, -40)))
