"""Clipping by norm as the projection onto a ball: instances of two gradients, and what a subject does with them.

The check clips once and twice, by the rule that the statement contains.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq, MatrixSymbol

from backproof.theory.arithmetic import Balls, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.language.notation import m, n
from backproof.theory.language.relations import parts
from backproof.theory.theorems.clipping._rules import (
    FORMATS,
    as_matrix,
    entry_bound,
    epsilon,
    fits,
    in_format,
    relative,
)

G, H = MatrixSymbol("G", n, m), MatrixSymbol("H", n, m)


def projects(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The subject clips G, H and what it has clipped by the rule of the statement; the statement at the instance."""
    rules = [part.rhs for part in parts(statement) if isinstance(part, Eq)]
    if len(rules) != 1:
        raise Undecided("the statement does not say how to clip")
    with precision(BITS):
        (environment,) = case.environments(Balls(), statement)
        wanted = {X: evaluate(rules[0].xreplace({G: X}), Balls(), environment) for X in (G, H)}
    for dtype in filter(lambda one: fits(case, one), FORMATS):
        roundoff, word = Roundoff.of(dtype), np.dtype(dtype).name
        slack = relative(case, (G,), roundoff)
        for X, reference in wanted.items():
            once = offered(subject, "clip_by_norm")(in_format(case, (X,), dtype), case[epsilon]).gradients
            twice = offered(subject, "clip_by_norm")(once, case[epsilon]).gradients
            for name, got, times in (("clipped", once, 1), ("clipped twice", twice, 2)):
                bound = entry_bound(reference, 2 * times * slack, roundoff)
                yield agree(f"{name} {X} in {word}", as_matrix(got[X.name]), reference, bound)
    yield from settled(statement, subject, case)


def _apart(case: Case) -> Case:
    """H moved away from G where the two are one."""
    if case[G] != case[H]:
        return case
    return case.with_({H: [[entry + case[epsilon] for entry in row] for row in case[H]]})


two_gradients = st.builds(_apart, gradient_tensors(epsilon, G, H, exponents=(0, 0, 8, -8, 40, -40)))
