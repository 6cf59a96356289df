"""Judging claims: readings run through a theorem's proof and check, and a witness must certify that one fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backproof.referee.corrections import UNSUITED, correction, given
from backproof.referee.dependence import dependence
from backproof.referee.judge import Bench, source, witness_record
from backproof.reports.record import (
    SOUND,
    ClaimRecord,
    DependenceRecord,
    NotOfferedRecord,
    ReadingRecord,
    TheoremRecord,
    WitnessRecord,
)
from backproof.theory.arithmetic import Undecided
from backproof.theory.language.typeset import tex
from backproof.theory.proving.equality import alike
from backproof.theory.records import derivations
from backproof.theory.records.catalogue import theorem as find
from backproof.theory.records.records import Assumption, Claim, Reading, Theorem


def judge_claim(claim: Claim, theorems: Mapping[str, TheoremRecord], bench: Bench) -> ClaimRecord | NotOfferedRecord:
    """The record of one claim; the theorems it names have been judged before, those that the subject offers."""
    missing = [reading.theorem for reading in claim.readings if reading.theorem not in theorems]
    if missing:
        why = f"nothing can be said of {missing[0]} on this subject"
        return NotOfferedRecord(id=claim.id, title=claim.words, subject=bench.name, why=why)
    named = tuple(dict.fromkeys(reading.theorem for reading in claim.readings))
    told = [judge_reading(reading, {id: theorems[id] for id in named}, bench) for reading in claim.readings]
    readings = tuple(reading for reading in told if reading is not None)
    if len(readings) < len(told):
        why = "the subject does not offer what a reading needs, and no proof or witness settles it"
        return NotOfferedRecord(id=claim.id, title=claim.words, subject=bench.name, why=why)
    problems = _problems(claim, readings, theorems)
    depends = tuple(found for one in claim.depends if (found := dependence(one, bench.subject)) is not None)
    return ClaimRecord(
        id=claim.id,
        source=source(claim.source),
        words=claim.words,
        mapping=claim.mapping,
        verdict="failed" if problems else verdict(readings, depends),  # type: ignore[arg-type]
        why=claim.why,
        readings=readings,
        theorems=named,
        problems=tuple(problems),
        depends=depends,
    )


def verdict(readings: tuple[ReadingRecord, ...], depends: tuple[DependenceRecord, ...]) -> str:
    """Holds if nothing fails; corrected if a theorem, or a value of a setting, says where what fails is true."""
    failing = [reading for reading in readings if not reading.holds]
    outcomes = {at.outcome for one in depends for at in one.grid} or {"holds"}
    if "holds" not in outcomes or any(reading.correction is None for reading in failing):
        return "refuted"
    return "corrected" if failing or outcomes != {"holds"} else "holds"


def premises_of(reading: Reading, theorem: Theorem) -> tuple[Any, ...]:
    """What a reading supposes: where it says what the theorem says and supposes nothing, what the theorem assumes."""
    own = reading.statement is None or alike(reading.statement, theorem.statement)
    return theorem.assumptions if own and not reading.premises else reading.premises


def judge_reading(reading: Reading, theorems: Mapping[str, TheoremRecord], bench: Bench) -> ReadingRecord | None:
    """Whether the premises give the conclusion, by every kind of evidence there is; None if there is none.

    ``theorems`` are those that may correct the reading; that of the reading itself is asked first.
    """
    theorem = find(reading.theorem)
    conclusion = theorem.statement if reading.statement is None else reading.statement
    premises = premises_of(reading, theorem)
    told: dict[str, Any] = {
        "tex": tex(conclusion),
        "theorem": reading.theorem,
        "premises": tuple(premise_tex(one) for one in premises),
    }
    if reading.statement is None and reading.witness is None:
        sound = theorems[reading.theorem].verdict in SOUND
        return ReadingRecord(**told, holds=sound, rejected_by=() if sound else ("theorem",), witness=None, own=True)
    rejected_by = ["proof"] if _proves(reading, theorem, conclusion) is False else []
    found = bench.search(supposing(reading, theorem), conclusion, shrink=False)
    asked = found.offered and bench.known_deviation(reading.theorem) is None
    if found.counterexample is not None and not found.crashed and asked:
        rejected_by.append("property")
    witness = None if reading.witness is None else witnessed(reading, theorem)
    if witness is not None and witness.certified:
        rejected_by.append("witness")
    if not asked and theorem.proof is None and witness is None:
        return None
    first = {reading.theorem: theorems[reading.theorem], **theorems}
    certified = witness is not None and witness.certified
    return ReadingRecord(
        **told,
        holds=not rejected_by and (found.passes or not asked),
        rejected_by=tuple(rejected_by),
        witness=witness,
        correction=correction(conclusion, premises, reading.witness, first) if certified else None,
    )


def premise_tex(premise: Any) -> str:
    """A premise typeset: what it says, or its text."""
    says = premise.says if isinstance(premise, Assumption) else premise
    return tex(says) if says is not None else rf"\text{{{premise.text}}}"


def _proves(reading: Reading, theorem: Theorem, conclusion: Any) -> bool | None:
    """Whether the theorem's proof gives the conclusion from the premises alone; None if there is no proof."""
    if theorem.proof is None:
        return None
    supposed = not reading.premises or all(given(one, reading.premises) for one in theorem.assumptions)
    return supposed and derivations.proves(theorem, conclusion)


def supposing(reading: Reading, theorem: Theorem) -> Theorem:
    """The theorem with a check that leaves out instances at which a premise does not certainly hold."""
    further = [one for one in reading.premises if one not in theorem.assumptions]
    if not further:
        return theorem
    plain = theorem.check

    def check(statement: Any, subject: Any, instance: Any) -> Any:
        if not all(holds_at(one, instance, reading.decide or theorem.decide) for one in further):
            raise Undecided("a premise does not certainly hold here")
        return plain(statement, subject, instance)

    return replace(theorem, check=check)


def holds_at(premise: Any, instance: Any, decide: Any) -> bool:
    """Whether a premise certainly holds at an instance."""
    try:
        return (premise.holds(instance) if isinstance(premise, Assumption) else decide(premise, instance)) is True
    except UNSUITED:
        return False


def witnessed(reading: Reading, theorem: Theorem) -> WitnessRecord:
    """The witness, certified if every premise holds there and the conclusion fails, both beyond doubt."""
    decide = reading.decide or theorem.decide
    conclusion = theorem.statement if reading.statement is None else reading.statement
    broken = [
        one.text if isinstance(one, Assumption) else str(one)
        for one in premises_of(reading, theorem)
        if not holds_at(one, reading.witness, decide)
    ]
    fails = None if broken else _decided(conclusion, reading.witness, decide)
    if broken:
        detail = f"the premise {broken[0]} does not certainly hold at this instance"
    elif fails is False:
        detail = "the premises hold and the reading certainly fails here" if reading.premises else CERTAINLY
    else:
        detail = f"the decision at this instance is {fails}"
    return witness_record("reading", reading.witness, certified=fails is False, detail=detail)


def _decided(conclusion: Any, witness: Any, decide: Any) -> bool | None:
    """The decision; None where the witness gives no values to what the conclusion speaks of."""
    try:
        verdict: bool | None = decide(conclusion, witness)
    except UNSUITED:
        return None
    return verdict


CERTAINLY = "the reading certainly fails here"


def _problems(claim: Claim, readings: tuple[ReadingRecord, ...], theorems: Mapping[str, TheoremRecord]) -> list[str]:
    problems = []
    for reading in readings:
        if theorems[reading.theorem].verdict not in SOUND:
            problems.append(f"The theorem {reading.theorem} does not stand.")
        elif not reading.holds and (reading.witness is None or not reading.witness.certified):
            kinds = ", ".join(reading.rejected_by) or "not shown"
            said = "" if reading.witness is None else f": {reading.witness.detail}"
            problems.append(
                f"A reading of {claim.id} does not hold ({kinds}), and no witness certifies that it fails{said}."
            )
        elif reading.witness is not None and not reading.witness.certified:
            problems.append(f"The witness against {claim.id} does not certify: {reading.witness.detail}.")
    return problems
