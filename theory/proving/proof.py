"""A proof: numbered lines, each a relation that a checker must find True, and the scope it then has, in words.

A proof is a function of the statement, so that the wrong siblings of a statement go through the same lines and must
break one. `Unprovable` says that a statement is not of the form that the proof reaches; it is an honest rejection too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sympy import And
from sympy.core.relational import Relational

from backproof.theory.proving.checkers import Checker


class Unprovable(Exception):
    """The statement has a form that the proof does not reach."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line: why it follows, the relation, and how it is checked (a checker, and its name for the page)."""

    why: str
    relation: Any
    checker: Checker
    method: str
    shown: Any = None  # what the page shows instead of the relation, if that is too long to read

    def holds(self) -> bool:
        """Whether the checker says True; unknown is no."""
        return self.checker(self.relation) is True


@dataclass(frozen=True, kw_only=True)
class Proof:
    """``scope`` in words; ``lines`` gives the steps for a statement."""

    scope: str
    lines: Callable[[Any], Iterable[Step]]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """The outcome of a proof for one statement: steps with their verdicts, and what stopped it if it is open."""

    closed: bool
    steps: tuple[tuple[Step, bool], ...]
    obstacle: str | None


def attempt(proof: Proof, statement: Any) -> Attempt:
    """Check line after line; stop at the first that is not True. A proof without lines does not close."""
    steps: list[tuple[Step, bool]] = []
    if not isinstance(statement, Relational | And):
        return Attempt(closed=False, steps=(), obstacle=f"{statement} is not a relation")
    try:
        for step in proof.lines(statement):
            good = step.holds()
            steps.append((step, good))
            if not good:
                return Attempt(
                    closed=False, steps=tuple(steps), obstacle=f"line {len(steps)} does not hold: {step.why}"
                )
    except Unprovable as obstacle:
        return Attempt(closed=False, steps=tuple(steps), obstacle=str(obstacle))
    return Attempt(closed=bool(steps), steps=tuple(steps), obstacle=None if steps else "the proof has no lines")
