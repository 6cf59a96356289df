"""Whether a record's own functions look at what they are asked about: the statement, and the instance.

Each is called with an object that has nothing in place of one of the two. A function that still says yes has not read
it; one that reads it raises, or settles nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from backproof.theory.confronting.settling import settled
from backproof.theory.evaluation.truth import decide
from backproof.theory.records.records import Theorem

NOTHING = object()


def blind(theorem: Theorem, subject: Any, instance: Any) -> list[str]:
    """What the theorem's own ``decide`` and ``check`` leave unread at an instance, in sentences."""
    return [
        f"The theorem's own {name!r} says yes without reading the {unread}: it judges nothing."
        for name, says_yes in _own(theorem, subject)
        for unread, given in (("statement", (NOTHING, instance)), ("instance", (theorem.statement, NOTHING)))
        if says_yes(*given)
    ]


def decides(theorem: Theorem, statement: Any, instance: Any) -> bool | None:
    """What the theorem's own decision says; None where it raises, whatever it raises."""
    try:
        return theorem.decide(statement, instance)
    except Exception:
        return None


def passes(theorem: Theorem, statement: Any, subject: Any, instance: Any) -> bool:
    """Whether the theorem's own check makes comparisons and all of them pass; an exception passes nothing."""
    return margins(theorem, statement, subject, instance) is not None


def margins(theorem: Theorem, statement: Any, subject: Any, instance: Any) -> tuple[float, ...] | None:
    """The margins of a check that passes; None where one does not, where there is none, or where anything is raised."""
    found = []
    try:
        for comparison in theorem.check(statement, subject, instance):
            if not comparison.passes:
                return None
            found.append(comparison.margin)
    except Exception:
        return None
    return tuple(found) or None


def _own(theorem: Theorem, subject: Any) -> Iterator[tuple[str, Callable[[Any, Any], bool]]]:
    if theorem.decide is not decide:
        yield "decide", lambda statement, instance: decides(theorem, statement, instance) is True
    if theorem.check is not settled:
        yield "check", lambda statement, instance: passes(theorem, statement, subject, instance)
