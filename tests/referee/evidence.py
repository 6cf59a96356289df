"""What each kind of evidence has to say against a theorem, in sentences; silence is assent.

The report asks for every kind at once and keeps the records; pytest asks for one kind at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

from backproof.referee.property import Search
from backproof.reports.proof_record import ProofRecord
from backproof.reports.record import MachineRecord, MeasurementRecord, MutantRecord, WitnessRecord


def of_proof(proof: ProofRecord | None) -> list[str]:
    """An open proof."""
    if proof is None or proof.closed:
        return []
    return [f"The proof does not close: {proof.obstacle}."]


def of_search(found: Search) -> list[str]:
    """A counterexample, or no instance at all."""
    if found.crashed:
        return [f"An instance could not be evaluated: {found.message}; at {found.counterexample}."]
    if found.counterexample is not None:
        return [f"A counterexample was found: {found.message}; at {found.counterexample}."]
    if found.offered and found.examples == 0:
        return [found.message or "Vacuous: no instance meets the assumptions."]
    if found.offered and found.too_open:
        return [f"Undecided at {found.undecided} instances, more than the {found.examples} that were decided."]
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


def of_machine_made(made: Sequence[MachineRecord]) -> list[str]:
    """Siblings that are certainly false at an instance, and that something accepts all the same."""
    return [
        f"Certainly false, and accepted by the {' and the '.join(m.accepted_by)}: {m.change}; at {m.instance}."
        for m in made
        if m.outcome == "accepted"
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
