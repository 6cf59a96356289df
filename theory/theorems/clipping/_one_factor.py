"""One factor for all gradients together: what is said of it, and why, whatever the test of the threshold is."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Min

from backproof.theory.language.nodes import JointNorm
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.theorems.clipping._rules import A, B, epsilon

whole = JointNorm(A, B)


def scaled(factor: Any, second: Any = None, limit: Any = None) -> Any:
    """Both tensors times a factor (or each times its own): what is said of the norm and of the direction."""
    parts = (factor * A, (factor if second is None else second) * B)
    clipped = JointNorm(*parts)
    capped = Eq(clipped, Min(whole, epsilon) if limit is None else limit, evaluate=False)
    aligned = (Eq(whole * part, clipped * S, evaluate=False) for part, S in zip(parts, (A, B), strict=True))
    return And(capped, *aligned)


def capped_and_aligned(scale: Any, threshold: str) -> Proof:
    """The proof of ``scaled(scale)``; ``threshold`` is the name of what is assumed of ε."""
    clipped = JointNorm(scale * A, scale * B)
    return Proof(
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
                threshold,
                why="Where ‖g‖ reaches ε, ε ‖g‖/‖g‖ is ε; elsewhere ‖g‖ stays as it is",
            ),
            line(
                "what is left",
                Eq(clipped, whole * scale, evaluate=False),
                "real arithmetic",
                "homogeneous",
                threshold,
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
