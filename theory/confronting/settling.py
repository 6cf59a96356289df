"""Statements about matrices and numbers alone: settled at each instance in exact or ball arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.comparison import Comparison
from backproof.theory.evaluation.meeting import judged
from backproof.theory.language.relations import parts, text


def settled(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """The statement at the instance, part by part, whatever the subject.

    A part that is certainly false fails. One that is certainly true passes, and so does an equality or a weak
    inequality whose sides meet to as many digits as balls can show; the comparison says to how many.

    Raises
    ------
    Undecided
        If a part can be settled neither way.
    """
    for part in parts(statement):
        verdict, digits = judged(part, instance)
        if verdict is None:
            raise Undecided(f"{text(part)} is not settled at this instance")
        detail = f"{text(part)} is {verdict} at this instance"
        if digits is not None:
            detail = f"the sides of {text(part)} meet to {digits:.0f} digits at this instance"
        yield Comparison(what=text(part), margin=0.0 if verdict else float("inf"), detail=detail, digits=digits)
