"""Gradient of the initial state: one more step of the adjoint recursion, without a loss of its own."""

from __future__ import annotations

from typing import Any

from sympy import Eq

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import LossGradient
from backproof.theory.language.notation import W, alpha, delta, h
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU, WERBOS
from backproof.theory.theorems.gradients._bptt import gradient_matches


def _equals(claimed: Any) -> Any:
    return Eq(LossGradient(h[0]), claimed, evaluate=False)


statement = _equals(W.T * alpha[1])

THEOREM = Theorem(
    title="Gradient of the initial state",
    words="The loss reaches h_0 only through the first pre-activation, so its gradient is Wᵀ times that adjoint.",
    sources=(WERBOS.at("back-propagation through time"), PASCANU.at("section 1.1")),
    statement=statement,
    instances=nets(units=(2, 3)),
    check=gradient_matches,
    proof=Proof(lines=(line("gradient", statement, "chain rule"),)),
    mutants={
        "W for its transpose": _equals(W * alpha[1]),
        "slope dropped": _equals(W.T * delta[1]),
        "no recurrent weight": _equals(alpha[1]),
    },
)
