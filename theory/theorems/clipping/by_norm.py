"""Clipping by the norm of all gradients together: the norm becomes min(‖g‖, ε), and the direction stays."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import And, Eq, Ge, Gt, Max, Min, Piecewise

from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import FrobeniusNorm, JointNorm, LargestEntry
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.pictures import Drawing
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import FYS5429, PASCANU, TRAINING_RNNS
from backproof.theory.theorems.clipping._rules import A, B, epsilon, norm_clipping

whole = JointNorm(A, B)


def scaled(factor: Any, second: Any = None, limit: Any = None) -> Any:
    """Both tensors times a factor (or each times its own): what is said of the norm and of the direction."""
    parts = (factor * A, (factor if second is None else second) * B)
    clipped = JointNorm(*parts)
    capped = Eq(clipped, Min(whole, epsilon) if limit is None else limit, evaluate=False)
    aligned = (Eq(whole * part, clipped * S, evaluate=False) for part, S in zip(parts, (A, B), strict=True))
    return And(capped, *aligned)


def before_after(subject: Any) -> Drawing:
    """A gradient of two entries, clipped by its norm and by its entries."""
    before, threshold = np.array([3.0, 1.0]), 1.0
    after = {
        f"by {name}": offered(subject, f"clip_by_{name}")({"g": before}, threshold).gradients["g"].tolist()
        for name in ("norm", "value")
    }
    return Drawing(
        kind="before_after",
        title="Two ways to clip",
        caption="Clipping by norm shortens the gradient; clipping by value turns it.",
        data={"before": before.tolist(), "threshold": threshold, "after": after},
    )


above_zero = Gt(epsilon, 0, evaluate=False)
positive = Assumption(
    name="positive threshold", text="ε > 0", holds=lambda case: decide(above_zero, case) is True, says=above_zero
)
scale = Piecewise((epsilon / whole, Ge(whole, epsilon)), (1, True))
clipped = JointNorm(scale * A, scale * B)

PROOF = Proof(
    lines=(
        by_fact(
            "homogeneous",
            Eq(clipped, abs(scale) * whole, evaluate=False),
            "joint length of a multiple",
            why="A factor leaves the norm of all gradients together",
            c=scale,
            parts=(A, B),
        ),
        line(
            "capped",
            Eq(clipped, Min(whole, epsilon), evaluate=False),
            "real arithmetic",
            "homogeneous",
            "positive threshold",
            why="Where ‖g‖ reaches ε, ε ‖g‖/‖g‖ is ε; elsewhere ‖g‖ stays as it is",
        ),
        line(
            "what is left",
            Eq(clipped, whole * scale, evaluate=False),
            "real arithmetic",
            "homogeneous",
            "positive threshold",
            why="The factor is positive",
        ),
        *(
            part
            for X in (A, B)
            for part in (
                line(
                    f"{X} as it is",
                    Eq(whole * (scale * X), whole * scale * X, evaluate=False),
                    "matrix algebra",
                ),
                line(
                    f"direction of {X}",
                    Eq(whole * (scale * X), clipped * X, evaluate=False),
                    "equals for equals",
                    "what is left",
                    f"{X} as it is",
                    why="Every tensor is multiplied by the same positive factor",
                ),
            )
        ),
        line("clipped", scaled(scale), "together", "capped", "direction of A", "direction of B"),
    )
)

THEOREM = Theorem(
    title="Clipping by norm",
    words="One factor for all gradients together caps their joint norm at ε and keeps their direction.",
    sources=(PASCANU.at("algorithm 1"), TRAINING_RNNS.at("gradient clipping"), FYS5429.at("gradient clipping")),
    statement=scaled(scale),
    instances=gradient_tensors(epsilon, A, B, exponents=(0, 0, 8, -8, 40, -40, 400, -400)),
    check=norm_clipping,
    proof=PROOF,
    assumptions=(positive,),
    without={positive: Case({A: [[3]], B: [[4]], epsilon: -1})},
    mutants={
        "each tensor by its own norm": scaled(
            epsilon / Max(epsilon, FrobeniusNorm(A)), epsilon / Max(epsilon, FrobeniusNorm(B))
        ),
        "no test of the threshold": scaled(epsilon / whole),
        "the norm without its root": scaled(epsilon / Max(epsilon, whole**2)),
        "ε squared": scaled(epsilon**2 / Max(epsilon, whole)),
        "the largest entry for the norm": scaled(epsilon / Max(epsilon, LargestEntry(A))),
        "the larger of norm and ε": scaled(epsilon / Max(epsilon, whole), limit=Max(whole, epsilon)),
    },
    pictures=(before_after,),
)
