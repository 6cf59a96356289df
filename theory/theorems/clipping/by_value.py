"""Clipping by value: a clamp at both ends caps every entry."""

from __future__ import annotations

from typing import Any

from sympy import Le, S

from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Clamp, LargestEntry
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, PASCANU
from backproof.theory.theorems.clipping._rules import G, c, value_clipping
from backproof.theory.theorems.clipping._rules_proof import BY_VALUE


def largest(low: Any, high: Any, limit: Any = c) -> Any:
    """No entry of the gradient clamped to [low, high] exceeds the limit."""
    return Le(LargestEntry(Clamp(G, low, high)), limit)


positive = Assumption(name="positive threshold", text="c > 0", holds=lambda case: case[c] > 0)
attained = Case({G: [[3, -1]], c: 2})

THEOREM = Theorem(
    title="Clipping by value",
    words="Bringing every entry into [−c, c] leaves no entry beyond c in magnitude.",
    sources=(CS6180.at("gradient clipping"), PASCANU.at("section 3.2")),
    statement=largest(-c, c),
    instances=gradient_tensors(c, G, exponents=(0, 0, 8, -8, 100, 500)),
    check=value_clipping,
    proof=BY_VALUE,
    assumptions=(positive,),
    without={positive: Case({G: [[3]], c: -1})},
    certified=(attained, Case({G: [[-1000, 7], [0, 10]], c: 10})),
    attained=attained,
    ratio=lambda case: min(max(map(abs, case[G][0])), case[c]) / case[c],
    mutants={
        "the upper end alone": largest(S.NegativeInfinity, c),
        "the lower end alone": largest(-c, S.Infinity),
        "half the limit": largest(-c, c, c / 2),
        "nothing clamped": Le(LargestEntry(G), c),
    },
)
