"""Large weights make σ′(net) w small, if whatever else the unit reads stays bounded; else it may grow as w/4.

"It goes to zero for |w| → ∞", with y constant, leaves that condition out: a bias r = −w y keeps the unit at net = 0.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import Abs, Ge, Le, Symbol, exp

from backproof.theory.instances.strategies import halves
from backproof.theory.instances.values import Case
from backproof.theory.language.functions import logistic
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import GRADIENT_FLOW, HOCHREITER_SCHMIDHUBER
from backproof.theory.theorems.activations._weighted import net, r, w, y

rho = Symbol("rho", nonnegative=True)
slope = logistic(net) * logistic(-net)  # σ′ without cancellation
held = Le(Abs(r), rho, evaluate=False)
bounded = Assumption(name="the rest is held", text="|r| ≤ ρ, whatever w is", holds=certainly(held), says=held)


def _falls(most: Any) -> Any:
    return Le(Abs(w * slope) * Abs(w) * y**2, most, evaluate=False)


@st.composite
def large_weights(draw: Any) -> Case:
    """Weights up to 80 either way; a rest that may bring net to 0, and the least bound on it or more."""
    weight, read = draw(halves(80)), draw(halves(2))
    rest = draw(st.one_of(halves(4), st.just(-weight * read)))
    return Case({w: weight, y: read, r: rest, rho: abs(rest) + abs(draw(st.sampled_from([0.0, 0.0, 1.0])))})


THEOREM = Theorem(
    title="Decay of the weighted slope",
    words="With net = w y + r and |r| ≤ ρ, |σ′(net) w| ≤ 4 e^(ρ−2) / (y² |w|), which tends to 0 with 1/|w|.",
    sources=(
        HOCHREITER_SCHMIDHUBER.at("intuitive explanation of the error flow"),
        GRADIENT_FLOW.at("intuitive explanation of equation (2)"),
    ),
    statement=_falls(4 * exp(rho - 2)),
    instances=large_weights(),
    assumptions=(bounded,),
    without={bounded: Case({w: 8, y: 1, r: -8, rho: 0})},
    certified=(Case({w: 8, y: 1, r: -8, rho: 8}), Case({w: -64, y: 2, r: 1, rho: 1})),
    mutants={
        "whatever else it reads": _falls(4 * exp(-2)),
        "e² times less": _falls(4 * exp(rho - 4)),
        "half of the bound on the rest": _falls(4 * exp(rho / 2 - 2)),
        "never small": Ge(Abs(w * slope) * Abs(w) * y**2, 4 * exp(rho - 2), evaluate=False),
    },
    examples=100,
)
