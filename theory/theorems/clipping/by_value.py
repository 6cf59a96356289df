"""Clipping by value: a clamp at both ends caps every entry."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Gt, Le, Max, Min, S, Symbol

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Clamp, LargestEntry
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, PASCANU
from backproof.theory.theorems.clipping._rules import G, c, value_clipping


def largest(low: Any, high: Any, limit: Any = c) -> Any:
    """No entry of the gradient clamped to [low, high] exceeds the limit."""
    return Le(LargestEntry(Clamp(G, low, high)), limit)


above_zero = Gt(c, 0, evaluate=False)
positive = Assumption(
    name="positive threshold", text="c > 0", holds=lambda case: decide(above_zero, case) is True, says=above_zero
)
i, j = (Symbol(name, integer=True, nonnegative=True) for name in "ij")

PROOF = Proof(
    lines=(
        line(
            "any entry",
            Le(Abs(Min(Max(G[i, j], -c), c)), c, evaluate=False),
            "real arithmetic",
            "positive threshold",
            why="An entry does not exceed the upper end, nor fall below the lower one, which lies below it",
        ),
        line("largest", largest(-c, c), "every entry", "any entry", at=(i, j), why="So it is with the largest"),
    )
)
attained = Case({G: [[3, -1]], c: 2})

THEOREM = Theorem(
    title="Clipping by value",
    words="Bringing every entry into [−c, c] leaves no entry beyond c in magnitude.",
    sources=(CS6180.at("gradient clipping"), PASCANU.at("section 3.2")),
    statement=largest(-c, c),
    instances=gradient_tensors(c, G, exponents=(0, 0, 8, -8, 100, 500)),
    check=value_clipping,
    proof=PROOF,
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
