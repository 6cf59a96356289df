"""A proof as data: lines, each of which says a proposition and the rule by which it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy.logic.boolalg import Boolean

from backproof.theory.language.declared import check_fields, check_kind
from backproof.theory.language.validation import text

Proposition = Any  # a SymPy relation or a combination of relations


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a proof, all of it data.

    ``says``: the proposition. ``rule``: a name in the register. ``by``: the names of assumptions, definitions, theorems
    and earlier lines that the rule may use, in its order. ``given``: what else the rule asks for (an index, a
    substitution, sizes). ``why``: a sentence for the reader, which nothing checks.
    """

    name: str
    says: Proposition
    rule: str
    by: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""

    def __post_init__(self) -> None:
        check_fields(self)
        text("name", self.name)
        text("rule", self.rule)
        for name in self.by:
            text("by", name)
        check_kind("says", self.says, Boolean | bool)


def line(name: str, says: Proposition, rule: str, *by: str, why: str = "", **given: Any) -> Line:
    """A line written in one breath: its name, what it says, the rule, and what the rule may use."""
    return Line(name=name, says=says, rule=rule, by=by, given=given, why=why)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Lines, and the ranges of the time indices for which the statement is read: ``(Le(0, k), Le(k, t))``."""

    lines: tuple[Line, ...]
    ranges: tuple[Boolean, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def cites(self) -> tuple[str, ...]:
        """The ids of the theorems that its lines name."""
        return tuple(dict.fromkeys(line.given["id"] for line in self.lines if line.rule == "theorem"))
