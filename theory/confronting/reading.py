"""Which statements a check can tell apart: of any other it says nothing, where it would compare something else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import wraps
from typing import Any

from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.comparison import Comparison
from backproof.theory.language.relations import parts, text
from backproof.theory.language.times import times_in

Confront = Callable[[Any, Any, Any], Iterator[Comparison]]


def reads(*kinds: Any, times: Collection[Any] | None = None) -> Callable[[Confront], Confront]:
    """A check of relations of these kinds, whose left sides speak of no other than these times if any are given.

    An equation that a subject meets up to rounding says nothing of an inequality between the same sides, and a formula
    for step t nothing of step t + 1: of such a statement the check raises `Undecided`.
    """

    def confined(check: Confront) -> Confront:
        @wraps(check)
        def confront(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
            for part in parts(statement):
                if not isinstance(part, kinds):
                    raise Undecided(f"the check compares nothing that would settle {text(part)}")
                if times is not None and not times_in(part.lhs) <= set(times):
                    raise Undecided(
                        f"the check compares no other times than {', '.join(map(str, times))}: {text(part)}"
                    )
            yield from check(statement, subject, instance)

        return confront

    return confined
