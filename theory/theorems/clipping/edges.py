"""The edges of clipping by norm: an infinite threshold changes nothing, and what has no projection is not touched.

The projection onto the ball of radius ε exists for finite gradients and 0 ≤ ε ≤ ∞. A factor computed all the same turns
every gradient round for ε < 0, and makes every entry NaN or 0 for one that is not finite.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Gt

from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU
from backproof.theory.theorems.clipping._edges import by_infinity, by_no_radius, by_one_entry, edges, edges_satisfy


def _says(*relations: Any) -> Any:
    return And(*relations, evaluate=False)


nothing = {count: Eq(count, 0, evaluate=False) for count in (by_infinity, by_no_radius, by_one_entry)}

THEOREM = Theorem(
    title="Edges of clipping",
    words="An infinite threshold changes no entry. A negative one or NaN, and a gradient with an entry that is NaN or "
    "infinite, are refused or given back as they are: of N entries that come back changed there is none.",
    sources=(PASCANU.at("algorithm 1, for what it leaves open"),),
    statement=_says(*nothing.values()),
    instances=edges,
    check=edges_satisfy,
    mutants={
        "an infinite threshold clips": _says(Gt(by_infinity, 0, evaluate=False)),
        "a negative threshold turns": _says(nothing[by_infinity], Gt(by_no_radius, 0, evaluate=False)),
        "one entry spoils the others": _says(Gt(by_one_entry, 0, evaluate=False)),
        "one entry alone is spoilt": _says(Eq(by_one_entry, 1, evaluate=False)),
    },
    examples=60,
)
