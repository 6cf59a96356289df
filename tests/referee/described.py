"""What `list` and `show` say, as data: text and JSON are made of it."""

from __future__ import annotations

from typing import Any

from backproof.referee.ledger import premise_tex
from backproof.referee.proofs import proved
from backproof.theory.language.typeset import tex
from backproof.theory.records.catalogue import claims, theorem_ids
from backproof.theory.records.catalogue import theorem as find
from backproof.theory.records.records import Claim, Place, Theorem

Data = dict[str, Any]


def catalogue() -> Data:
    """Every theorem by id with its title, every claim by id with its words and the theorems that judge it."""
    return {
        "theorems": {id: {"title": find(id).title} for id in theorem_ids()},
        "claims": {id: {"words": claim.words, "theorems": _judges(claim)} for id, claim in claims().items()},
    }


def _judges(claim: Claim) -> list[str]:
    return list(dict.fromkeys(reading.theorem for reading in claim.readings))


def theorem(id: str, theorem: Theorem) -> Data:
    """A theorem: statement, assumptions, derivation with each line checked, wrong siblings, sources."""
    return {
        "id": id,
        "title": theorem.title,
        "words": theorem.words,
        "statement": tex(theorem.statement),
        "assumptions": [{"name": each.name, "text": each.text} for each in theorem.assumptions],
        "derivation": None if theorem.proof is None else derivation(theorem),
        "mutants": {name: tex(mutant) for name, mutant in theorem.mutants.items()},
        "sources": [_place(place) for place in theorem.sources],
    }


def derivation(theorem: Theorem) -> Data:
    """The lines of a proof, each with whether it holds; whether they reach the statement, and what is in the way."""
    found = proved(theorem)
    assert found is not None
    lines = [
        {"why": line.why, "relation": line.tex, "method": line.method, "holds": line.holds} for line in found.lines
    ]
    return {"scope": found.scope, "lines": lines, "closed": found.closed, "obstacle": found.obstacle}


def claim(claim: Claim) -> Data:
    """A claim: whose it is, what it says, and the readings that judge it."""
    readings = [
        {
            "premises": [premise_tex(premise) for premise in reading.premises],
            "statement": None if reading.statement is None else tex(reading.statement),
            "theorem": reading.theorem,
            "witness": None if reading.witness is None else repr(reading.witness),
        }
        for reading in claim.readings
    ]
    return {
        "id": claim.id,
        "source": _place(claim.source),
        "words": claim.words,
        "mapping": claim.mapping,
        "readings": readings,
        "depends": [{"setting": one.setting, "values": list(one.values)} for one in claim.depends],
    }


def _place(place: Place) -> Data:
    return {"title": place.source.title, "place": place.place}
