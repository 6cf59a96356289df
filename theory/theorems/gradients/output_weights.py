"""Gradient of the output weights by back-propagation through time."""

from __future__ import annotations

from typing import Any

from sympy import Eq

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import LossGradient, TimeSum
from backproof.theory.language.notation import T, V, g, h, t
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU, WERBOS
from backproof.theory.theorems.gradients._bptt import gradient_matches


def _sum(summand: Any, lower: Any = 1) -> Any:
    return Eq(LossGradient(V), TimeSum(summand, (t, lower, T)), evaluate=False)


statement = _sum(g[t] * h[t].T)

THEOREM = Theorem(
    title="Gradient of the output weights",
    words="Every step adds the outer product of its output gradient and hidden state; nothing travels in time.",
    sources=(WERBOS.at("back-propagation through time"), PASCANU.at("section 1.1")),
    statement=statement,
    instances=nets(),
    check=gradient_matches,
    proof=Proof(lines=(line("gradient", statement, "chain rule"),)),
    mutants={
        "h_{t-1} for h_t": _sum(g[t] * h[t - 1].T),
        "first step missing": _sum(g[t] * h[t].T, lower=2),
        "last step only": _sum(g[t] * h[t].T, lower=T),
    },
)
