"""Judging claims: the literal reading runs through a theorem's proof and check, and its witness must certify."""

from __future__ import annotations

from collections.abc import Mapping

from backproof.referee.judge import Bench, source, witness_record
from backproof.reports.record import SOUND, ClaimRecord, NotOfferedRecord, ReadingRecord, TheoremRecord
from backproof.theory.language.typeset import tex
from backproof.theory.records import derivations
from backproof.theory.records.catalogue import theorem as find
from backproof.theory.records.records import Claim, Reading


def judge_claim(claim: Claim, theorems: Mapping[str, TheoremRecord], bench: Bench) -> ClaimRecord | NotOfferedRecord:
    """The record of one claim; the theorems it names have been judged before, those that the subject offers."""
    missing = [reading.theorem for reading in claim.readings if reading.theorem not in theorems]
    if missing:
        why = f"nothing can be said of {missing[0]} on this subject"
        return NotOfferedRecord(id=claim.id, title=claim.words, subject=bench.name, why=why)
    told = [judge_reading(reading, theorems, bench) for reading in claim.readings]
    readings = tuple(reading for reading in told if reading is not None)
    if len(readings) < len(told):
        why = "the subject does not offer what a reading needs, and no proof or witness settles it"
        return NotOfferedRecord(id=claim.id, title=claim.words, subject=bench.name, why=why)
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


def judge_reading(reading: Reading, theorems: Mapping[str, TheoremRecord], bench: Bench) -> ReadingRecord | None:
    """Whether the literal reading holds, by every kind of evidence that its theorem has; None if there is none."""
    theorem = find(reading.theorem)
    if reading.statement is None:
        sound = theorems[reading.theorem].verdict in SOUND
        rejected = () if sound else ("theorem",)
        return ReadingRecord(
            tex=tex(theorem.statement), theorem=reading.theorem, holds=sound, rejected_by=rejected, witness=None
        )
    rejected_by = []
    proves = derivations.proves(theorem, reading.statement) if theorem.proof is not None else None
    if proves is False:
        rejected_by.append("proof")
    found = bench.search(theorem, reading.statement, shrink=False)
    asked = found.offered and bench.known_deviation(reading.theorem) is None
    if found.counterexample is not None and not found.crashed and asked:
        rejected_by.append("property")
    witness = None
    if reading.witness is not None:
        fails = (reading.decide or theorem.decide)(reading.statement, reading.witness)
        detail = "the reading certainly fails here" if fails is False else f"the decision at this instance is {fails}"
        witness = witness_record("reading", reading.witness, certified=fails is False, detail=detail)
        if fails is False:
            rejected_by.append("witness")
    if not asked and theorem.proof is None and witness is None:
        return None
    return ReadingRecord(
        tex=tex(reading.statement),
        theorem=reading.theorem,
        holds=not rejected_by and (found.passes or not asked),
        rejected_by=tuple(rejected_by),
        witness=witness,
    )


def _problems(claim: Claim, readings: tuple[ReadingRecord, ...], theorems: Mapping[str, TheoremRecord]) -> list[str]:
    problems = []
    for reading in readings:
        if theorems[reading.theorem].verdict not in SOUND:
            problems.append(f"The theorem {reading.theorem} does not stand.")
        elif not reading.holds and (reading.witness is None or not reading.witness.certified):
            kinds = ", ".join(reading.rejected_by) or "not shown"
            problems.append(f"A reading of {claim.id} does not hold ({kinds}), and no witness certifies that it fails.")
        elif reading.witness is not None and not reading.witness.certified:
            problems.append(f"The witness against {claim.id} does not certify: {reading.witness.detail}.")
    return problems
