"""Judging the siblings that no one wrote: those that are certainly false somewhere must be rejected by everything.

A sibling is false if an instance says so: an exact or ball decision, in which the theorem's own functions have no part.
Then its proof must not prove it, and its own ``decide`` and ``check`` must not accept it there. A sibling for which no
such instance is found is undecided: many a change of a true statement is true as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from backproof.referee.blind import decides, margins
from backproof.reports.record import MachineRecord, WitnessRecord
from backproof.theory.arithmetic import Arithmetic, Balls, NotOffered, Rationals, Undecided, precision
from backproof.theory.confronting.settling import settled
from backproof.theory.evaluation import Environment
from backproof.theory.evaluation.relations import holds
from backproof.theory.evaluation.truth import BITS, Instance, decide
from backproof.theory.language.relations import parts
from backproof.theory.language.typeset import tex
from backproof.theory.records import derivations
from backproof.theory.records.records import Theorem
from backproof.theory.records.siblings import Sibling, machine_made

CHANCES = 5
"""At fewer instances a check may pass a false sibling if its margins move: it has read it, and rounding may hide it."""

NOT_THERE = (ArithmeticError, AttributeError, LookupError, NotImplementedError, TypeError, ValueError)
"""What an evaluation raises where a statement has no value: a step after the last, a matrix without inverse."""


class Point:
    """An instance with its environments, which the siblings of a theorem share: unrolling a net takes longest."""

    def __init__(self, instance: Any) -> None:
        self.instance = instance
        self._environments: dict[Any, list[Environment]] = {}

    def breaks(self, statement: Any) -> bool:
        """Whether the statement is certainly false here, at one of the times that it speaks of."""
        verdicts = list(self._verdicts(statement, Rationals()))
        if not verdicts or None in verdicts:
            with precision(BITS):
                verdicts += self._verdicts(statement, Balls())
        return False in verdicts

    def _verdicts(self, statement: Any, arithmetic: Arithmetic) -> Iterator[bool | None]:
        for environment in self._within(arithmetic, statement):
            try:
                verdict = holds(statement, arithmetic, environment)
            except (NotOffered, Undecided):
                verdict = None
            except NOT_THERE:
                continue
            yield verdict
            if verdict is not True:
                return

    def _within(self, arithmetic: Arithmetic, statement: Any) -> list[Environment]:
        key = type(arithmetic), _free(statement)
        if key not in self._environments:
            try:
                self._environments[key] = list(self.instance.environments(arithmetic, statement))
            except (NotOffered, Undecided, *NOT_THERE):
                self._environments[key] = []
        return self._environments[key]


@lru_cache(maxsize=1024)
def _free(statement: Any) -> frozenset[Any]:
    """The free symbols, which SymPy collects anew each time that it is asked."""
    return frozenset(statement.free_symbols)


def points(theorem: Theorem, sample: Iterable[Any]) -> list[Point]:
    """Where siblings are tried: the theorem's exact instances, the one at which a bound is attained, and a sample."""
    named = [*theorem.certified, *([] if theorem.attained is None else [theorem.attained])]
    meeting = [one for one in named if all(assumption.holds(one) for assumption in theorem.assumptions)]
    return [Point(instance) for instance in (*meeting, *sample) if isinstance(instance, Instance)]


def machine_siblings(
    theorem: Theorem, subject: Any, sample: Iterable[Any], sharp: Iterable[WitnessRecord], *, asked: bool = True
) -> tuple[MachineRecord, ...]:
    """What became of each sibling; the subject is left out where it is known to deviate, or offers nothing."""
    places = points(theorem, sample)
    changed = (_judged(theorem, sibling, subject, places, asked) for sibling in machine_made(theorem.statement))
    return (*changed, *(_dropped(witness) for witness in sharp))


def _judged(theorem: Theorem, sibling: Sibling, subject: Any, places: list[Point], asked: bool) -> MachineRecord:
    ours = set(parts(theorem.statement))
    new = [part for part in sibling.parts if part not in ours]
    false = (place.instance for place in places if any(place.breaks(part) for part in new))
    first = next(false, None)
    if first is None:
        return MachineRecord(kind=sibling.kind, change=sibling.change, tex=tex(sibling.changed), outcome="undecided")
    accepting = tuple(_accepting(theorem, sibling, subject, first, false, asked))
    return MachineRecord(
        kind=sibling.kind,
        change=sibling.change,
        tex=tex(sibling.changed) if accepting else "",
        outcome="accepted" if accepting else "rejected",
        instance=repr(first),
        accepted_by=accepting,
    )


def _accepting(
    theorem: Theorem, sibling: Sibling, subject: Any, first: Any, others: Iterator[Any], asked: bool
) -> Iterator[str]:
    """The kinds of evidence that speak for a sibling which is false at these instances."""
    if theorem.proof is not None and derivations.proves_each(theorem, sibling.parts):
        yield "proof"
    if theorem.decide is not decide and decides(theorem, sibling.statement, first) is True:
        yield "decide"
    if asked and theorem.check is not settled:
        tried = []
        for instance in islice(chain([first], others), CHANCES):  # which looks for the next one only if this one passes
            if margins(theorem, sibling.statement, subject, instance) is None:
                return
            tried.append(instance)
        if not (len(tried) < CHANCES and all(_moved(theorem, sibling.statement, subject, one) for one in tried)):
            yield "check"


def _moved(theorem: Theorem, sibling: Any, subject: Any, instance: Any) -> bool:
    """Whether a check's margins on a sibling are others than on the statement itself."""
    return margins(theorem, sibling, subject, instance) != margins(theorem, theorem.statement, subject, instance)


def _dropped(witness: WitnessRecord) -> MachineRecord:
    """The statement without an assumption: false where a certified witness breaks that assumption alone."""
    return MachineRecord(
        kind="assumption",
        change=f"without {witness.name!r}",
        outcome="rejected" if witness.certified else "undecided",
        instance=witness.text if witness.certified else None,
    )
