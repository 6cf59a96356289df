"""Where a subject deviates from the textbook, with the instance and the size: named probes, and known deviations.

A probe (`backproof.referee.probes`) asks one question at one fixed instance, of any subject. A known deviation is a
theorem whose property a subject says that it breaks, in its ``DEVIATIONS``: the run reports the counterexample and
judges the theorem by its other evidence, and fails if the deviation does not show.
"""

from __future__ import annotations

import math
from typing import Any

from backproof.referee.probes import PROBES
from backproof.referee.subjects import deviations
from backproof.reports.record import DeviationRecord, TheoremRecord
from backproof.theory.confronting.subject import Lacks


def of_theorem(record: TheoremRecord, subject: Any) -> DeviationRecord | None:
    """The deviation that a run of the subject found at a theorem, if it is a known one."""
    why = deviations(subject).get(record.id)
    if why is None or record.property.counterexample is None:
        return None
    return DeviationRecord(
        name=record.title,
        theorem=record.id,
        textbook=record.words,
        instance=record.property.counterexample,
        expected="",
        found=record.property.message or "",
        size=None,
        why=why,
    )


def probed(subject: Any) -> tuple[DeviationRecord, ...]:
    """What every probe found that the subject can be asked; ``deviates`` says which differ from the textbook."""
    found = []
    for probe in PROBES:
        try:
            expected, got = probe.ask(subject)
        except (Lacks, NotImplementedError):
            continue
        size = probe.size(expected, got)
        found.append(
            DeviationRecord(
                name=probe.name,
                theorem=probe.theorem,
                textbook=probe.textbook,
                instance=probe.instance,
                expected=_text(expected),
                found=_text(got),
                size=None if math.isnan(size) else size,
                why="",
                deviates=not size <= probe.within,
            )
        )
    return tuple(found)


def deviating(subject: Any) -> tuple[DeviationRecord, ...]:
    """The probes at which the subject differs from the textbook."""
    return tuple(record for record in probed(subject) if record.deviates)


def _text(value: float) -> str:
    return "an error" if math.isnan(value) else f"{value:.10g}"
