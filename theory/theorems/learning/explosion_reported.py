"""Gradients that leave the range of floats are noticed as they do, and nothing that is not finite is learned."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Gt, Integer, Piecewise

from backproof.theory.nets.networks import net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HIGHAM, SLIDES, TRAINING_RNNS
from backproof.theory.theorems.learning._alarms import (
    Omega,
    alarm,
    growing_nets,
    heard,
    largest,
    nothing_cancels,
    reported,
)


def rings(condition: Any) -> Any:
    """The alarm rings just where the condition holds."""
    return Eq(alarm, Piecewise((1, condition), (0, True)), evaluate=False)


def _quiet(weight: float, steps: int) -> Any:
    """One unit at rest."""
    return net(W=[[weight]], V=[[1], [0]], inputs=[[0]] * steps)


uncancelled = Assumption(
    name="nothing cancels",
    text="no row or column of W or V has two entries that are not 0, and every state is 0",
    holds=nothing_cancels,
)
cancelling = net(W=[[2.0**600, 0], [-(2.0**600), 0]], V=[[2.0**500, 2.0**500], [0, 0]], inputs=[[0, 0]] * 2)
"""What the loss asks of the two states is the same, and W takes their difference: in floats that is ∞ − ∞."""

THEOREM = Theorem(
    title="An explosion is noticed",
    words="In nets at rest in which nothing cancels the training loop reports an explosion just where the true "
    "gradient leaves the range of floats, however large or small it is elsewhere, and keeps its parameters finite.",
    sources=(
        TRAINING_RNNS.at("gradient explosion: overflow"),
        SLIDES.at("exploding gradients"),
        HIGHAM.at("section 2.1, the range of floating point numbers"),
    ),
    statement=rings(Gt(largest, Omega)),
    instances=growing_nets(),
    check=reported,
    decide=heard,
    assumptions=(uncancelled,),
    without={uncancelled: cancelling},
    certified=(_quiet(2.0, 3), _quiet(2.0**600, 2), _quiet(2.0**600, 3)),
    mutants={
        "from one on": rings(Gt(largest, 1)),
        "where the square overflows": rings(Gt(largest**2, Omega)),
        "always": Eq(alarm, 1, evaluate=False),
        "never": Eq(alarm, Integer(0), evaluate=False),
    },
    examples=100,
)
