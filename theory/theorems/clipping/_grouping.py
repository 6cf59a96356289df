"""One gradient handed to a subject in three groupings: by parameter, all entries in one tensor, each in its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from flint import arb, arb_mat
from sympy import Eq, Max, sqrt

from backproof.theory.arithmetic import Balls, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.values import Case
from backproof.theory.theorems.clipping._rules import (
    FORMATS,
    A,
    B,
    entry_bound,
    epsilon,
    fits,
    in_format,
    relative,
)

GROUPINGS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "by parameter": lambda tensors: dict(tensors),
    "all at once": lambda tensors: {"all": np.concatenate([np.ravel(g) for g in tensors.values()])},
    "one by one": lambda tensors: {
        f"{name}[{i}]": entry.reshape(1) for name, g in tensors.items() for i, entry in enumerate(np.ravel(g))
    },
}


@reads(Eq)
def whichever_grouping(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """An equation for the squared norm: at the instance, and by clipping every grouping by the norm that it gives."""
    yield from settled(statement, subject, case)
    with precision(BITS):
        (environment,) = case.environments(Balls(), statement)
        norm = evaluate(sqrt(statement.rhs), Balls(), environment)
        factor = evaluate(epsilon / Max(epsilon, sqrt(statement.rhs)), Balls(), environment)
    for dtype in filter(lambda one: fits(case, one), FORMATS):
        tensors, roundoff = in_format(case, (A, B), dtype), Roundoff.of(dtype)
        slack = relative(case, (A, B), roundoff)
        with precision(BITS):
            entries = [factor * arb(float(x)) for g in tensors.values() for x in np.ravel(g)]
            kept = bool(norm * (1 + slack) < case[epsilon])
            bound = entry_bound(arb_mat(1, len(entries), entries), 0.0 if kept else slack, roundoff)
            room = float((norm * slack).upper())
        for name, grouped in GROUPINGS.items():
            result = offered(subject, "clip_by_norm")(grouped(tensors), case[epsilon])
            got = np.concatenate([np.ravel(g) for g in result.gradients.values()])[None]
            what = f"{name} in {np.dtype(dtype).name}"
            yield agree(f"clipped {what}", got, arb_mat(1, len(entries), entries), bound)
            yield at_most(f"|norm {what} − ‖g‖|", float(abs(arb(float(result.norm)) - norm).upper()), room)
