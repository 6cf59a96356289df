"""Slopes of the sigmoid and of tanh tend to 0 at both ends; that of ReLU is 0 wherever its argument is negative."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import Derivative, Eq, Ge, Gt, Integer, Le, Limit, Lt, Max, Rational, exp, oo, tanh

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.functions import logistic, z
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import SLIDES
from backproof.theory.theorems.activations._ends import by_limits, limits_match, together


def _tends(activation: Any, end: Any, value: Any = 0) -> Any:
    return Eq(Limit(Derivative(activation, z), z, end), value, evaluate=False)


def _says(sigmoid_right: Any = 0, tanh_left: Any = 0, relu: Any = 0) -> Any:
    s, h = logistic(z), tanh(z)
    rectified = Eq(Derivative(Max(z, 0), z), relu, evaluate=False)
    return together(_tends(s, -oo), _tends(s, oo, sigmoid_right), _tends(h, -oo, tanh_left), _tends(h, oo), rectified)


below = Lt(z, 0, evaluate=False)
negative = Assumption(name="negative", text="z < 0", holds=lambda case: decide(below, case) is True, says=below)
s, h = logistic(z), tanh(z)


def _vanishes(name: str, activation: Any, slope: Any, rate: int, end: Any) -> tuple[Line, ...]:
    """Lines for ``φ′ → 0`` at one end, from ``0 ≤ φ′ ≤ 4 exp(−rate |z|)`` there."""
    derivative, word = Derivative(activation, z), f"{name} at {'+' if end == oo else '−'}∞"
    bound = 4 * exp(-rate * z if end == oo else rate * z)
    return (
        line(
            f"{word}, bound on the formula",
            Le(slope, bound, evaluate=False),
            "real arithmetic",
            f"{name} by exp(−{'' if rate == 1 else rate}z)"
            if end == oo
            else f"{name} by exp({'' if rate == 1 else rate}z)",
            *(("reflection",) if activation == s and end == -oo else ()),
        ),
        line(
            f"{word}, bound",
            Le(derivative, bound, evaluate=False),
            "equals for equals",
            f"{name}′",
            f"{word}, bound on the formula",
        ),
        by_fact(
            f"{word}, bound vanishes",
            Eq(Limit(bound, z, end), 0, evaluate=False),
            "exponentials vanish",
            c=Integer(4),
            rate=Integer(rate),
            x=z,
            end=end,
        ),
        line(
            word,
            _tends(activation, end),
            "squeeze",
            f"{name}′ ≥ 0",
            f"{word}, bound",
            f"{word}, bound vanishes",
            variable=z,
            to=end,
            why="Between 0 and a multiple of an exponential that vanishes",
        ),
    )


def _slope(name: str, activation: Any, slope: Any, theorem: str) -> tuple[Line, ...]:
    """Lines for the slope's formula, and that it is not negative."""
    derivative = Derivative(activation, z)
    return (
        line(f"{name}′", Eq(derivative, slope, evaluate=False), "theorem", id=theorem),
        line(f"{name}′ > 0", Gt(slope, 0, evaluate=False), "theorem", id=theorem),
        line(f"{name} not falling", Ge(slope, 0, evaluate=False), "real arithmetic", f"{name}′ > 0"),
        line(
            f"{name}′ ≥ 0",
            Ge(derivative, 0, evaluate=False),
            "equals for equals",
            f"{name}′",
            f"{name} not falling",
        ),
    )


def _written(name: str, left: Any, right: Any, fact: str, x: Any) -> Line:
    return by_fact(name, Eq(left, right, evaluate=False), fact, x=x)


PROOF = Proof(
    lines=(
        *_slope("σ", s, s * (1 - s), "activations/sigmoid_slope"),
        _written("σ by exp(−z)", s, 1 / (1 + exp(-z)), "sigmoid by exponentials", z),
        _written("σ by exp(z)", logistic(-z), 1 / (1 + exp(z)), "sigmoid by exponentials", -z),
        _written("reflection", logistic(-z), 1 - s, "reflection of the sigmoid", z),
        *_slope("tanh", h, 1 - h**2, "activations/tanh_slope"),
        _written("tanh by exp(−2z)", h, (1 - exp(-2 * z)) / (1 + exp(-2 * z)), "tanh by exponentials", z),
        _written("tanh by exp(2z)", -h, (1 - exp(2 * z)) / (1 + exp(2 * z)), "tanh by exponentials", -z),
        *(
            part
            for name, activation, slope, rate in (("σ", s, s * (1 - s), 1), ("tanh", h, 1 - h**2, 2))
            for end in (-oo, oo)
            for part in _vanishes(name, activation, slope, rate, end)
        ),
        by_fact(
            "ReLU",
            Eq(Derivative(Max(z, 0), z), 0, evaluate=False),
            "slope of the larger of two",
            "negative",
            why="Near a negative argument max(z, 0) is 0",
            f=z,
            g=Integer(0),
            x=z,
        ),
        line("ends", _says(), "together", "σ at −∞", "σ at +∞", "tanh at −∞", "tanh at +∞", "ReLU"),
    )
)

THEOREM = Theorem(
    title="Slopes at the ends",
    words="σ′ and tanh′ tend to 0 at −∞ and at +∞, and ReLU′(z) = 0 for every z < 0.",
    sources=(SLIDES.at("derivatives of sigmoid, tanh and ReLU"),),
    statement=_says(),
    instances=st.integers(1, 2000).map(lambda count: Case({z: -(1.0 + count / 2)})),
    check=limits_match,
    proof=PROOF,
    decide=by_limits,
    assumptions=(negative,),
    without={negative: Case({z: 1.0})},
    certified=(Case({z: -1}),),
    mutants={
        "the sigmoid keeps a quarter": _says(sigmoid_right=Rational(1, 4)),
        "the sigmoid itself for its slope": _says(sigmoid_right=1),
        "tanh itself for its slope": _says(tanh_left=-1),
        "ReLU leaks": _says(relu=Rational(1, 100)),
    },
)
