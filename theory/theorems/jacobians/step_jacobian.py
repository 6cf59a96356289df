"""The Jacobian of one step: the recurrent weights, each row scaled by the slope of its own pre-activation."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Le
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import StateJacobian, phi_prime
from backproof.theory.language.notation import W, a, h, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import BENGIO, PASCANU

slopes = DiagMatrix(a[t].applyfunc(phi_prime))


def _equals(claimed: Any) -> Any:
    return Eq(StateJacobian(t, t - 1), claimed, evaluate=False)


statement = _equals(slopes * W)
before = StateJacobian(t - 1, t - 1)

PROOF = Proof(
    ranges=(Le(1, t, evaluate=False),),
    lines=(
        line(
            "chain",
            Eq(StateJacobian(t, t - 1), slopes * W * before, evaluate=False),
            "chain rule",
            why="The chain rule for h_t = φ(a_t) and a_t = W h_{t-1} + U x_t + b",
        ),
        line("nothing before", Eq(before, Identity(n), evaluate=False), "chain rule", why="∂h_{t-1}/∂h_{t-1} = I"),
        line("one step", statement, "matrix algebra", "chain", "nothing before"),
    ),
)

THEOREM = Theorem(
    title="Jacobian of one step",
    words="A step's Jacobian is W with row i multiplied by the slope of φ at the pre-activation of unit i.",
    sources=(PASCANU.at("section 2"), BENGIO.at("section on the gradient of the state")),
    statement=statement,
    instances=nets(batch=(1, 1)),
    check=jacobians_satisfy,
    proof=PROOF,
    mutants={
        "W for its transpose": _equals(slopes * W.T),
        "slopes right of W": _equals(W * slopes),
        "slopes dropped": _equals(W),
        "slopes at the state before": _equals(DiagMatrix(h[t - 1].applyfunc(phi_prime)) * W),
        "slopes at the state after": _equals(DiagMatrix(h[t].applyfunc(phi_prime)) * W),
    },
    certified=(net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [-3, 1]], activation="relu", loss="squared_error"),),
)
