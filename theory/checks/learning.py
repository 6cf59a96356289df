"""What a subject's gradients teach about each word, and what its training loop notices, against statements on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sympy import Eq, Ge, Gt, Le

from theory.arithmetic import Balls, Roundoff, Undecided, precision
from theory.checks.shares import equations, in_deciding_formats, rounded_terms
from theory.comparison import Comparison, agree, at_most, truth
from theory.decide import BITS, environments
from theory.evaluation import evaluate
from theory.nets import Net
from theory.nodes import Contribution
from theory.notation import t
from theory.subject import offered


def contributions_satisfy(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Relations between norms of contributions and numbers, at the last step and at the middle one.

    Each contribution is compared with its value, and the relation is held against what the subject returned: a norm
    moves by no more than the norm of an error.
    """
    net = getattr(instance, "net", instance)
    for late in sorted({(net.steps + 1) // 2, net.steps} if t in statement.free_symbols else {net.steps}):
        for cast, dtype, _ in in_deciding_formats(net):
            with precision(BITS):
                yield from _at_step(statement, subject, instance, cast, dtype, late)


def _at_step(statement: Any, subject: Any, instance: Any, cast: Net, dtype: Any, late: int) -> Iterator[Comparison]:
    shares = offered(subject, "contributions_by_distance")(
        cast.parameters, cast.inputs, cast.targets, step=late, **cast.settings
    )
    radii = rounded_terms(getattr(instance, "net", instance), late, Roundoff.of(dtype))
    exact = next(environments(instance, Balls(), Eq(0, 0, evaluate=False))).bound(t, late)
    returned, slack = exact.copy(), 0.0
    for node in statement.atoms(Contribution):
        parameter, _, early = node.args
        step, name = exact.integer(early), parameter.name
        got, radius = np.asarray(shares[name][step - 1], np.float64), np.asarray(radii[name][step])
        yield agree(f"term {step} of ∂L_{late}/∂{name}", got, evaluate(node, Balls(), exact), radius.reshape(got.shape))
        returned[node] = Balls().matrix(got if got.ndim == 2 else got[:, None])
        slack += float(np.sum(radius))  # at least their norm, whose squares might underflow
    for part in equations(statement):
        left, right = (evaluate(side, Balls(), returned) for side in part.args)
        yield _related(part, left, right, slack)


def _related(part: Any, left: Any, right: Any, slack: float) -> Comparison:
    low, high = float(Balls().scalar(left).lower()), float(Balls().scalar(right).upper())
    if isinstance(part, Le):
        return at_most(str(part), low, high, slack)
    if isinstance(part, Ge):
        return at_most(str(part), float(Balls().scalar(right).lower()), float(Balls().scalar(left).upper()), slack)
    gap = float(Balls().scalar(left - right))
    if isinstance(part, Eq):
        return at_most(f"the sides of {part}", abs(gap), 0.0, slack)
    if not abs(gap) > slack:
        raise Undecided(f"the sides of {part} are within rounding of each other")
    return truth(f"{part}, sides {low:.3g} and {high:.3g}", gap > 0 if isinstance(part, Gt) else gap < 0)
