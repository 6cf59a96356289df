"""With φ(x) = x the Jacobian across a lag is a power of W, and the gradient goes back by powers of its transpose."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, MatPow

from backproof.theory.instances.strategies import nets
from backproof.theory.language.functions import z
from backproof.theory.language.nodes import StateJacobian, StepLossGradient, phi
from backproof.theory.language.notation import W, a, h, k, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import of_the_activation
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import PASCANU, TRAINING_RNNS
from backproof.theory.theorems.jacobians._by_lag import RANGES, both, closed_form, late, longer_products, this_step
from backproof.theory.theorems.jacobians._elementwise import slopes_of
from backproof.theory.theorems.jacobians._linear import linear_satisfies

lag, arriving = t - k, StepLossGradient(h[t], t)


def across(power: Any) -> Any:
    """``∂h_t/∂h_k`` as claimed."""
    return Eq(StateJacobian(t, k), power, evaluate=False)


def back(power: Any) -> Any:
    """``∂L_t/∂h_k`` as claimed: a matrix times ``∂L_t/∂h_t``, columns both."""
    return Eq(StepLossGradient(h[k], t), power * arriving, evaluate=False)


def _says(first: Any, second: Any) -> Any:
    return And(across(first), back(second), evaluate=False)


forth, turned = MatPow(W, lag), MatPow(W.T, lag)
straight = Eq(phi(z), z, evaluate=False)
linear = Assumption(name="linear", text="φ(z) = z", holds=of_the_activation(straight), says=straight, every=(z,))
statement = _says(forth, turned)

PROOF = Proof(
    ranges=(Ge(t, 1, evaluate=False), *RANGES),
    lines=(
        *longer_products(),
        *this_step(),
        *slopes_of(linear.name, 1, a[late]),
        *closed_form(lambda lag: MatPow(W, lag), 1, W),
        line(
            "transposed",
            Eq(StepLossGradient(h[k], t), StateJacobian(t, k).T * arriving, evaluate=False),
            "chain rule",
            why="The gradient goes back by the transposed Jacobian",
        ),
        line("back", back(turned), "matrix algebra", "transposed", "product", why="(Wˡ)ᵀ = (Wᵀ)ˡ"),
        both(statement, "product", "back"),
    ),
)

THEOREM = Theorem(
    title="Powers of W in a linear net",
    words="In a linear net ∂h_t/∂h_k is W to the power of the lag, and the gradient goes back by that power of Wᵀ.",
    sources=(PASCANU.at("section 2.1, linear model"), TRAINING_RNNS.at("Mikolov's explanation, σ(x) = x")),
    statement=statement,
    instances=nets(activations=("identity",), batch=(1, 1), steps=(1, 3), units=(1, 3)),
    check=linear_satisfies,
    proof=PROOF,
    assumptions=(linear,),
    without={linear: net(W=[[1]], inputs=[[1]], activation="tanh", loss="squared_error")},
    certified=(
        net(
            W=[[1, 2], [0, -1]],
            inputs=[[1, 0], [0, 1], [1, 1]],
            activation="identity",
            loss="squared_error",
            targets=[[0, 1], [1, 1], [2, 0]],
        ),
    ),
    mutants={
        "gradient by W itself": _says(forth, forth),
        "Jacobian transposed": _says(turned, turned),
        "one power more": _says(MatPow(W, lag + 1), turned),
        "one step only": _says(forth, W.T),
    },
    examples=60,
)
