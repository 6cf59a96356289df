"""What each kind of evidence has to say against a theorem, in sentences; silence is assent.

The report asks for every kind at once and keeps the records; pytest asks for one kind at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from referee.property import Search
from reports.record import MeasurementRecord, MutantRecord, ProofRecord, WitnessRecord
from theory.records import Theorem

if TYPE_CHECKING:
    from referee.judge import Bench


_ENOUGH = 20  # instances that show whether the subject offers what a check needs


def of_proof(proof: ProofRecord | None) -> list[str]:
    """An open proof."""
    if proof is None or proof.closed:
        return []
    return [f"The proof does not close: {proof.obstacle}."]


def of_search(found: Search) -> list[str]:
    """A counterexample, or no instance at all."""
    if found.counterexample is not None:
        return [f"A counterexample was found: {found.message}; at {found.counterexample}."]
    if found.offered and found.examples == 0:
        return [found.message or "Vacuous: no instance meets the assumptions."]
    return []


def of_deviation(found: Search, why: str) -> list[str]:
    """A deviation that was foreseen and did not show."""
    if found.counterexample is not None and not found.crashed:
        return []
    if not found.offered:
        return []
    return [f"The subject was known to deviate ({why}), but no instance shows it: {found.message or 'it passes'}."]


def of_mutants(mutants: Sequence[MutantRecord]) -> list[str]:
    """Wrong siblings that get through."""
    missed = [m for m in mutants if not m.killed]
    return [
        f"The wrong sibling {m.name!r} is not rejected by the {' or the '.join(m.missed_by) or 'run'}." for m in missed
    ]


def of_assumptions(sharp: Sequence[WitnessRecord]) -> list[str]:
    """Assumptions that no certified witness shows to be needed."""
    return [f"Without {w.name!r}: {w.detail}." for w in sharp if not w.certified]


def of_certified(uncertified: Sequence[str]) -> list[str]:
    """Exact instances at which the statement could not be decided to hold."""
    return [f"Not certified at {case}." for case in uncertified]


def of_measurement(measured: MeasurementRecord | None) -> list[str]:
    """An effect that was not shown."""
    if measured is None or measured.shown:
        return []
    return [f"The effect is not shown: {measured.low:.4g} to {measured.high:.4g}, claimed {measured.effect}."]


def problems_of(theorem: Theorem, kind: str, bench: Bench) -> list[str] | None:
    """Gather one kind of evidence; None if the subject does not offer what it needs."""
    from referee import judge

    if kind == "proof":
        return of_proof(judge.proved(theorem))
    deviation = bench.known_deviation(theorem)
    if kind == "property":
        found = bench.search(theorem, theorem.statement)
        if deviation is not None:
            return of_deviation(found, deviation)
        return [*of_search(found), *judge.diagnosed(found, bench.subject)] if found.offered else None
    if kind == "mutants":
        asked = deviation is None and bench.search(theorem, theorem.statement, only=_ENOUGH).offered
        if not asked and theorem.proof is None:
            return None
        return of_mutants([judge.mutant(theorem, name, bench, asked) for name in theorem.mutants])
    if kind == "assumptions":
        return of_assumptions([judge.needed(theorem, assumption) for assumption in theorem.assumptions])
    if kind == "certified":
        return of_certified(judge.certify(theorem)[1])
    if kind == "measurement":
        measured = judge.measurement(theorem, bench)
        return None if measured is None else of_measurement(measured)
    raise ValueError(f"unknown kind of evidence {kind!r}")
