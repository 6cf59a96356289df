"""The joint norm does not depend on how the entries are grouped into tensors, nor does what is clipped by it."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Max

from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.language.nodes import FrobeniusNorm, Inner, JointNorm, LargestEntry
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import HORN_JOHNSON, PASCANU
from backproof.theory.theorems.clipping._grouping import whichever_grouping
from backproof.theory.theorems.clipping._rules import A, B, epsilon

whole, of_A, of_B = JointNorm(A, B), FrobeniusNorm(A), FrobeniusNorm(B)


def _is(square: Any) -> Any:
    return Eq(whole**2, square, evaluate=False)


statement = _is(of_A**2 + of_B**2)

PROOF = Proof(
    lines=(
        by_fact(
            "squares",
            Eq(whole**2, Inner(A, A) + Inner(B, B), evaluate=False),
            "square of a joint length",
            parts=(A, B),
            why="All squares are summed",
        ),
        line("by tensors", statement, "real arithmetic", "squares", why="Those of each tensor are its squared norm"),
    )
)

THEOREM = Theorem(
    title="Grouping of gradients",
    words="The squared norm of all gradients together is the sum of those of the tensors, however the "
    "entries are grouped: by parameter, all at once or one by one, clipping gives the same.",
    sources=(PASCANU.at("algorithm 1, one norm for the gradient"), HORN_JOHNSON.at("chapter 5, on vector norms")),
    statement=statement,
    instances=gradient_tensors(epsilon, A, B, exponents=(0, 0, 8, -8, 40, -40, 400, -400)),
    check=whichever_grouping,
    proof=PROOF,
    mutants={
        "norms added": _is((of_A + of_B) ** 2),
        "the larger of the norms": _is(Max(of_A, of_B) ** 2),
        "the root forgotten": _is((of_A**2 + of_B**2) ** 2),
        "the last tensor alone": _is(of_B**2),
        "largest entries for norms": _is(LargestEntry(A) ** 2 + LargestEntry(B) ** 2),
    },
)
