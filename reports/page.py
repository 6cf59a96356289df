"""A run as one HTML page that needs no network, no script and no other file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import count as counter
from typing import TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from backproof.reports import graph, wording
from backproof.reports.breaking import display
from backproof.reports.data import witness_of
from backproof.reports.errata import errata
from backproof.reports.links import TO_COMPARISON, TO_REPORT
from backproof.reports.plots import draw
from backproof.reports.prose import prose
from backproof.reports.record import SOUND, Picture, Run, TheoremRecord
from backproof.reports.typeset import typeset

Record = TypeVar("Record")


def page(run: Run) -> str:
    """Render the run. Times and machine facts stand in the last section alone.

    Raises
    ------
        backproof.reports.plots.PictureError: a picture is of unknown kind or lacks numbers.

    """
    theorems = {theorem.id: theorem for theorem in run.theorems}
    claims = {claim.id: claim for claim in run.claims}
    topics = groups(run.theorems, _topic)
    wrong = errata(run.claims, theorems)
    view = {
        "run": run,
        "theorems": theorems,
        "topics": topics,
        "sources": groups(run.claims, lambda claim: claim.source.title),
        "wrong": groups(wrong, lambda erratum: erratum.claim.source.title),
        "wrong_count": len(wrong),
        "graph": graph.draw(topics, claims),
        "shaken": graph.shaken(graph.uses_of(run.theorems), theorems),
        "failed_theorems": [theorem for theorem in run.theorems if theorem.verdict not in SOUND],
        "failed_claims": [claim for claim in run.claims if claim.verdict == "failed"],
        "theorem_verdicts": wording.tally(run.theorems, wording.THEOREM_VERDICTS),
        "claim_verdicts": wording.tally(run.claims, wording.CLAIM_VERDICTS),
        "kinds": _kinds(run.theorems),
        "instances": sum(theorem.property.examples for theorem in run.theorems),
        "machine_made": [made for theorem in run.theorems for made in theorem.machine_made],
        "mutants": [mutant for theorem in run.theorems for mutant in theorem.mutants],
        "theorem_anchor": _anchors("theorem", theorems),
        "claim_anchor": _anchors("claim", claims),
        "wrong_anchor": _anchors("wrong", (erratum.claim.id for erratum in wrong)),
        "picture": _drawer(),
    }
    return environment().get_template("page.html.j2").render(view) + "\n"


@cache
def environment() -> Environment:
    """The templates, with the filters and the words that every page uses."""
    environment = Environment(
        loader=PackageLoader("backproof.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": wording.count,
        "display": display,
        "number": wording.number,
        "prose": prose,
        "typeset": typeset,
    }
    environment.globals |= {
        "evidence": wording.evidence,
        "glyphs": wording.GLYPHS,
        "meaning_of_claim": wording.CLAIM_VERDICTS,
        "meaning_of_evidence": wording.EVIDENCE,
        "meaning_of_theorem": wording.THEOREM_VERDICTS,
        "tally": wording.tally,
        "second_word": wording.second_word,
        "share": lambda part, whole: round(100 * part / max(whole, 1)),
        "sound": SOUND,
        "to_comparison": TO_COMPARISON.alone,
        "to_report": TO_REPORT.alone,
        "style": Markup((files("backproof.reports") / "templates" / "style.css").read_text(encoding="utf-8")),
        "witness_of": witness_of,
    }
    return environment


def groups(records: Iterable[Record], key: Callable[[Record], str]) -> dict[str, list[Record]]:
    """Group the records by key, both in the order of the run."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return groups


def _topic(theorem: TheoremRecord) -> str:
    """Name the folder of the theorem's file as a heading."""
    folder = theorem.id.rpartition("/")[0] or "general"
    words = folder.replace("_", " ").replace("/", ", ")
    return words[:1].upper() + words[1:]


def _anchors(prefix: str, ids: Iterable[str]) -> dict[str, str]:
    """Give each id an anchor of its own that is safe in an address."""
    anchors: dict[str, str] = {}
    for identity in ids:
        stem = f"{prefix}-" + re.sub(r"[^A-Za-z0-9_-]+", "-", identity).strip("-")
        free = (stem if n == 1 else f"{stem}-{n}" for n in counter(1))
        anchors[identity] = next(anchor for anchor in free if anchor not in anchors.values())
    return anchors


def _drawer() -> Callable[[Picture], Markup]:
    """Draw pictures under names that number them through the page; one that comes again is not drawn again."""
    numbers: Iterator[int] = counter(1)
    drawn: dict[int, tuple[str, Markup]] = {}

    def again(picture: Picture) -> Markup:
        name = f"picture-{next(numbers)}"
        if id(picture) not in drawn:
            drawn[id(picture)] = name, draw(picture, name)
        first, made = drawn[id(picture)]
        return Markup(re.sub(rf"\b{first}(?=-)", name, made))

    return again


def _kinds(theorems: Iterable[TheoremRecord]) -> dict[str, int]:
    """Count the theorems for which each kind of evidence stands."""
    standing = [row.kind for theorem in theorems for row in wording.evidence(theorem) if row.stands]
    return {kind: standing.count(kind) for kind in wording.EVIDENCE}
