"""The factor σ′(net) w is stationary in w where w = coth(net/2)/y, and below 1 in modulus for |w| < 4."""

from __future__ import annotations

from typing import Any

from sympy import Abs, And, Derivative, Eq, Gt, Implies, Le, Lt, Rational, tanh

from backproof.theory.instances.symbols import cases
from backproof.theory.language.functions import logistic, z
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import GRADIENT_FLOW, HOCHREITER_SCHMIDHUBER
from backproof.theory.theorems.activations._weighted import net, r, w, y

s = logistic(net)
slope = s * (1 - s)


def _changes(rate: Any) -> Any:
    """How the factor moves with the weight."""
    return Eq(Derivative(w * slope, w), rate, evaluate=False)


def _below(weight: Any, most: Any = 1) -> Any:
    return Implies(Lt(Abs(w), weight, evaluate=False), Lt(Abs(w * slope), most, evaluate=False), evaluate=False)


stationary = _changes(slope * (1 - w * y * tanh(net / 2)))
small = _below(4)
statement = And(stationary, small, evaluate=False)

at_z = logistic(z) * (1 - logistic(z))
quarter = Rational(1, 4)

PROOF = Proof(
    lines=(
        line("stationary", stationary, "derivative", why="0 where w y tanh(net/2) = 1"),
        line("highest", Le(at_z, quarter, evaluate=False), "theorem", id="activations/sigmoid_slope"),
        line("highest here", Le(slope, quarter, evaluate=False), "instance", "highest", at={z: net}),
        line("above 0", Gt(at_z, 0, evaluate=False), "theorem", id="activations/sigmoid_slope"),
        line("above 0 here", Gt(slope, 0, evaluate=False), "instance", "above 0", at={z: net}),
        line("weak", Lt(Abs(w), 4, evaluate=False), "supposition"),
        line("short", Lt(Abs(w * slope), 1, evaluate=False), "real arithmetic", "highest here", "above 0 here", "weak"),
        line("small", small, "implication", "short"),
        line("both", statement, "together", "stationary", "small"),
    )
)

THEOREM = Theorem(
    title="Weighted slope of the sigmoid",
    words="d/dw σ′(net) w = 0 where w = coth(net/2)/y, for net = w y + r; and |σ′(net) w| < 1 for |w| < 4.",
    sources=(
        HOCHREITER_SCHMIDHUBER.at("intuitive explanation of the error flow"),
        GRADIENT_FLOW.at("intuitive explanation of equation (2)"),
    ),
    statement=statement,
    instances=cases(w, y, r),
    proof=PROOF,
    mutants={
        "the argument not halved": And(_changes(slope * (1 - w * y * tanh(net))), small, evaluate=False),
        "the other sign": And(_changes(slope * (1 + w * y * tanh(net / 2))), small, evaluate=False),
        "the weight held": And(_changes(slope), small, evaluate=False),
        "w for w y": And(_changes(slope * (1 - w * tanh(net / 2))), small, evaluate=False),
        "up to 5": And(stationary, _below(5), evaluate=False),
        "half of it": And(stationary, _below(4, Rational(1, 2)), evaluate=False),
    },
    examples=100,
)
