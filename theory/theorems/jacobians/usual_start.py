"""With the usual starts, sigmoid and tanh nets lose what lies a hundred steps back.

The effect was fixed before any run: below a thousandth, for at least nine seeds of ten.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Gt, Lt, Symbol

from backproof.theory.confronting.quantities import drawn_satisfies
from backproof.theory.records.records import Measurement, Theorem
from backproof.theory.records.sources import GLOROT_BENGIO, SLIDES
from backproof.theory.theorems.jacobians._starts import Start, end_to_end, starts

of_tanh, of_sigmoid, first = (
    Symbol(rf"\log_{{10}} \|\partial h_{{{t}}} / \partial h_0\|_{{{name}}}", real=True)
    for t, name in (("100", r"\tanh"), ("100", r"\sigma"), ("1", r"\tanh"))
)


def _tanh(subject: Any, start: Start) -> float:
    return end_to_end(subject, start)


def _sigmoid(subject: Any, start: Start) -> float:
    return end_to_end(subject, start.with_(activation="sigmoid"))


def _first(subject: Any, start: Start) -> float:
    return end_to_end(subject, start.with_(steps=1))


def _vanishes(subject: Any, seed: int) -> float:
    """1 if both nets of this seed lose a factor of a thousand or more."""
    start = Start(seed=seed)
    return float(max(_tanh(subject, start), _sigmoid(subject, start)) < -3)


def tanh_vanishes(subject: Any, drive: float, seed: int, recurrent: str = "normal") -> float:
    """1 if the tanh net with inputs of that standard deviation loses a factor of a thousand or more."""
    return float(_tanh(subject, Start(seed=seed, drive=drive, recurrent=recurrent)) < -3)


def _says(tanh: Any, sigmoid: Any) -> Any:
    return And(tanh, sigmoid, evaluate=False)


sigmoid_vanishes = Lt(of_sigmoid, -3, evaluate=False)

THEOREM = Theorem(
    title="Vanishing from the start",
    words="With 32 units, normal weights and normal inputs, ‖∂h_100/∂h_0‖ < 1/1000 for tanh and for the sigmoid.",
    sources=(SLIDES.at("vanishing gradients are very likely"), GLOROT_BENGIO.at("saturating activations")),
    statement=_says(Lt(of_tanh, -3, evaluate=False), sigmoid_vanishes),
    instances=starts(),
    check=drawn_satisfies({of_tanh: _tanh, of_sigmoid: _sigmoid, first: _first}),
    mutants={
        "tanh keeps the gradient": _says(Gt(of_tanh, -3, evaluate=False), sigmoid_vanishes),
        "tanh explodes": _says(Gt(of_tanh, 0, evaluate=False), sigmoid_vanishes),
        "one step is enough": _says(Lt(first, -3, evaluate=False), sigmoid_vanishes),
        "the sigmoid keeps the gradient": _says(Lt(of_tanh, -3, evaluate=False), Gt(of_sigmoid, -3, evaluate=False)),
    },
    measurement=Measurement(
        quantity="share of seeds at which ‖∂h_100/∂h_0‖ < 1/1000 for tanh and for the sigmoid",
        effect="at least 9 in 10",
        seeds=100,
        sample=_vanishes,
        expected=(0.9, 1.0),
    ),
    examples=40,
)
