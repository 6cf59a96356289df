"""Gradient of the initial state: one more step of the adjoint recursion, without a loss of its own."""

from typing import Any

from sympy import Eq

from theory.checks.gradients import gradient_matches
from theory.nodes import LossGradient
from theory.notation import W, alpha, delta, h
from theory.proofs.bptt import INITIAL_STATE
from theory.records import Theorem
from theory.sources import PASCANU, WERBOS
from theory.strategies import nets


def _equals(claimed: Any) -> Any:
    return Eq(LossGradient(h[0]), claimed, evaluate=False)


THEOREM = Theorem(
    title="Gradient of the initial state",
    words="The loss reaches h_0 only through the first pre-activation, so its gradient is Wᵀ times that adjoint.",
    sources=(WERBOS.at("back-propagation through time"), PASCANU.at("section 1.1")),
    statement=_equals(W.T * alpha[1]),
    instances=nets(units=(2, 3)),
    check=gradient_matches,
    proof=INITIAL_STATE,
    mutants={
        "W for its transpose": _equals(W * alpha[1]),
        "slope dropped": _equals(W.T * delta[1]),
        "no recurrent weight": _equals(alpha[1]),
    },
    uses=("gradients/adjoint_recursion",),
)
