"""What makes a gradient large: that the loss reads the direction that is stretched, not that one is stretched.

A chaotic orbit stretches almost every direction, and its gradients were said to diverge always. But a gradient goes
back by the transposed Jacobian: it is large for a direction v only so far as ``∂L_t/∂h_t`` reads what v becomes.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import Eq, Ge, Le

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import arrays, nets
from backproof.theory.language.nodes import Inner, SpectralNorm, StateJacobian, StepLossGradient
from backproof.theory.language.notation import h, k, t, v
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import MIKHAEIL
from backproof.theory.theorems.jacobians._by_lag import RANGES

across = StateJacobian(t, k)
arriving, back = StepLossGradient(h[t], t), StepLossGradient(h[k], t)
length, square = Inner(v, v), Inner(back, back)


def _at_most(read: Any, limit: Any = square * length) -> Any:
    return Le(read**2, limit, evaluate=False)


statement = _at_most(Inner(arriving, across * v))

PROOF = Proof(
    ranges=(Ge(t, 1, evaluate=False), *RANGES),
    lines=(
        line(
            "back",
            Eq(back, across.T * arriving, evaluate=False),
            "chain rule",
            why="The gradient goes back by the transposed Jacobian",
        ),
        by_fact("Cauchy and Schwarz", _at_most(Inner(back, v)), "Cauchy and Schwarz", X=back, Y=v),
        line(
            "read",
            Eq(Inner(across.T * arriving, v), Inner(arriving, across * v), evaluate=False),
            "matrix algebra",
            why="⟨Jᵀ g, v⟩ = ⟨g, J v⟩",
        ),
        line("read of v", Eq(Inner(back, v), Inner(arriving, across * v), evaluate=False), "matrix algebra", "back"),
        line("at most", statement, "real arithmetic", "Cauchy and Schwarz", "read of v"),
    ),
)


@st.composite
def directions(draw: Any) -> NetWithValues:
    """Nets with a direction at step k."""
    drawn = draw(nets(batch=(1, 1), steps=(1, 3), units=(1, 3)))
    return NetWithValues(drawn, {v: draw(arrays(len(drawn.W), 1)).tolist()})


THEOREM = Theorem(
    title="The direction that the loss reads",
    words="|⟨∂L_t/∂h_t, (∂h_t/∂h_k) v⟩| ≤ ‖∂L_t/∂h_k‖ ‖v‖ for every direction v: a gradient explodes with a direction "
    "that is stretched, if the loss reads what becomes of it.",
    sources=(MIKHAEIL.at("gradients of chaotic orbits, with what the loss reads made explicit"),),
    statement=statement,
    instances=directions(),
    proof=PROOF,
    mutants={
        "whatever the loss reads": Le(Inner(arriving, arriving) * SpectralNorm(across) ** 2, square, evaluate=False),
        "the Jacobian transposed": _at_most(Inner(arriving, across.T * v)),
        "the direction's length left out": _at_most(Inner(arriving, across * v), square),
        "half of it": _at_most(2 * Inner(arriving, across * v)),
    },
    examples=40,
)
