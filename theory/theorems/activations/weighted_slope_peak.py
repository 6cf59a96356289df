"""Where σ′(net) w is stationary in the weight, no other weight of the same sign makes it larger.

To the move d of net belongs a weight that is 1 + d tanh(net/2) times as large; what else the unit reads stays as it is.
"""

from __future__ import annotations

from typing import Any

from sympy import Ge, Le, Symbol, tanh

from backproof.theory.instances.symbols import cases
from backproof.theory.instances.values import Case
from backproof.theory.language.functions import logistic
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import GRADIENT_FLOW, HOCHREITER_SCHMIDHUBER

net, d = Symbol("net", real=True), Symbol("d", real=True)


def _slope(argument: Any) -> Any:
    """``σ′``, without cancellation."""
    return logistic(argument) * logistic(-argument)


def _most(share: Any, moved: Any = net + d) -> Any:
    return Le(share * _slope(moved), _slope(net), evaluate=False)


THEOREM = Theorem(
    title="Peak of the weighted slope",
    words="With w y tanh(net/2) = 1, w′ = w + d/y is w (1 + d tanh(net/2)), and σ′(net + d) w′/w ≤ σ′(net).",
    sources=(
        HOCHREITER_SCHMIDHUBER.at("intuitive explanation of the error flow"),
        GRADIENT_FLOW.at("intuitive explanation of equation (2)"),
    ),
    statement=_most(1 + d * tanh(net / 2)),
    instances=cases(net, d),
    certified=(Case({net: 2, d: 1}), Case({net: -3, d: 0.5})),
    attained=Case({net: 1, d: 0}),
    ratio=lambda case: float((1 + d * tanh(net / 2)).subs(dict(case))),
    mutants={
        "the weight held": _most(1),
        "the argument not halved": _most(1 + d * tanh(net)),
        "the other sign": _most(1 - d * tanh(net / 2)),
        "least": Ge((1 + d * tanh(net / 2)) * _slope(net + d), _slope(net), evaluate=False),
        "of half the move": _most(1 + d * tanh(net / 2), net + d / 2),
    },
    examples=100,
)
