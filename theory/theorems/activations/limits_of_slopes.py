"""Slopes of the sigmoid and of tanh tend to 0 at both ends; that of ReLU is 0 wherever its argument is negative."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import Derivative, Eq, Limit, Max, Rational, oo, tanh

from backproof.theory.instances.values import Case
from backproof.theory.language.functions import logistic, z
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import SLIDES
from backproof.theory.theorems.activations._ends import ENDS, by_limits, limits_match, together


def _tends(activation: Any, end: Any, value: Any = 0) -> Any:
    return Eq(Limit(Derivative(activation, z), z, end), value, evaluate=False)


def _says(sigmoid_right: Any = 0, tanh_left: Any = 0, relu: Any = 0) -> Any:
    s, h = logistic(z), tanh(z)
    rectified = Eq(Derivative(Max(z, 0), z), relu, evaluate=False)
    return together(_tends(s, -oo), _tends(s, oo, sigmoid_right), _tends(h, -oo, tanh_left), _tends(h, oo), rectified)


negative = Assumption(name="negative", text="z < 0", holds=lambda case: case[z] < 0)

THEOREM = Theorem(
    title="Slopes at the ends",
    words="σ′ and tanh′ tend to 0 at −∞ and at +∞, and ReLU′(z) = 0 for every z < 0.",
    sources=(SLIDES.at("derivatives of sigmoid, tanh and ReLU"),),
    statement=_says(),
    instances=st.integers(1, 2000).map(lambda count: Case({z: -(1.0 + count / 2)})),
    check=limits_match,
    proof=ENDS,
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
    uses=("activations/sigmoid_slope", "activations/tanh_slope"),
)
