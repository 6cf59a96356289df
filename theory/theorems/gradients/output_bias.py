"""Gradient of the output bias by back-propagation through time."""

from typing import Any

from sympy import Eq

from theory.checks.gradients import gradient_matches
from theory.nodes import LossGradient, TimeSum
from theory.notation import T, c, g, t
from theory.proofs.bptt import GRADIENT
from theory.records import Theorem
from theory.sources import PASCANU, WERBOS
from theory.strategies import nets


def _sum(summand: Any, lower: Any = 1) -> Any:
    return Eq(LossGradient(c), TimeSum(summand, (t, lower, T)), evaluate=False)


THEOREM = Theorem(
    title="Gradient of the output bias",
    words="Every step adds its output gradient.",
    sources=(WERBOS.at("back-propagation through time"), PASCANU.at("section 1.1")),
    statement=_sum(g[t]),
    instances=nets(),
    check=gradient_matches,
    proof=GRADIENT,
    mutants={
        "first step missing": _sum(g[t], lower=2),
        "last step only": _sum(g[t], lower=T),
        "sign": _sum(-g[t]),
    },
    uses=("gradients/adjoint_recursion",),
)
