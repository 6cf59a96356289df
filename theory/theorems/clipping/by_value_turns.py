"""Clipping by value changes the direction of a gradient, unless all its entries are of one magnitude."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import Gt, S

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Clamp, Inner
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, PASCANU
from backproof.theory.theorems.clipping._rules import G, c, value_clipping
from backproof.theory.theorems.clipping._rules_proof import TURNS


def turned(clipped: Any, *, half: int = 1) -> Any:
    """The strict Cauchy–Schwarz inequality: the cosine between the gradient and its clamped self is below 1."""
    return Gt(Inner(G, G) * Inner(clipped, clipped), half * Inner(G, clipped) ** 2)


def _entries(case: Case) -> list[float]:
    return [abs(entry) for row in case[G] for entry in row if entry]


@st.composite
def uneven(draw: Any) -> Case:
    """A column with entries of two magnitudes or more, the largest above the threshold."""
    scale = 2.0 ** draw(st.sampled_from([0, 40, -40]))
    threshold = draw(st.sampled_from([0.25, 0.5, 1.0, 2.0]))
    peak = threshold + draw(st.integers(1, 4)) / 8
    lower = draw(st.integers(1, int(8 * peak) - 1)) / 8
    rest = draw(st.lists(st.integers(-8, 8).map(lambda k: k / 8), max_size=2))
    signs = [draw(st.sampled_from([1, -1])) for _ in range(2)]
    entries = [signs[0] * peak, signs[1] * lower, *rest]
    order = draw(st.permutations(range(len(entries))))
    return Case({G: [[entries[i] * scale] for i in order], c: threshold * scale})


positive = Assumption(name="positive threshold", text="c > 0", holds=lambda case: case[c] > 0)

capped = Assumption(
    name="an entry is capped", text="max |G_ij| > c", holds=lambda case: max(_entries(case), default=0) > case[c]
)

mixed = Assumption(
    name="magnitudes differ",
    text="two non-zero entries of G differ in magnitude",
    holds=lambda case: len(set(_entries(case))) != 1,
)

THEOREM = Theorem(
    title="Clipping by value turns the gradient",
    words="Once an entry is capped the clamped gradient points elsewhere, unless all entries have one magnitude.",
    sources=(CS6180.at("gradient clipping"), PASCANU.at("section 3.2")),
    statement=turned(Clamp(G, -c, c)),
    instances=uneven(),
    check=value_clipping,
    proof=TURNS,
    assumptions=(positive, capped, mixed),
    without={
        positive: Case({G: [[2], [1]], c: 0}),
        capped: Case({G: [[2], [1]], c: 3}),
        mixed: Case({G: [[2], [-2]], c: 1}),
    },
    certified=(Case({G: [[3], [1]], c: 1}),),
    mutants={
        "the upper end alone": turned(Clamp(G, S.NegativeInfinity, c)),
        "nothing clamped": turned(G),
        "twice the angle": turned(Clamp(G, -c, c), half=2),
    },
)
