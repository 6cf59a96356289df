"""Judging: every kind of evidence that a theorem has, gathered into one record, and the verdict that follows."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from backproof.referee import evidence
from backproof.referee.blind import blind
from backproof.referee.climbing import cause
from backproof.referee.diagnosis import diagnose
from backproof.referee.proofs import proved
from backproof.referee.property import EXAMPLES, Search, search
from backproof.referee.siblings import machine_siblings
from backproof.referee.statistics import measure
from backproof.referee.subjects import deviations
from backproof.reports.proof_record import ProofRecord
from backproof.reports.record import (
    MeasurementRecord,
    MutantRecord,
    NotOfferedRecord,
    Picture,
    PropertyRecord,
    SourceRecord,
    TheoremRecord,
    TheoremVerdict,
    TightnessRecord,
    WitnessRecord,
)
from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.subject import Lacks, narrow
from backproof.theory.language.display import Displayed
from backproof.theory.language.typeset import tex
from backproof.theory.nets.networks import Net
from backproof.theory.records import derivations
from backproof.theory.records.records import Place, Theorem


@dataclass(frozen=True, kw_only=True, eq=False)
class Bench:
    """What a theorem is judged with: the subject, its name, the fault planted in it, and how hard to search.

    A bench equals itself alone, as a subject may be anything.
    """

    subject: Any
    name: str = "impl"
    profile: str = "ci"
    seed: int = 0
    fault: str | None = None

    def command(self, id: str) -> str:
        """The command that shows the same result again."""
        planted = f" --fault '{self.fault}'" if self.fault else ""
        return f"backproof check {id} --subject {self.name}{planted} --profile {self.profile} --seed {self.seed}"

    def known_deviation(self, id: str) -> str | None:
        """How the subject is known to deviate from the theorem of that id; with a fault planted nothing is excused."""
        return None if self.fault else deviations(self.subject).get(id)

    def search(self, theorem: Theorem, statement: Any, *, shrink: bool = True, only: int | None = None) -> Search:
        """A search for a counterexample on this bench, over ``only`` so many instances if given."""
        return search(
            theorem, statement, self.subject, count=only or self.count(theorem), seed=self.seed, shrink=shrink
        )

    def hunt(self, theorem: Theorem, sibling: Any) -> Search:
        """A search that is expected to succeed: it ends at the first find, so a short profile does not shorten it."""
        most = max(self.count(theorem), self.count(theorem, "ci"))
        return self.search(theorem, sibling, shrink=False, only=most)

    def count(self, theorem: Theorem, profile: str | None = None) -> int:
        """How many instances the profile asks for; a theorem with costly instances asks for fewer."""
        usual = EXAMPLES[profile or self.profile]
        if theorem.examples is None:
            return usual
        return theorem.examples * usual // EXAMPLES["ci"] or 1


def judge(id: str, theorem: Theorem, bench: Bench, claims: tuple[str, ...] = ()) -> TheoremRecord | NotOfferedRecord:
    """The record of one theorem on one subject; a shorter one if the subject leaves nothing to judge."""
    start = time.perf_counter()
    proof = proved(theorem)
    found = bench.search(theorem, theorem.statement)
    deviation = bench.known_deviation(id)
    asked = found.offered and deviation is None
    mutants = tuple(mutant(theorem, name, bench, asked) for name in theorem.mutants)
    sharp = tuple(needed(theorem, assumption) for assumption in theorem.assumptions)
    made = machine_siblings(theorem, bench.subject, found.sample, sharp, asked=asked)
    certified, uncertified = certify(theorem)
    measured = measurement(theorem, bench)
    if not (asked or proof or theorem.certified or measured):
        return NotOfferedRecord(id=id, title=theorem.title, subject=bench.name, why=set_aside(found, deviation))
    problems = (
        *evidence.of_proof(proof),
        *(evidence.of_search(found) if deviation is None else evidence.of_deviation(found, deviation)),
        *evidence.of_mutants(mutants if asked or proof else ()),
        *evidence.of_machine_made(made),
        *(blind(theorem, bench.subject, found.sample[0]) if asked and found.sample else ()),
        *evidence.of_assumptions(sharp),
        *evidence.of_certified(uncertified),
        *evidence.of_measurement(measured),
        *(diagnosed(found, bench.subject) if asked else ()),
    )
    return TheoremRecord(
        id=id,
        title=theorem.title,
        words=theorem.words,
        tex=tex(theorem.statement),
        subject=bench.name,
        verdict=verdict(theorem, found, proof, certified, measured, problems),
        scope=_scope(proof, certified, found, measured),
        problems=problems,
        assumptions=tuple((a.name, a.text) for a in theorem.assumptions),
        proof=proof,
        certified=certified,
        property=_property(found),
        mutants=mutants if asked or proof else (),
        sharp=sharp,
        tight=tightness(theorem),
        measured=measured,
        pictures=drawn(theorem, bench) if found.offered else (),
        sources=tuple(source(place) for place in theorem.sources),
        claims=claims,
        uses=theorem.uses,
        reproduce=bench.command(id),
        seconds=round(time.perf_counter() - start, 3),
        machine_made=made,
    )


def set_aside(found: Search, deviation: str | None) -> str:
    """Why the subject leaves nothing to judge."""
    if not found.offered:
        return f"the subject does not offer {found.lacking}"
    return f"the subject is known to deviate, and nothing else speaks for the theorem: {deviation}"


def measurement(theorem: Theorem, bench: Bench) -> MeasurementRecord | None:
    """The statistic, if the theorem has one and the subject offers what it samples."""
    if theorem.measurement is None:
        return None
    try:
        return measure(theorem.measurement, bench.subject)
    except (Lacks, NotImplementedError):
        return None


def diagnosed(found: Search, subject: Any) -> list[str]:
    """What is wrong with the subject's gradients at the counterexample, in words; nothing if they are not at fault."""
    if not isinstance(found.instance, Net) or found.crashed:
        return []
    try:
        diagnoses = diagnose(found.instance, subject)
    except (Lacks, NotImplementedError, Undecided, ArithmeticError):
        return []
    said = [str(diagnosis) for diagnosis in diagnoses if diagnosis.entry is not None or not narrow(subject)]
    return [*said, *cause(subject, found.instance)] if said else []


def drawn(theorem: Theorem, bench: Bench) -> tuple[Picture, ...]:
    """The theorem's pictures, from what the subject does."""
    drawings = []
    for draw in theorem.pictures:
        with suppress(Lacks, NotImplementedError):
            drawings.append(draw(bench.subject))
    return tuple(Picture(kind=d.kind, title=d.title, caption=d.caption, data=d.data) for d in drawings)


def source(place: Place) -> SourceRecord:
    """A citation for the page."""
    origin = place.source
    by = ", ".join(str(part) for part in (origin.by, origin.year) if part)
    return SourceRecord(key=origin.key, title=f"{origin.title} ({by})" if by else origin.title, place=place.place)


def mutant(theorem: Theorem, name: str, bench: Bench, offered: bool = True) -> MutantRecord:
    """Run a wrong sibling through the proof and the property; each must reject it.

    A subject that offers some settings only may not tell the sibling from the statement: then the proof must.
    """
    statement = theorem.mutants[name]
    verdicts: dict[str, bool] = {}
    if theorem.proof is not None:
        verdicts["proof"] = not derivations.proves(theorem, statement)
    if offered:
        found = bench.hunt(theorem, statement)
        killed = found.counterexample is not None and not found.crashed  # a crash rejects nothing
        if killed or not (narrow(bench.subject) and theorem.proof is not None):  # a narrow subject may not tell
            verdicts["property"] = killed
    return MutantRecord(
        name=name,
        tex=tex(statement),
        killed_by=tuple(kind for kind, killed in verdicts.items() if killed),
        missed_by=tuple(kind for kind, killed in verdicts.items() if not killed),
    )


def needed(theorem: Theorem, assumption: Any) -> WitnessRecord:
    """Certify that the statement fails at an instance that breaks this assumption and no other."""
    instance = theorem.without[assumption]
    broken = [other.name for other in theorem.assumptions if not other.holds(instance)]
    fails = theorem.decide(theorem.statement, instance)
    alone = broken == [assumption.name]
    detail = "the statement certainly fails here" if fails is False else f"the decision at this instance is {fails}"
    if not alone:
        detail += f"; the instance breaks {', '.join(broken) or 'no assumption'}"
    return witness_record(assumption.name, instance, certified=alone and fails is False, detail=detail)


def witness_record(name: str, instance: Any, *, certified: bool, detail: str) -> WitnessRecord:
    """An instance as the page shows it: plain text, and where it has such a form a setting and equations."""
    shown = instance if isinstance(instance, Displayed) else Displayed()
    return WitnessRecord(
        name=name,
        text=repr(instance),
        certified=certified,
        detail=detail,
        setting=shown.in_words,
        equations=shown.in_formulas,
    )


def certify(theorem: Theorem) -> tuple[str | None, list[str]]:
    """Decide the statement at its exact instances: what was certified in words, and the instances that were not."""
    if not theorem.certified:
        return None, []
    failed = [repr(case) for case in theorem.certified if theorem.decide(theorem.statement, case) is not True]
    if failed:
        return None, failed
    count = len(theorem.certified)
    return f"decided in exact or ball arithmetic at {count} exact instance{'s' * (count > 1)}", []


def tightness(theorem: Theorem) -> TightnessRecord | None:
    """How close the statement's two sides come at the instance that was named for it."""
    if theorem.ratio is None:
        return None
    ratio = theorem.ratio(theorem.attained)
    return TightnessRecord(ratio=ratio, attained=ratio == 1.0, instance=repr(theorem.attained))


def verdict(
    theorem: Theorem,
    found: Search,
    proof: ProofRecord | None,
    certified: str | None,
    measured: MeasurementRecord | None,
    problems: tuple[str, ...],
) -> TheoremVerdict:
    """The strongest kind of evidence that stands, if nothing speaks against the theorem."""
    if found.offered and found.counterexample is None and found.examples == 0 and found.message is None:
        return "vacuous"
    if problems:
        return "failed"
    if proof is not None:
        return "proved"
    if measured is not None:
        return "measured"
    return "certified" if certified else "tested"


def _scope(proof: ProofRecord | None, certified: str | None, found: Search, measured: MeasurementRecord | None) -> str:
    if proof is not None:
        return proof.scope
    if measured is not None:
        return f"{measured.seeds} seeds: {measured.quantity}"
    return certified or (f"{found.examples} instances" if found.offered else f"not offered: {found.lacking}")


def _property(found: Search) -> PropertyRecord:
    message = found.message if found.offered else f"the subject does not offer {found.lacking}"
    return PropertyRecord(
        offered=found.offered,
        examples=found.examples,
        undecided=found.undecided,
        reach=found.reach.words(),
        digits=found.digits,
        closest=found.closest,
        worst_margin=found.worst_margin,
        worst_instance=found.worst_instance,
        regions=dict(sorted(found.regions.items())),
        counterexample=found.counterexample,
        message=message,
    )
