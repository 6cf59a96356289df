"""Large weights explode in a ReLU net; tanh saturates at them and holds most of the growth back.

The effect was fixed before any run: five orders of magnitude between the two within 50 steps, on average.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Gt, Lt, Symbol

from backproof.theory.confronting.quantities import drawn_satisfies
from backproof.theory.records.records import Measurement, Theorem
from backproof.theory.records.sources import LE_JAITLY_HINTON, SLIDES
from backproof.theory.theorems.jacobians._starts import Start, end_to_end, starts

of_relu, of_tanh = (
    Symbol(rf"\log_{{10}} \|\partial h_{{50}} / \partial h_0\|_{{{name}}}", real=True) for name in ("ReLU", r"\tanh")
)

LARGE: dict[str, Any] = {"gain": 3.0, "steps": 50}


def _relu(subject: Any, start: Start) -> float:
    return end_to_end(subject, start.with_(activation="relu"))


def _tanh(subject: Any, start: Start) -> float:
    return end_to_end(subject, start)


def _more(subject: Any, seed: int) -> float:
    start = Start(seed=seed, **LARGE)
    return _relu(subject, start) - _tanh(subject, start)


def _says(*relations: Any) -> Any:
    return And(*relations, evaluate=False)


explodes = Gt(of_relu, 5, evaluate=False)

THEOREM = Theorem(
    title="Large weights and ReLU",
    words="With normal W of standard deviation 3/√n, ‖∂h_50/∂h_0‖ of a ReLU net exceeds 10⁵ and that of a tanh net.",
    sources=(SLIDES.at("large norm of W"), LE_JAITLY_HINTON.at("recurrent nets of rectified linear units")),
    statement=_says(explodes, Gt(of_relu, of_tanh, evaluate=False)),
    instances=starts(**LARGE),
    check=drawn_satisfies({of_relu: _relu, of_tanh: _tanh}),
    mutants={
        "tanh grows more": _says(explodes, Gt(of_tanh, of_relu, evaluate=False)),
        "tanh explodes as well": _says(explodes, Gt(of_tanh, 5, evaluate=False)),
        "ReLU vanishes": _says(Lt(of_relu, 0, evaluate=False), Gt(of_relu, of_tanh, evaluate=False)),
    },
    measurement=Measurement(
        quantity="mean of log₁₀ ‖∂h_50/∂h_0‖ for ReLU less that for tanh, 32 units, W of standard deviation 3/√n",
        effect="at least 5",
        seeds=60,
        sample=_more,
        expected=(5.0, 60.0),
    ),
    examples=60,
)
