"""The gradient of a linear net in the eigenvectors of Wᵀ: each coefficient is multiplied by its eigenvalue a step."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, MatPow
from sympy.matrices.expressions import Identity

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import StepLossGradient
from backproof.theory.language.notation import D, S, S_inv, W, h, k, lam, n, s, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HORN_JOHNSON, TRAINING_RNNS
from backproof.theory.theorems.jacobians._by_lag import RANGES
from backproof.theory.theorems.jacobians._linear import diagonalised_nets, linear_satisfies
from backproof.theory.theorems.jacobians.linear_net import arriving, back, linear, turned


def expanded(matrix: Any) -> Any:
    """``∂L_t/∂h_k`` as a matrix times ``∂L_t/∂h_t``."""
    return Eq(StepLossGradient(h[k], t), matrix * arriving, evaluate=False)


def _net(W: Any, activation: str = "identity") -> Any:
    return net(W=W, inputs=[[1, 2], [0, 1]], activation=activation, loss="squared_error")


one, triangle = [[1, 0], [0, 1]], [[1, 1], [0, 1]]
powers = MatPow(D, t - k)
diagonal = Eq(W.T, S * D * S_inv, evaluate=False)
inverted = Eq(S * S_inv, Identity(n), evaluate=False)
basis = Assumption(name="diagonalisable", text="Wᵀ = S diag(λ) S⁻¹", holds=certainly(diagonal), says=diagonal)
inverse = Assumption(name="inverse", text="S S⁻¹ = I", holds=certainly(inverted), says=inverted)
statement = expanded(S * powers * S_inv)

PROOF = Proof(
    ranges=(Ge(t, 1, evaluate=False), *RANGES),
    lines=(
        line(
            "gradient",
            back(turned),
            "theorem",
            linear.name,
            id="jacobians/linear_net",
            why="In a linear net the gradient goes back by a power of Wᵀ",
        ),
        line(
            "powers",
            Eq(turned, S * powers * S_inv, evaluate=False),
            "theorem",
            basis.name,
            inverse.name,
            id="spectra/powers",
            at={W: W.T, s: t - k},
            why="and that is a power of the eigenvalues",
        ),
        line("in eigenvectors", statement, "matrix algebra", "gradient", "powers"),
    ),
)

THEOREM = Theorem(
    title="The gradient in eigenvectors",
    words="Where Wᵀ = S diag(λ) S⁻¹, the gradient at lag ℓ is Σ c_i λ_i^ℓ q_i, with c = S⁻¹ ∂L_t/∂h_t and q_i in S.",
    sources=(TRAINING_RNNS.at("Mikolov's explanation, σ(x) = x"), HORN_JOHNSON.at("section 1.3")),
    statement=statement,
    instances=diagonalised_nets(),
    check=linear_satisfies,
    proof=PROOF,
    assumptions=(linear, basis, inverse),
    without={
        linear: NetWithValues(_net(one, "tanh"), {S: one, S_inv: one, lam: [[1], [1]]}),
        basis: NetWithValues(_net([[1, 0], [1, 1]]), {S: one, S_inv: one, lam: [[1], [1]]}),
        inverse: NetWithValues(_net([[2, 0], [0, 2]]), {S: [[2, 0], [0, 2]], S_inv: one, lam: [[1], [1]]}),
    },
    certified=(NetWithValues(_net([[1, 0], [1, 2]]), {S: triangle, S_inv: [[1, -1], [0, 1]], lam: [[1], [2]]}),),
    mutants={
        "eigenvectors of W": expanded(S_inv.T * powers * S.T),
        "eigenvalues not raised": expanded(S * D * S_inv),
        "one power more": expanded(S * MatPow(D, t - k + 1) * S_inv),
        "transpose for the inverse": expanded(S * powers * S.T),
    },
    examples=60,
)
