"""Adjoint recursion: the loss gradient runs backward in time through W transposed and the slopes."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Le
from sympy.matrices.expressions import hadamard_product

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import LossGradient, phi_prime
from backproof.theory.language.notation import T, V, W, a, alpha, delta, g, h, t
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU, WERBOS
from backproof.theory.theorems.gradients._bptt import adjoint_matches

slope = a[t].applyfunc(phi_prime)


def _equals(claimed: Any) -> Any:
    return Eq(LossGradient(a[t]), claimed, evaluate=False)


statement = _equals(hadamard_product(slope, V.T * g[t] + W.T * alpha[t + 1]))

PROOF = Proof(
    ranges=(Le(1, t), Le(t, T)),
    lines=(
        line(
            "state",
            Eq(LossGradient(h[t]), delta[t], evaluate=False),
            "chain rule",
            why="δ_t is the gradient by the state",
        ),
        line(
            "asked of the state",
            Eq(LossGradient(h[t]), V.T * g[t] + W.T * alpha[t + 1], evaluate=False),
            "chain rule",
            why="The loss of step t asks Vᵀ g_t of h_t, and step t + 1 hands back Wᵀ α_{t+1}",
        ),
        line(
            "adjoint of the state",
            Eq(delta[t], V.T * g[t] + W.T * alpha[t + 1], evaluate=False),
            "equals for equals",
            "state",
            "asked of the state",
        ),
        line(
            "through the activation",
            _equals(hadamard_product(slope, delta[t])),
            "chain rule",
            why="h_t = φ(a_t) and nothing else reads a_t",
        ),
        line("recursion", statement, "equals for equals", "adjoint of the state", "through the activation"),
    ),
)

THEOREM = Theorem(
    title="Adjoint recursion",
    words="The gradient by a pre-activation is the slope times what this step's loss and the next step ask.",
    sources=(WERBOS.at("back-propagation through time"), PASCANU.at("section 1.1")),
    statement=statement,
    instances=nets(units=(2, 3), batch=(1, 1)),
    check=adjoint_matches,
    proof=PROOF,
    mutants={
        "W for its transpose": _equals(hadamard_product(slope, V.T * g[t] + W * alpha[t + 1])),
        "no local loss": _equals(hadamard_product(slope, W.T * alpha[t + 1])),
        "no recurrence": _equals(hadamard_product(slope, V.T * g[t])),
        "slope dropped": _equals(V.T * g[t] + W.T * alpha[t + 1]),
        "slope before W only": _equals(V.T * g[t] + W.T * hadamard_product(slope, alpha[t + 1])),
    },
)
