"""Where a subject deviates from the textbook, with the instance and the size: named probes, and known deviations.

A probe (`backproof.referee.probes`) asks one question at one fixed instance, of any subject. A known deviation is a
theorem whose property a framework is expected to break: the run reports the counterexample and judges the theorem by
its other evidence, and fails if the deviation does not show.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from backproof.referee.probes import PROBES
from backproof.reports.record import DeviationRecord, TheoremRecord
from backproof.theory.confronting.subject import Lacks

SLOPES = "the slope is taken from the value, as 1 − h² or h(1 − h), and what is left of 1 − 1 has lost its digits"
NORM = "the gradient is scaled by ε ÷ (‖g‖ + 1e-6), never by more than 1"
SQUARES = "entries are squared as they are, so that the norm overflows or underflows where it is a float"

KNOWN: Mapping[str, Mapping[str, str]] = {
    "torch": {
        "activations/sigmoid_slope": SLOPES,
        "activations/sigmoid_tail": SLOPES,
        "activations/tanh_slope": SLOPES,
        "clipping/by_norm": f"{NORM}; {SQUARES}",
        "clipping/overflow": f"{NORM}; {SQUARES}",
        "clipping/projection": NORM,
    },
    "jax": {
        "activations/sigmoid_slope": SLOPES,
        "activations/sigmoid_tail": SLOPES,
        "activations/tanh_slope": SLOPES,
        "clipping/overflow": SQUARES,
    },
}
"""By subject and theorem: how the subject is known to deviate."""


def known(subject: str, title: str) -> str | None:
    """How the subject of that name is known to deviate from the theorem of that title; None if it is not."""
    from backproof.theory.records.catalogue import theorem, theorem_ids

    present = KNOWN.get(subject, {}).keys() & set(theorem_ids())
    return next((KNOWN[subject][id] for id in present if theorem(id).title == title), None)


def of_theorem(record: TheoremRecord) -> DeviationRecord | None:
    """The deviation that a run found at a theorem, if it is a known one."""
    why = KNOWN.get(record.subject, {}).get(record.id)
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
