"""The spectral norm is the largest singular value, and the most by which a matrix stretches a vector."""

from __future__ import annotations

from typing import Any

from sympy import Ge, Le, MatrixSymbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Balls
from backproof.theory.evaluation import evaluate
from backproof.theory.instances.symbols import cases
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import (
    EuclideanNorm,
    Inner,
    LargestEntry,
    SmallestSingularValue,
    SpectralNorm,
    SpectralRadius,
)
from backproof.theory.language.notation import A, n, v
from backproof.theory.proving.builders import by_fact, equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import HORN_JOHNSON, SLIDES
from backproof.theory.theorems.spectra._matrices import stretch_satisfies


def _at_most(factor: Any, kind: Any = Le) -> Any:
    return kind(EuclideanNorm(A * v), factor * EuclideanNorm(v), evaluate=False)


def _ratio(case: Case) -> float:
    """‖Av‖ over ‖A‖₂ ‖v‖ for the diagonal matrix and unit vector below, where all three are integers."""
    (environment,) = case.environments(Balls(), THEOREM.statement)
    left, right = (evaluate(side, Balls(), environment) for side in (THEOREM.statement.lhs, THEOREM.statement.rhs))
    return float(left / right)


X, P, d = MatrixSymbol("X", n, n), MatrixSymbol("P", n, n), MatrixSymbol("d", n, 1)
Sigma = DiagMatrix(d)
y = X.T * v


PROOF = Proof(
    lines=(
        line(
            "factors",
            equal(A, P * Sigma * X.T),
            "supposition",
            why="Let A = P diag(d) Xᵀ be a singular value decomposition",
        ),
        line("left vectors", equal(P.T * P, Identity(n)), "supposition"),
        line("right vectors", equal(X.T * X, Identity(n)), "supposition"),
        by_fact(
            "both sides",
            equal(X * X.T, Identity(n)),
            "a one-sided inverse is two-sided",
            "right vectors",
            X=X.T,
            Y=X,
        ),
        by_fact(
            "without P",
            equal(SpectralNorm(P * Sigma * X.T), SpectralNorm(Sigma * X.T)),
            "norm after an isometry",
            "left vectors",
            X=P,
            Y=Sigma * X.T,
        ),
        by_fact(
            "turned", equal(SpectralNorm((X * Sigma).T), SpectralNorm(X * Sigma)), "norm of a transpose", X=X * Sigma
        ),
        by_fact(
            "without X",
            equal(SpectralNorm(X * Sigma), SpectralNorm(Sigma)),
            "norm after an isometry",
            "right vectors",
            X=X,
            Y=Sigma,
        ),
        by_fact("largest", equal(SpectralNorm(Sigma), LargestEntry(d)), "norm of a diagonal", d=d),
        line(
            "norm of the product",
            equal(SpectralNorm(P * Sigma * X.T), LargestEntry(d)),
            "real arithmetic",
            "without P",
            "turned",
            "without X",
            "largest",
        ),
        line(
            "norm",
            equal(SpectralNorm(A), LargestEntry(d)),
            "equals for equals",
            "factors",
            "norm of the product",
            why="So ‖A‖₂ is the largest of the |d_i|",
        ),
        line(
            "image",
            equal(Inner(A * v, A * v), Inner(Sigma * y, Sigma * y)),
            "matrix algebra",
            "factors",
            "left vectors",
            why="With y = Xᵀ v: ‖A v‖² = Σ d_i² y_i²",
        ),
        line("length", equal(Inner(y, y), Inner(v, v)), "matrix algebra", "both sides", why="and ‖v‖² = Σ y_i²"),
        by_fact(
            "term by term",
            Le(EuclideanNorm(Sigma * y), LargestEntry(d) * EuclideanNorm(y), evaluate=False),
            "length after a diagonal",
            d=d,
            v=y,
        ),
        line(
            "squares",
            Le(EuclideanNorm(A * v) ** 2, SpectralNorm(A) ** 2 * EuclideanNorm(v) ** 2, evaluate=False),
            "real arithmetic",
            *("norm", "image", "length", "term by term"),
        ),
        line(
            "without the factors",
            Le(EuclideanNorm(A * v) ** 2, SpectralNorm(A) ** 2 * EuclideanNorm(v) ** 2, evaluate=False),
            "there is",
            "squares",
            fact="singular value decomposition",
            of={"X": A},
            new={"P": P, "d": d, "Y": X},
            why="Every matrix has such a decomposition",
        ),
        line("stretch", _at_most(SpectralNorm(A)), "real arithmetic", "without the factors", why="Both roots are ≥ 0"),
    )
)

THEOREM = Theorem(
    title="The most that a matrix stretches",
    words="No vector is stretched by more than the largest singular value.",
    sources=(SLIDES.at("spectral norm"), HORN_JOHNSON.at("section 5.6, the spectral norm")),
    statement=_at_most(SpectralNorm(A)),
    instances=cases(A, v),
    check=stretch_satisfies,
    proof=PROOF,
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
