"""Gradient of the output weights by back-propagation through time."""

from typing import Any

from sympy import Eq

from theory.checks.gradients import gradient_matches
from theory.nodes import LossGradient, TimeSum
from theory.notation import T, V, g, h, t
from theory.proofs.bptt import GRADIENT
from theory.records import Theorem
from theory.sources import PASCANU, WERBOS
from theory.strategies import nets


def _sum(summand: Any, lower: Any = 1) -> Any:
    return Eq(LossGradient(V), TimeSum(summand, (t, lower, T)), evaluate=False)


THEOREM = Theorem(
    title="Gradient of the output weights",
    words="Every step adds the outer product of its output gradient and hidden state; nothing travels in time.",
    sources=(WERBOS.at("back-propagation through time"), PASCANU.at("section 1.1")),
    statement=_sum(g[t] * h[t].T),
    instances=nets(),
    check=gradient_matches,
    proof=GRADIENT,
    mutants={
        "h_{t-1} for h_t": _sum(g[t] * h[t - 1].T),
        "first step missing": _sum(g[t] * h[t].T, lower=2),
        "last step only": _sum(g[t] * h[t].T, lower=T),
    },
    uses=("gradients/adjoint_recursion",),
)
