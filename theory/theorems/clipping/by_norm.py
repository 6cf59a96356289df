"""Clipping by the norm of all gradients together: the norm becomes min(‖g‖, ε), and the direction stays."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import Ge, Gt, Max, Piecewise

from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import FrobeniusNorm, LargestEntry
from backproof.theory.records.pictures import Drawing
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import FYS5429, PASCANU, TRAINING_RNNS
from backproof.theory.theorems.clipping._one_factor import capped_and_aligned, scaled, whole
from backproof.theory.theorems.clipping._rules import A, B, epsilon, norm_clipping


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

THEOREM = Theorem(
    title="Clipping by norm",
    words="One factor for all gradients together caps their joint norm at ε and keeps their direction.",
    sources=(PASCANU.at("algorithm 1"), TRAINING_RNNS.at("gradient clipping"), FYS5429.at("gradient clipping")),
    statement=scaled(scale),
    instances=gradient_tensors(epsilon, A, B, exponents=(0, 0, 8, -8, 40, -40, 400, -400)),
    check=norm_clipping,
    proof=capped_and_aligned(scale, positive.name),
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
