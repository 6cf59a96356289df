"""The slope of tanh is 1 less its square, and at most 1."""

from __future__ import annotations

from typing import Any

from sympy import Derivative, Eq, Gt, Le, Lt, Rational, exp, tanh

from backproof.theory.instances.values import Case
from backproof.theory.language.functions import ACTIVATIONS, z
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU, SLIDES
from backproof.theory.theorems.activations._slopes import arguments, relations, slope_matches

h = tanh(z)
MOST = ACTIVATIONS["tanh"].steepest


def slope(claimed: Any, most: Any = None) -> Any:
    """The derivative is what is claimed, positive, and at most 1."""
    least = Gt(claimed, 0, evaluate=False)
    return relations(h, claimed, least, Le(claimed, MOST, evaluate=False) if most is None else most)


PROOF = Proof(
    lines=(
        line(
            "derivative",
            Eq(Derivative(h, z), 1 - h**2, evaluate=False),
            "derivative",
            why="Differentiating the definition by exponentials",
        ),
        by_fact(
            "definition", Eq(h, (1 - exp(-2 * z)) / (1 + exp(-2 * z)), evaluate=False), "tanh by exponentials", x=z
        ),
        line(
            "positive",
            Gt(1 - h**2, 0, evaluate=False),
            "real arithmetic",
            "definition",
            why="A quotient of positive exponentials is positive",
        ),
        line(
            "at most",
            Le(1 - h**2, MOST, evaluate=False),
            "real arithmetic",
            why="The distance to the bound is a square, tanh²",
        ),
        line("slope", slope(1 - h**2), "together", "derivative", "positive", "at most"),
    )
)

THEOREM = Theorem(
    title="Slope of tanh",
    words="tanh′ = 1 − tanh² lies above 0 and at most at 1, which it reaches at 0 alone.",
    sources=(PASCANU.at("section 2.1"), SLIDES.at("derivatives of sigmoid, tanh and ReLU")),
    statement=slope(1 - h**2),
    instances=arguments(),
    check=slope_matches,
    proof=PROOF,
    attained=Case({z: 0}),
    ratio=lambda case: float((1 - h**2).subs(z, case[z])),
    mutants={
        "tanh(1 − tanh), the form of the sigmoid": slope(h * (1 - h)),
        "1 + tanh²": slope(1 + h**2),
        "1 − tanh": slope(1 - h),
        "a half": slope(1 - h**2, Le(1 - h**2, Rational(1, 2), evaluate=False)),
        "strictly below 1": slope(1 - h**2, Lt(1 - h**2, MOST, evaluate=False)),
    },
)
