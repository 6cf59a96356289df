"""Clipping by norm is the projection onto a ball: nearest point, idempotent, and never farther apart than before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import And, Eq, Ge, Le, Max, Rational

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import EuclideanNorm, Inner
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import PASCANU
from backproof.theory.theorems.clipping._projection import PROJECTION, G, H, projects, two_gradients
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


positive = Assumption(name="positive threshold", text="ε > 0", holds=lambda case: case[epsilon] > 0)
inside = Case({G: [[0.5], [0]], H: [[0], [0.5]], epsilon: 1})

THEOREM = Theorem(
    title="Clipping is a projection",
    words="Clipping takes g to the nearest point with ‖·‖ ≤ ε: again changes nothing, ⟨g, clip g⟩ ≥ 0, 1-Lipschitz.",
    sources=(PASCANU.at("section 3.2, algorithm 1"),),
    statement=_says(),
    instances=two_gradients,
    check=projects,
    proof=PROJECTION,
    assumptions=(
        positive := Assumption(name="positive threshold", text="ε > 0", holds=lambda case: case[epsilon] > 0),
    ),
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
    uses=("clipping/by_norm",),
    examples=100,
)
