"""Where σ′(net) w is stationary in the weight, no other weight of the same sign makes it larger.

To the move d of net belongs a weight that is 1 + d tanh(net/2) times as large; what else the unit reads stays as it is.
"""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, Le, Symbol, exp, tanh

from backproof.theory.instances.symbols import cases
from backproof.theory.instances.values import Case
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import GRADIENT_FLOW, HOCHREITER_SCHMIDHUBER
from backproof.theory.theorems.activations._weighted import by_exponentials, slope_at

net, d = Symbol("net", real=True), Symbol("d", real=True)


def _most(share: Any, moved: Any = net + d) -> Any:
    return Le(share * slope_at(moved), slope_at(net), evaluate=False)


statement = _most(1 + d * tanh(net / 2))
spread = 2 + exp(net) + exp(-net)
wide = 2 + exp(net) * exp(d) + exp(-net) * exp(-d)

PROOF = Proof(
    lines=(
        *by_exponentials(net, "here"),
        *by_exponentials(net + d, "there"),
        by_fact(
            "tanh",
            Eq(tanh(net / 2), (1 - exp(-net)) / (1 + exp(-net)), evaluate=False),
            "tanh by exponentials",
            x=net / 2,
        ),
        line(
            "slope of the spread",
            Eq(tanh(net / 2) * spread, exp(net) - exp(-net), evaluate=False),
            "real arithmetic",
            "tanh",
        ),
        by_fact("up", Le(1 + d, exp(d), evaluate=False), "an exponential above its tangent", x=d),
        by_fact("down", Le(1 - d, exp(-d), evaluate=False), "an exponential above its tangent", x=-d),
        line(
            "above the tangent",
            Le(spread + d * (exp(net) - exp(-net)), wide, evaluate=False),
            "real arithmetic",
            *("up", "down"),
            why="e^net and e^{−net} each lie above their tangents",
        ),
        line(
            "spread",
            Le((1 + d * tanh(net / 2)) * spread, wide, evaluate=False),
            "real arithmetic",
            *("slope of the spread", "above the tangent"),
        ),
        line(
            "peak",
            statement,
            "real arithmetic",
            *("spread", "here", "there", "here: positive", "there: positive"),
            why="A slope is one over its spread",
        ),
    )
)

THEOREM = Theorem(
    title="Peak of the weighted slope",
    words="With w y tanh(net/2) = 1, w′ = w + d/y is w (1 + d tanh(net/2)), and σ′(net + d) w′/w ≤ σ′(net).",
    sources=(
        HOCHREITER_SCHMIDHUBER.at("intuitive explanation of the error flow"),
        GRADIENT_FLOW.at("intuitive explanation of equation (2)"),
    ),
    statement=statement,
    instances=cases(net, d),
    proof=PROOF,
    certified=(Case({net: 2, d: 1}), Case({net: -3, d: 0.5})),
    attained=Case({net: 1, d: 0}),
    ratio=lambda case: float((1 + d * tanh(net / 2)).subs(dict(case))),
    mutants={
        "the weight held": _most(1),
        "the argument not halved": _most(1 + d * tanh(net)),
        "the other sign": _most(1 - d * tanh(net / 2)),
        "least": Ge((1 + d * tanh(net / 2)) * slope_at(net + d), slope_at(net), evaluate=False),
        "of half the move": _most(1 + d * tanh(net / 2), net + d / 2),
    },
    examples=100,
)
