"""One kind of evidence at a time, as pytest asks for it; the report asks for every kind at once."""

from __future__ import annotations

from functools import lru_cache

from backproof.referee import evidence, judge, proofs
from backproof.referee.blind import blind
from backproof.referee.judge import Bench
from backproof.referee.property import Search
from backproof.referee.siblings import machine_siblings
from backproof.theory.records.records import Theorem


@lru_cache(maxsize=1)  # the kinds of one theorem are asked one after another
def _searched(theorem: Theorem, bench: Bench) -> Search:
    return bench.search(theorem, theorem.statement)


def problems_of(id: str, theorem: Theorem, kind: str, bench: Bench) -> list[str] | None:
    """Gather one kind of evidence; None if the subject does not offer what it needs."""
    if kind == "proof":
        return evidence.of_proof(proofs.proved(theorem))
    deviation = bench.known_deviation(id)
    if kind == "property":
        found = _searched(theorem, bench)
        if deviation is not None:
            return evidence.of_deviation(found, deviation)
        return [*evidence.of_search(found), *judge.diagnosed(found, bench.subject)] if found.offered else None
    if kind == "mutants":
        found = _searched(theorem, bench)
        asked = deviation is None and found.offered
        if not asked and theorem.proof is None:
            return None
        made = machine_siblings(theorem, bench.subject, found.sample, (), asked=asked)
        return [
            *evidence.of_mutants([judge.mutant(theorem, name, bench, asked) for name in theorem.mutants]),
            *evidence.of_machine_made(made),
            *(blind(theorem, bench.subject, found.sample[0]) if asked and found.sample else ()),
        ]
    if kind == "assumptions":
        return evidence.of_assumptions([judge.needed(theorem, assumption) for assumption in theorem.assumptions])
    if kind == "certified":
        return evidence.of_certified(judge.certify(theorem)[1])
    if kind == "measurement":
        measured = judge.measurement(theorem, bench)
        return None if measured is None else evidence.of_measurement(measured)
    raise ValueError(f"unknown kind of evidence {kind!r}")
