"""The slope of the sigmoid is its value times what is missing to 1, and at most a quarter."""

from __future__ import annotations

from typing import Any

from sympy import Derivative, Eq, Ge, Gt, Le, Lt, Rational, exp

from backproof.theory.instances.values import Case
from backproof.theory.language.functions import ACTIVATIONS, logistic, z
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import CS6180, PASCANU
from backproof.theory.theorems.activations._slopes import arguments, relations, slope_matches

s = logistic(z)
QUARTER = ACTIVATIONS["sigmoid"].steepest


def slope(claimed: Any, most: Any = None) -> Any:
    """The derivative is what is claimed, positive, and at most a quarter."""
    least = Gt(claimed, 0, evaluate=False)
    return relations(s, claimed, least, Le(claimed, QUARTER, evaluate=False) if most is None else most)


product = s * (1 - s)

PROOF = Proof(
    lines=(
        line(
            "derivative",
            Eq(Derivative(s, z), product, evaluate=False),
            "derivative",
            why="Differentiating the definition by exponentials",
        ),
        by_fact("definition", Eq(s, 1 / (1 + exp(-z)), evaluate=False), "sigmoid by exponentials", x=z),
        line(
            "positive",
            Gt(product, 0, evaluate=False),
            "real arithmetic",
            "definition",
            why="A quotient of positive exponentials is positive",
        ),
        line(
            "at most",
            Le(product, QUARTER, evaluate=False),
            "real arithmetic",
            why="The distance to the bound is a square, (σ − ½)²",
        ),
        line("slope", slope(product), "together", "derivative", "positive", "at most"),
    )
)

THEOREM = Theorem(
    title="Slope of the sigmoid",
    words="σ′ = σ(1 − σ) lies above 0 and at most at a quarter, which it reaches at 0 alone.",
    sources=(CS6180.at("sigmoid derivative"), PASCANU.at("section 2.1")),
    statement=slope(product),
    instances=arguments(),
    check=slope_matches,
    proof=PROOF,
    attained=Case({z: 0}),
    ratio=lambda case: float((product / QUARTER).subs(s, Rational(1, 2)).subs(z, case[z])),
    mutants={
        "σ(1 + σ)": slope(s * (1 + s)),
        "1 − σ², the form of tanh": slope(1 - s**2),
        "σ²": slope(s**2),
        "a fifth": slope(product, Le(product, Rational(1, 5), evaluate=False)),
        "strictly below a quarter": slope(product, Lt(product, QUARTER, evaluate=False)),
        "at least a quarter": slope(product, Ge(product, QUARTER, evaluate=False)),
    },
)
