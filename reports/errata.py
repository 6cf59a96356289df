"""What the notes get wrong: for each claim that does not stand as written, what fails and what holds instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backproof.reports.record import ClaimRecord, Picture, ReadingRecord, TheoremRecord


@dataclass(frozen=True, kw_only=True)
class Erratum:
    """A corrected or refuted claim, ready for its section of the chapter."""

    claim: ClaimRecord
    failing: tuple[ReadingRecord, ...]
    standing: tuple[str, ...]  # theorems of the readings that hold: what is right in the claim
    instead: tuple[str, ...]  # theorems of the readings that fail: the nearest that is true, or what refutes it
    pictures: tuple[Picture, ...]  # of the latter, unless an earlier section of the chapter shows them


def errata(claims: Iterable[ClaimRecord], theorems: Mapping[str, TheoremRecord]) -> list[Erratum]:
    """Gather the claims that do not stand as written, in their order."""
    found, shown = [], set[str]()
    for claim in claims:
        if claim.verdict not in {"corrected", "refuted"}:
            continue
        failing = tuple(reading for reading in claim.readings if not reading.holds)
        corrections = [reading.correction.theorem for reading in failing if reading.correction]
        standing = [reading.theorem for reading in claim.readings if reading.holds]
        instead = corrections or [reading.theorem for reading in failing] or list(standing)
        fresh = [id for id in dict.fromkeys(instead) if id in theorems and id not in shown]
        shown.update(fresh)
        erratum = Erratum(
            claim=claim,
            failing=failing,
            standing=tuple(dict.fromkeys(id for id in standing if id not in instead)),
            instead=tuple(dict.fromkeys(instead)),
            pictures=tuple(picture for id in fresh for picture in theorems[id].pictures[:1]),
        )
        found.append(erratum)
    return found
