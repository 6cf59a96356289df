"""The penalty for vanishing gradients, and what its printed gradient leaves out: the slopes move with the weight.

For one unit the penalty on the step from a_k to a_{k+1} is Ω = (|w φ′(a_k)| − 1)², since the gradient that comes back
cancels. The source takes its immediate partial derivative alone, with a_k as a constant. But a_k = w h + x.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import Derivative, Eq, Symbol, tanh

from backproof.theory.instances.values import Case
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU

w, h, x = (Symbol(name, real=True) for name in ("w", "h", "x"))
state = w * h + x
slope = 1 - tanh(state) ** 2
curvature = -2 * tanh(state) * slope
miss = w * slope - 1
penalty = miss**2
immediate = 2 * miss * slope
through_the_state = 2 * miss * w * curvature * h


def _is(gradient: Any) -> Any:
    return Eq(Derivative(penalty, w), gradient, evaluate=False)


statement = _is(immediate + through_the_state)

PROOF = Proof(
    lines=(line("gradient", statement, "derivative", why="Both w and the state a = w h + x move"),),
)


def _case(weight: float, state: float, drive: float) -> Case:
    return Case({w: weight, h: state, x: drive})


halves = st.integers(-6, 6).map(lambda k: k / 2)

THEOREM = Theorem(
    title="Gradient of the penalty for vanishing gradients",
    words="Of the penalty (w φ′(a) − 1)² of a tanh unit with w > 0 the gradient is the immediate partial derivative "
    "2 (w φ′ − 1) φ′, which the source uses for it, and 2 (w φ′ − 1) w φ″ h, which reaches w through a = w h + x.",
    sources=(PASCANU.at("regularisation against vanishing gradients, by immediate partial derivatives"),),
    statement=statement,
    instances=st.builds(_case, st.integers(1, 6).map(lambda k: k / 2), halves, halves),
    proof=PROOF,
    mutants={
        "immediate alone, as printed": _is(immediate),
        "through the state alone": _is(through_the_state),
        "the curvature without its sign": _is(immediate - through_the_state),
        "the state moves by w": _is(immediate + 2 * miss * w**2 * curvature),
        "the root of the penalty": _is((immediate + through_the_state) / 2),
    },
    examples=60,
)
