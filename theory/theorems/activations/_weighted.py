"""The factor ``σ′(net) w`` by which an error shrinks on its way back across a weight w of the unit that it reaches.

net = w y + r: y is what the weight reads, r whatever else the unit reads.
"""

from __future__ import annotations

from typing import Any

from sympy import Eq, Gt, Symbol, exp

from backproof.theory.language.functions import logistic
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, line

w, y, r = (Symbol(name, real=True) for name in "wyr")
net = w * y + r


def slope_at(argument: Any) -> Any:
    """``σ′``, without cancellation."""
    return logistic(argument) * logistic(-argument)


def by_exponentials(x: Any, name: str) -> tuple[Line, ...]:
    """The line of that name: ``σ′(x) (2 + e^x + e^{−x}) = 1``."""
    return (
        by_fact(f"{name}: up", Eq(logistic(x), 1 / (1 + exp(-x)), evaluate=False), "sigmoid by exponentials", x=x),
        by_fact(f"{name}: down", Eq(logistic(-x), 1 / (1 + exp(x)), evaluate=False), "sigmoid by exponentials", x=-x),
        line(
            name,
            Eq(slope_at(x) * (2 + exp(x) + exp(-x)), 1, evaluate=False),
            "real arithmetic",
            *(f"{name}: up", f"{name}: down"),
        ),
        line(
            f"{name}: positive", Gt(slope_at(x), 0, evaluate=False), "real arithmetic", f"{name}: up", f"{name}: down"
        ),
    )
