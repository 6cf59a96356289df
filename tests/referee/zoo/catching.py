"""Which theorems and checks catch a fault, and at which scale, by running them."""

from __future__ import annotations

from typing import Any

from backproof.referee.subjects import load_subject
from backproof.referee.zoo.checks import CHECKS
from backproof.referee.zoo.instances import EVERYWHERE, changes
from backproof.referee.zoo.records import Fault
from backproof.referee.zoo.registry import apply


def catchers(name: str, subject: Any = None, *, scale: str = "orthogonal") -> tuple[str, ...]:
    """Every theorem and check that catches the fault in a right subject (`impl` if none is given) at a scale."""
    wrong = apply(name, load_subject("impl") if subject is None else subject)
    touched = set(wrong.replaced)
    found = []
    for check in CHECKS.values():
        here = scale if scale in check.scales else check.scales[0]
        if touched & check.reads and check.catches(wrong, here):
            found.append(check.id)
    return tuple(found)


def live(fault: Fault) -> tuple[str, ...]:
    """The scales at which a fault changes anything; for one that is not of a net, those at which it is tried."""
    if fault.recipe is None:
        return CHECKS[fault.caught_by].scales
    return tuple(scale for scale in EVERYWHERE if changes(fault, scale))


def missed(fault: Fault, subject: Any) -> tuple[str, ...]:
    """The scales at which a fault changes something and the theorem that should catch it does not."""
    check, wrong = CHECKS[fault.caught_by], fault.apply(subject)
    return tuple(scale for scale in live(fault) if not check.catches(wrong, scale))
