"""Gradient of the input weights by back-propagation through time."""

from typing import Any

from sympy import Eq

from theory.checks.gradients import gradient_matches
from theory.nodes import LossGradient, TimeSum
from theory.notation import T, U, alpha, delta, t, x
from theory.proofs.bptt import GRADIENT
from theory.records import Theorem
from theory.sources import PASCANU, WERBOS
from theory.strategies import nets


def _sum(summand: Any, lower: Any = 1) -> Any:
    return Eq(LossGradient(U), TimeSum(summand, (t, lower, T)), evaluate=False)


THEOREM = Theorem(
    title="Gradient of the input weights",
    words="Every step adds the outer product of its pre-activation adjoint and its input.",
    sources=(WERBOS.at("back-propagation through time"), PASCANU.at("section 1.1")),
    statement=_sum(alpha[t] * x[t].T),
    instances=nets(),
    check=gradient_matches,
    proof=GRADIENT,
    mutants={
        "slope dropped": _sum(delta[t] * x[t].T),
        "first input missing": _sum(alpha[t] * x[t].T, lower=2),
        "last step only": _sum(alpha[t] * x[t].T, lower=T),
        "sign": _sum(-alpha[t] * x[t].T),
    },
    uses=("gradients/adjoint_recursion",),
)
