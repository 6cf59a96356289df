"""Clipping by norm is the projection onto a ball: nearest point, idempotent, and never farther apart than before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import And, Eq, Ge, Gt, Le, Max, Min, Rational

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import EuclideanNorm, Inner
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import PASCANU
from backproof.theory.theorems.clipping._projection import G, H, projects, two_gradients
from backproof.theory.theorems.clipping._rules import epsilon


def clip(X: Any) -> Any:
    """``ε/max(ε, ‖X‖) X``."""
    return epsilon / Max(epsilon, EuclideanNorm(X)) * X


def _square(X: Any) -> Any:
    return Inner(X, X)


def _says(rule: Callable[[Any], Any] = clip, contraction: Any = 1) -> Any:
    return And(
        Eq(rule(rule(G)), rule(G), evaluate=False),
        Ge(Inner(G, rule(G)), 0, evaluate=False),
        Le(_square(G - rule(G)), _square(G - rule(H)), evaluate=False),
        Le(_square(rule(G) - rule(H)), contraction * _square(G - H), evaluate=False),
        evaluate=False,
    )


def _ratio(case: Case) -> float:
    """Squared distance afterwards over squared distance before."""
    with precision(BITS):
        (environment,) = case.environments(Balls(), _says())
        sides = (_square(clip(G) - clip(H)), _square(G - H))
        after, before = (evaluate(side, Balls(), environment) for side in sides)
        return float(after / before)


above_zero = Gt(epsilon, 0, evaluate=False)
positive = Assumption(
    name="positive threshold", text="ε > 0", holds=lambda case: decide(above_zero, case) is True, says=above_zero
)
inside = Case({G: [[0.5], [0]], H: [[0], [0.5]], epsilon: 1})

a, b = EuclideanNorm(G), EuclideanNorm(H)
of_G, of_H = epsilon / Max(epsilon, a), epsilon / Max(epsilon, b)
together = Inner(G, H)
idempotent, agrees, nearest, shorter = (
    Eq(clip(clip(G)), clip(G), evaluate=False),
    Ge(Inner(G, clip(G)), 0, evaluate=False),
    Le(_square(G - clip(G)), _square(G - clip(H)), evaluate=False),
    Le(_square(clip(G) - clip(H)), _square(G - H), evaluate=False),
)
again = epsilon / Max(epsilon, EuclideanNorm(clip(G)))

PROOF = Proof(
    lines=(
        by_fact(
            "homogeneous",
            Eq(EuclideanNorm(clip(G)), abs(of_G) * a, evaluate=False),
            "length of a multiple",
            c=of_G,
            X=G,
        ),
        line(
            "within the ball",
            Eq(again * of_G, of_G, evaluate=False),
            "real arithmetic",
            "homogeneous",
            "positive threshold",
            why="What has been clipped is not longer than ε, so its factor is 1",
        ),
        line("as it is", Eq(clip(G), clip(G), evaluate=False), "matrix algebra"),
        line("again", idempotent, "equals for equals", "within the ball", "as it is", why="Again changes nothing"),
        line(
            "no turning back",
            agrees,
            "real arithmetic",
            "positive threshold",
            why="⟨G, clip G⟩ is a positive factor times ‖G‖²",
        ),
        by_fact(
            "Cauchy and Schwarz",
            Le(together**2, _square(G) * _square(H), evaluate=False),
            "Cauchy and Schwarz",
            X=G,
            Y=H,
        ),
        line("squared", Le(together**2, (a * b) ** 2, evaluate=False), "real arithmetic", "Cauchy and Schwarz"),
        line(
            "at most", Le(together, a * b, evaluate=False), "real arithmetic", "squared", why="Lengths are not negative"
        ),
        line(
            "length of clip G",
            Eq(of_G * a, Min(a, epsilon), evaluate=False),
            "real arithmetic",
            "positive threshold",
        ),
        line(
            "length of clip H",
            Eq(of_H * b, Min(b, epsilon), evaluate=False),
            "real arithmetic",
            "positive threshold",
        ),
        line(
            "factor of G",
            And(Gt(of_G, 0, evaluate=False), Le(of_G, 1, evaluate=False), evaluate=False),
            "real arithmetic",
            "positive threshold",
        ),
        line(
            "factor of H",
            And(Gt(of_H, 0, evaluate=False), Le(of_H, 1, evaluate=False), evaluate=False),
            "real arithmetic",
            "positive threshold",
        ),
        line(
            "nearest",
            nearest,
            "real arithmetic",
            "positive threshold",
            "at most",
            "length of clip G",
            "length of clip H",
            "factor of H",
            why="Multiplied out, least where G and H are parallel: there it is a matter of lengths",
        ),
        line(
            "not farther apart",
            shorter,
            "real arithmetic",
            "positive threshold",
            "at most",
            "length of clip G",
            "length of clip H",
            "factor of G",
            "factor of H",
            why="Likewise, and the smaller of a length and ε changes by no more than the length",
        ),
        line("projection", _says(), "together", "again", "no turning back", "nearest", "not farther apart"),
    )
)

THEOREM = Theorem(
    title="Clipping is a projection",
    words="Clipping takes g to the nearest point with ‖·‖ ≤ ε: again changes nothing, ⟨g, clip g⟩ ≥ 0, 1-Lipschitz.",
    sources=(PASCANU.at("section 3.2, algorithm 1"),),
    statement=_says(),
    instances=two_gradients,
    check=projects,
    proof=PROOF,
    assumptions=(positive,),
    without={positive: Case({G: [[3], [4]], H: [[1], [0]], epsilon: -1})},
    attained=inside,
    ratio=_ratio,
    ledger=("F7",),
    mutants={
        "every gradient brought to length ε": _says(lambda X: epsilon / EuclideanNorm(X) * X),
        "always halved": _says(lambda X: Rational(1, 2) * X),
        "the norm without its root": _says(lambda X: epsilon / Max(epsilon, Inner(X, X)) * X),
        "the other way": _says(lambda X: -clip(X)),
        "twice as near": _says(contraction=Rational(1, 4)),
    },
    examples=100,
)
