"""Judging claims: the literal reading runs through a theorem's proof and check, and its witness must certify."""

from __future__ import annotations

from collections.abc import Mapping

from referee.judge import Bench, source
from reports.record import SOUND, ClaimRecord, ReadingRecord, TheoremRecord, WitnessRecord
from theory.catalogue import theorem as find
from theory.proof import attempt
from theory.records import Claim, Reading
from theory.typeset import tex


def judge_claim(claim: Claim, theorems: Mapping[str, TheoremRecord], bench: Bench) -> ClaimRecord:
    """The record of one claim; the theorems it names have been judged before."""
    readings = tuple(judge_reading(reading, theorems, bench) for reading in claim.readings)
    problems = _problems(claim, readings, theorems)
    failing = [reading for reading in readings if not reading.holds]
    verdict = "failed" if problems else (claim.failing_means if failing else "holds")
    return ClaimRecord(
        id=claim.id,
        source=source(claim.source),
        words=claim.words,
        mapping=claim.mapping,
        verdict=verdict,  # type: ignore[arg-type]
        why=claim.why,
        readings=readings,
        theorems=tuple(dict.fromkeys(reading.theorem for reading in claim.readings)),
        problems=tuple(problems),
    )


def judge_reading(reading: Reading, theorems: Mapping[str, TheoremRecord], bench: Bench) -> ReadingRecord:
    """Whether the literal reading holds, by every kind of evidence that its theorem has."""
    theorem = find(reading.theorem)
    if reading.statement is None:
        sound = theorems[reading.theorem].verdict in SOUND
        rejected = () if sound else ("theorem",)
        return ReadingRecord(
            tex=tex(theorem.statement), theorem=reading.theorem, holds=sound, rejected_by=rejected, witness=None
        )
    rejected_by = []
    if theorem.proof is not None and not attempt(theorem.proof, reading.statement).closed:
        rejected_by.append("proof")
    found = bench.search(theorem, reading.statement, shrink=False)
    if found.counterexample is not None and not found.crashed:
        rejected_by.append("property")
    witness = None
    if reading.witness is not None:
        fails = (reading.decide or theorem.decide)(reading.statement, reading.witness)
        detail = "the reading certainly fails here" if fails is False else f"the decision at this instance is {fails}"
        witness = WitnessRecord(name="reading", text=repr(reading.witness), certified=fails is False, detail=detail)
        if fails is False:
            rejected_by.append("witness")
    return ReadingRecord(
        tex=tex(reading.statement),
        theorem=reading.theorem,
        holds=not rejected_by and found.passes,
        rejected_by=tuple(rejected_by),
        witness=witness,
    )


def _problems(claim: Claim, readings: tuple[ReadingRecord, ...], theorems: Mapping[str, TheoremRecord]) -> list[str]:
    problems = []
    for reading in readings:
        if theorems[reading.theorem].verdict not in SOUND:
            problems.append(f"The theorem {reading.theorem} does not stand.")
        elif not reading.holds and (reading.witness is None or not reading.witness.certified):
            kinds = ", ".join(reading.rejected_by)
            problems.append(f"A reading of {claim.id} fails ({kinds}), but no witness certifies it.")
        elif reading.witness is not None and not reading.witness.certified:
            problems.append(f"The witness against {claim.id} does not certify: {reading.witness.detail}.")
    return problems
