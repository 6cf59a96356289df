"""The instances at which the lines of a theorem's proof are looked at: drawn, exact, and such as break an assumption.

Those that break one are as good for the lines that do not rest on it; so a line that leaves out an assumption which it
needs is found out.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from sympy import Eq

from backproof.theory.arithmetic import Balls, NotOffered, Undecided, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.notation import At, k, t
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.second_points import Ground
from backproof.theory.records.second_values import symbols_of

INSTANCES = 12
"""How many instances are drawn for a theorem."""

NOT_HERE = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, ValueError)
"""What an evaluation raises where the point does not exist, as a time beyond the last step."""


def grounds_of(theorem: Theorem) -> list[Ground]:
    """Instances by turns drawn and named by the record, those that any arithmetic can evaluate."""
    named = [*theorem.certified, *theorem.without.values()]
    named += [theorem.attained] if theorem.attained is not None else []
    drawn = sorted(_drawn(theorem), key=lambda one: getattr(one, "steps", 2) < 2)
    order = [one for pair in zip(drawn, named, strict=False) for one in pair]
    order += drawn[len(named) :] + named[len(drawn) :]
    return [ground for ground in (_ground(theorem, one) for one in order) if _has_values(ground)]


def _ground(theorem: Theorem, instance: Any) -> Ground:
    return Ground(
        instance=instance,
        statement=theorem.statement,
        met=frozenset(assumption.name for assumption in theorem.assumptions if _meets(assumption, instance)),
        sequences=theorem.sequences,
        definitions=tuple(theorem.definitions.values()),
    )


def _has_values(ground: Ground) -> bool:
    try:
        with precision(BITS):
            ground.environment(Balls())
    except (NotOffered, Undecided, TypeError, *NOT_HERE):
        return False
    return True


def _drawn(theorem: Theorem) -> list[Any]:
    """Instances of the theorem's own strategy, the same in every run; the simplest comes last, as it says least.

    A strategy that fails is for the search to report.
    """
    found: list[Any] = []
    configured = settings(
        max_examples=INSTANCES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )

    def collect(instance: Any) -> None:
        found.append(instance)

    with suppress(Exception):
        hypothesis.seed(1)(configured(given(theorem.instances)(collect)))()
    return found[::-1]


def _meets(assumption: Assumption, instance: Any) -> bool:
    try:
        return bool(assumption.holds(instance))
    except (TypeError, *NOT_HERE):
        return False


def usable(theorem: Theorem, ground: Ground, assumed: frozenset[str]) -> bool:
    """Whether an instance meets the assumptions, and gives a value to everything that they speak of."""
    if not ground.met >= assumed:
        return False
    environment = ground.given
    defined = {says.lhs for says in theorem.definitions.values() if isinstance(says, Eq)}
    named = {left.name for left in defined if isinstance(left, At)} | set(theorem.sequences)
    for assumption in theorem.assumptions:
        if assumption.name in assumed and assumption.says is not None:
            unknown = symbols_of((assumption.says,)) - {*assumption.every, *environment, *defined, t, k}
            sequences = {quantity.name for quantity in assumption.says.atoms(At)} - named
            if unknown or not all(ground.knows(name) for name in sequences):
                return False
    return True
