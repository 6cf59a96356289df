"""Statements taken apart, and truth with three values: True, False, and None where nobody knows.

The connectives are Kleene's: an unknown part leaves the whole unknown unless the other parts settle it. Nothing that is
unknown ever counts as a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sympy import And, Implies, ordered
from sympy.core.basic import Basic

Verdict = bool | None


def parts(statement: Any) -> tuple[Any, ...]:
    """The relations that a statement joins by "and"; a statement that is no conjunction is its own only part."""
    return statement.args if isinstance(statement, And) else (statement,)


def together(relations: Iterable[Any]) -> Any:
    """The relations joined by "and", as they stand: what ``And(…, evaluate=False)`` makes of them.

    SymPy brings each to a canonical form first, to see whether two deny each other; for sums of long matrix products
    that takes longer than to prove them.
    """
    joined = frozenset(part for relation in relations for part in parts(relation))
    if len(joined) < 2:
        return And(*joined, evaluate=False)
    made = Basic.__new__(And, *ordered(joined))
    made._argset = joined
    return made


@lru_cache(maxsize=1024)
def text(relation: Any) -> str:
    """The relation printed, and printed once: of a long one that takes longer than to decide it."""
    return str(relation)


def premises(statement: Any) -> list[Any]:
    """What the implications of a statement suppose, part by part."""
    implications = [part for part in parts(statement) if isinstance(part, Implies)]
    return [premise for part in implications for premise in parts(part.args[0])]


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """False if any verdict is False, else None if any is None, else True; what follows a False is not asked for."""
    found: Verdict = True
    for verdict in verdicts:
        if verdict is False:
            return False
        found = found if verdict is True else None
    return found


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """True if any verdict is True, else None if any is None, else False; what follows a True is not asked for."""
    return negation(all_of(negation(verdict) for verdict in verdicts))


def negation(verdict: Verdict) -> Verdict:
    """The opposite; what is unknown stays unknown."""
    return None if verdict is None else not verdict


def implies(premise: Verdict, conclusion: Verdict) -> Verdict:
    """Whether the conclusion follows: True already if the premise is False or the conclusion True."""
    return any_of([negation(premise), conclusion])
