"""The spectral norm is the largest singular value, and the most by which a matrix stretches a vector."""

from __future__ import annotations

from typing import Any

from sympy import Ge, Le

from backproof.theory.arithmetic import Balls
from backproof.theory.evaluation import evaluate
from backproof.theory.instances.strategies import cases
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import (
    EuclideanNorm,
    LargestEntry,
    SmallestSingularValue,
    SpectralNorm,
    SpectralRadius,
)
from backproof.theory.language.notation import A, v
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import HORN_JOHNSON, SLIDES
from backproof.theory.theorems.spectra._matrices import stretch_satisfies
from backproof.theory.theorems.spectra._matrices_proof import SPECTRAL_NORM


def _at_most(factor: Any, kind: Any = Le) -> Any:
    return kind(EuclideanNorm(A * v), factor * EuclideanNorm(v), evaluate=False)


def _ratio(case: Case) -> float:
    """‖Av‖ over ‖A‖₂ ‖v‖ for the diagonal matrix and unit vector below, where all three are integers."""
    (environment,) = case.environments(Balls(), THEOREM.statement)
    left, right = (evaluate(side, Balls(), environment) for side in (THEOREM.statement.lhs, THEOREM.statement.rhs))
    return float(left / right)


THEOREM = Theorem(
    title="The most that a matrix stretches",
    words="No vector is stretched by more than the largest singular value, and the first right singular vector is.",
    sources=(SLIDES.at("spectral norm"), HORN_JOHNSON.at("section 5.6, the spectral norm")),
    statement=_at_most(SpectralNorm(A)),
    instances=cases(A, v),
    check=stretch_satisfies,
    proof=SPECTRAL_NORM,
    certified=(Case({A: [[1, 2], [0, 1]], v: [[1], [1]]}),),
    attained=Case({A: [[3, 0], [0, 1]], v: [[2], [0]]}),
    ratio=_ratio,
    mutants={
        "smallest singular value": _at_most(SmallestSingularValue(A)),
        "spectral radius": _at_most(SpectralRadius(A)),
        "largest entry": _at_most(LargestEntry(A)),
        "at least": _at_most(SpectralNorm(A), Ge),
    },
)
