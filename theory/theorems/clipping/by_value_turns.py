"""Clipping by value changes the direction of a gradient, unless all its entries are of one magnitude."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import Abs, Eq, Gt, Le, Max, Min, Ne, S, Symbol, ZeroMatrix
from sympy.matrices.expressions import HadamardProduct

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Clamp, Inner, LargestEntry
from backproof.theory.language.notation import m, n
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, PASCANU
from backproof.theory.theorems.clipping._rules import G, c, value_clipping


def turned(clipped: Any, *, half: int = 1) -> Any:
    """The strict Cauchy–Schwarz inequality: the cosine between the gradient and its clamped self is below 1."""
    return Gt(Inner(G, G) * Inner(clipped, clipped), half * Inner(G, clipped) ** 2, evaluate=False)


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


M = LargestEntry(G)
cubes = HadamardProduct(G, G, G)
above_zero, beyond = Gt(c, 0, evaluate=False), Gt(M, c, evaluate=False)
apart = Ne(cubes, M**2 * G, evaluate=False)
positive = Assumption(
    name="positive threshold", text="c > 0", holds=lambda case: decide(above_zero, case) is True, says=above_zero
)
capped = Assumption(
    name="an entry is capped", text="max |G_ij| > c", holds=lambda case: decide(beyond, case) is True, says=beyond
)
mixed = Assumption(
    name="magnitudes differ",
    text="two non-zero entries of G differ in magnitude: G_ij³ = max |G|² G_ij does not hold for all",
    holds=lambda case: decide(apart, case) is True,
    says=apart,
)

clamped = Clamp(G, -c, c)
square, product, after = Inner(G, G), Inner(G, clamped), Inner(clamped, clamped)
gap = square * clamped - product * G
i, j, i_0, j_0 = (Symbol(name, integer=True, nonnegative=True) for name in ("i", "j", "i_0", "j_0"))
one_magnitude = Eq(cubes, M**2 * G, evaluate=False)
there, peak = G[i, j], G[i_0, j_0]


def _parallel(row: Any, column: Any) -> Any:
    """What it says of an entry that the clamped gradient is a multiple of the gradient."""
    kept = G[row, column]
    return Eq(square * Min(Max(kept, -c), c) - product * kept, 0, evaluate=False)


PROOF = Proof(
    lines=(
        line("peak", Eq(Abs(peak), M, evaluate=False), "supposition", why="Some entry has the largest modulus"),
        by_fact(
            "peak in length", Le(peak**2, square, evaluate=False), "an entry is at most the length", X=G, i=i_0, j=j_0
        ),
        line(
            "G is not 0",
            Gt(square, 0, evaluate=False),
            "real arithmetic",
            "peak",
            "peak in length",
            "positive threshold",
            "an entry is capped",
        ),
        line(
            "not turned", Le(square * after, product**2, evaluate=False), "supposition", why="Suppose it did not turn"
        ),
        line(
            "Lagrange",
            Eq(Inner(gap, gap), square * (square * after - product**2), evaluate=False),
            "matrix algebra",
            why="Multiplied out",
        ),
        line(
            "no gap", Le(Inner(gap, gap), 0, evaluate=False), "real arithmetic", "Lagrange", "not turned", "G is not 0"
        ),
        by_fact(
            "parallel",
            Eq(gap, ZeroMatrix(n, m), evaluate=False),
            "only 0 has length 0",
            "no gap",
            why="Then the clamped gradient is a multiple of the gradient",
            X=gap,
        ),
        line("at the peak", _parallel(i_0, j_0), "an entry", "parallel", at=(i_0, j_0)),
        line(
            "the multiple",
            Eq(square * c, product * M, evaluate=False),
            "real arithmetic",
            "at the peak",
            "peak",
            "positive threshold",
            "an entry is capped",
            why="The largest entry became c or −c: it was multiplied by c/max |G|, which is below 1",
        ),
        line("anywhere", _parallel(i, j), "an entry", "parallel", at=(i, j)),
        by_fact("no larger", Le(Abs(there), M, evaluate=False), "an entry is at most the largest", X=G, i=i, j=j),
        line(
            "cube",
            Eq(there**3, M**2 * there, evaluate=False),
            "real arithmetic",
            "anywhere",
            "no larger",
            "the multiple",
            "G is not 0",
            "positive threshold",
            "an entry is capped",
            why="An entry that is kept is multiplied so only if it is 0, one that is capped only if it is a largest",
        ),
        line("cubes at a peak", one_magnitude, "every entry", "cube", at=(i, j)),
        line("cubes", one_magnitude, "the largest entry", "cubes at a peak", of=G, at=(i_0, j_0)),
        line(
            "turned",
            turned(clamped),
            "contradiction",
            "cubes",
            "magnitudes differ",
            why="So all entries but zeros would have one magnitude",
        ),
    )
)

THEOREM = Theorem(
    title="Clipping by value turns the gradient",
    words="Once an entry is capped the clamped gradient points elsewhere, unless all entries have one magnitude.",
    sources=(CS6180.at("gradient clipping"), PASCANU.at("section 3.2")),
    statement=turned(Clamp(G, -c, c)),
    instances=uneven(),
    check=value_clipping,
    proof=PROOF,
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
