"""Adjoint recursion: the loss gradient runs backward in time through W transposed and the slopes."""

from __future__ import annotations

from typing import Any

from sympy import Eq
from sympy.matrices.expressions import hadamard_product

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import LossGradient, phi_prime
from backproof.theory.language.notation import V, W, a, alpha, g, t
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU, WERBOS
from backproof.theory.theorems.gradients._bptt import ADJOINT, adjoint_matches

slope = a[t].applyfunc(phi_prime)


def _equals(claimed: Any) -> Any:
    return Eq(LossGradient(a[t]), claimed, evaluate=False)


THEOREM = Theorem(
    title="Adjoint recursion",
    words="The gradient by a pre-activation is the slope times what this step's loss and the next step ask.",
    sources=(WERBOS.at("back-propagation through time"), PASCANU.at("section 1.1")),
    statement=_equals(hadamard_product(slope, V.T * g[t] + W.T * alpha[t + 1])),
    instances=nets(units=(2, 3), batch=(1, 1)),
    check=adjoint_matches,
    proof=ADJOINT,
    mutants={
        "W for its transpose": _equals(hadamard_product(slope, V.T * g[t] + W * alpha[t + 1])),
        "no local loss": _equals(hadamard_product(slope, W.T * alpha[t + 1])),
        "no recurrence": _equals(hadamard_product(slope, V.T * g[t])),
        "slope dropped": _equals(V.T * g[t] + W.T * alpha[t + 1]),
        "slope before W only": _equals(V.T * g[t] + W.T * hadamard_product(slope, alpha[t + 1])),
    },
)
