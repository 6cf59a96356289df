"""Gradient of the input weights by back-propagation through time."""

from __future__ import annotations

from typing import Any

from sympy import Eq

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import LossGradient, TimeSum
from backproof.theory.language.notation import T, U, alpha, delta, t, x
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU, WERBOS
from backproof.theory.theorems.gradients._bptt import gradient_matches


def _sum(summand: Any, lower: Any = 1) -> Any:
    return Eq(LossGradient(U), TimeSum(summand, (t, lower, T)), evaluate=False)


statement = _sum(alpha[t] * x[t].T)

THEOREM = Theorem(
    title="Gradient of the input weights",
    words="Every step adds the outer product of its pre-activation adjoint and its input.",
    sources=(WERBOS.at("back-propagation through time"), PASCANU.at("section 1.1")),
    statement=statement,
    instances=nets(),
    check=gradient_matches,
    proof=Proof(lines=(line("gradient", statement, "chain rule"),)),
    mutants={
        "slope dropped": _sum(delta[t] * x[t].T),
        "first input missing": _sum(alpha[t] * x[t].T, lower=2),
        "last step only": _sum(alpha[t] * x[t].T, lower=T),
        "sign": _sum(-alpha[t] * x[t].T),
    },
)
