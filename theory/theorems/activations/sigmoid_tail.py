"""The slope of the sigmoid is never 0: it falls as exp(−|z|) does, within a factor of 4."""

from __future__ import annotations

from typing import Any

from sympy import Derivative, Eq, Ge, Le, Or, Rational, exp

from backproof.theory.instances.values import Case
from backproof.theory.language.functions import logistic, z
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import CS6180, TRAINING_RNNS
from backproof.theory.theorems.activations._ends import modulus, tail_matches
from backproof.theory.theorems.activations._slopes import arguments, relations

s = logistic(z)
slope, tail = s * (1 - s), exp(-modulus)


def _between(low: Any, high: Any) -> Any:
    return relations(s, slope, Ge(slope, low, evaluate=False), Le(slope, high, evaluate=False))


low, high = Ge(slope, tail / 4, evaluate=False), Le(slope, tail, evaluate=False)
right, left = Ge(z, 0, evaluate=False), Le(z, 0, evaluate=False)


def _side(name: str, side: Any, argument: Any, sigmoid: Any, why: str) -> tuple[Line, ...]:
    """Both bounds on one side of 0, where ``|z|`` is the argument and ``sigmoid`` an equation for σ by exp(−|z|)."""
    e = exp(-argument)
    bounds = Ge(slope, e / 4, evaluate=False), Le(slope, e, evaluate=False)
    return (
        line(name, side, "supposition", why=why),
        line(f"modulus, {name}", Eq(modulus, argument, evaluate=False), "real arithmetic", name),
        line(f"its sign, {name}", Le(-argument, 0, evaluate=False), "real arithmetic", name),
        by_fact(
            f"at most 1, {name}", Le(e, 1, evaluate=False), "an exponential at most 1", f"its sign, {name}", x=-argument
        ),
        *(
            part
            for word, bound, wanted in zip(("below", "above"), bounds, (low, high), strict=True)
            for part in (
                line(f"{word}, {name}, in e", bound, "real arithmetic", *sigmoid, f"at most 1, {name}"),
                line(f"{word}, {name}", wanted, "equals for equals", f"modulus, {name}", f"{word}, {name}, in e"),
            )
        ),
    )


PROOF = Proof(
    lines=(
        line(
            "derivative",
            Eq(Derivative(s, z), slope, evaluate=False),
            "theorem",
            id="activations/sigmoid_slope",
        ),
        line("sides", Or(right, left, evaluate=False), "real arithmetic", why="z is on one side of 0 or the other"),
        by_fact("definition", Eq(s, 1 / (1 + exp(-z)), evaluate=False), "sigmoid by exponentials", x=z),
        by_fact(
            "definition at −z", Eq(logistic(-z), 1 / (1 + exp(z)), evaluate=False), "sigmoid by exponentials", x=-z
        ),
        by_fact("reflection", Eq(logistic(-z), 1 - s, evaluate=False), "reflection of the sigmoid", x=z),
        *_side("z ≥ 0", right, z, ("definition",), "Here |z| = z, and σ′ = e/(1 + e)² with e = exp(−z) ≤ 1"),
        *_side(
            "z ≤ 0",
            left,
            -z,
            ("definition at −z", "reflection"),
            "Here |z| = −z, and σ′ = e/(1 + e)² with e = exp(z) ≤ 1",
        ),
        line("low", low, "cases", "sides", "below, z ≥ 0", "below, z ≤ 0"),
        line("high", high, "cases", "sides", "above, z ≥ 0", "above, z ≤ 0"),
        line("saturates", _between(tail / 4, tail), "together", "derivative", "low", "high"),
    )
)

THEOREM = Theorem(
    title="How the sigmoid saturates",
    words="σ′(z) lies between a quarter of exp(−|z|) and exp(−|z|): positive everywhere, below ε beyond log(1/ε).",
    sources=(TRAINING_RNNS.at("non-zero gradients on a limited interval"), CS6180.at("sigmoid derivative")),
    statement=_between(tail / 4, tail),
    instances=arguments(),
    check=tail_matches,
    proof=PROOF,
    attained=Case({z: 0}),
    ratio=lambda case: float((slope / (tail / 4)).subs(s, Rational(1, 2)).subs(z, case[z])),
    mutants={
        "zero far out": _between(0, tail**2),
        "half of it above": _between(tail / 4, tail / 2),
        "a third of it below": _between(tail / 3, tail),
        "without the modulus": _between(exp(-z) / 4, tail),
        "all of it below": _between(tail, tail),
    },
)
