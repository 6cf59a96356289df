"""Gradient of the recurrent weights by back-propagation through time."""

from typing import Any

from sympy import Eq

from theory.checks.gradients import gradient_matches
from theory.nodes import LossGradient, TimeSum
from theory.notation import T, W, alpha, delta, h, t
from theory.proofs.bptt import GRADIENT
from theory.records import Theorem
from theory.sources import PASCANU, WERBOS
from theory.strategies import nets


def _sum(summand: Any, lower: Any = 1) -> Any:
    return Eq(LossGradient(W), TimeSum(summand, (t, lower, T)), evaluate=False)


THEOREM = Theorem(
    title="Gradient of the recurrent weights",
    words="Every step adds the outer product of its pre-activation adjoint and the state it read.",
    sources=(WERBOS.at("back-propagation through time"), PASCANU.at("section 1.1")),
    statement=_sum(alpha[t] * h[t - 1].T),
    instances=nets(),
    check=gradient_matches,
    proof=GRADIENT,
    mutants={
        "h_t for h_{t-1}": _sum(alpha[t] * h[t].T),
        "transposed": _sum(h[t - 1] * alpha[t].T),
        "slope dropped": _sum(delta[t] * h[t - 1].T),
        "oldest step missing": _sum(alpha[t] * h[t - 1].T, lower=2),
        "last step only": _sum(alpha[t] * h[t - 1].T, lower=T),
    },
    uses=("gradients/adjoint_recursion",),
)
