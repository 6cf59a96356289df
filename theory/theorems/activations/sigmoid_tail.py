"""The slope of the sigmoid is never 0: it falls as exp(−|z|) does, within a factor of 4."""

from __future__ import annotations

from typing import Any

from sympy import Ge, Le, Rational, exp

from backproof.theory.instances.values import Case
from backproof.theory.language.functions import logistic, z
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import CS6180, TRAINING_RNNS
from backproof.theory.theorems.activations._ends import TAIL, modulus, tail_matches
from backproof.theory.theorems.activations._slopes import arguments, relations

s = logistic(z)
slope, tail = s * (1 - s), exp(-modulus)


def _between(low: Any, high: Any) -> Any:
    return relations(s, slope, Ge(slope, low, evaluate=False), Le(slope, high, evaluate=False))


THEOREM = Theorem(
    title="How the sigmoid saturates",
    words="σ′(z) lies between a quarter of exp(−|z|) and exp(−|z|): positive everywhere, below ε beyond log(1/ε).",
    sources=(TRAINING_RNNS.at("non-zero gradients on a limited interval"), CS6180.at("sigmoid derivative")),
    statement=_between(tail / 4, tail),
    instances=arguments(),
    check=tail_matches,
    proof=TAIL,
    attained=Case({z: 0}),
    ratio=lambda case: float((slope / (tail / 4)).subs(s, Rational(1, 2)).subs(z, case[z])),
    mutants={
        "zero far out": _between(0, tail**2),
        "half of it above": _between(tail / 4, tail / 2),
        "a third of it below": _between(tail / 3, tail),
        "without the modulus": _between(exp(-z) / 4, tail),
        "all of it below": _between(tail, tail),
    },
    uses=("activations/sigmoid_slope",),
)
