"""Across many steps: the product of the Jacobians of the steps, later ones to the left."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Symbol
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import StateJacobian, TimeProduct, phi_prime
from backproof.theory.language.notation import W, a, h, k, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import BENGIO, PASCANU
from backproof.theory.theorems.jacobians._products import PRODUCT

i = Symbol("i", integer=True)
step = DiagMatrix(a[i].applyfunc(phi_prime)) * W


def _equals(factor: Any, lower: Any = k + 1, upper: Any = t, ascending: int = 0) -> Any:
    return Eq(StateJacobian(t, k), TimeProduct(factor, (i, lower, upper), ascending), evaluate=False)


THEOREM = Theorem(
    title="Jacobian across many steps",
    words="The Jacobian from step k to step t multiplies those of the steps k + 1 to t, each later one on the left.",
    sources=(PASCANU.at("section 1.1"), BENGIO.at("section on the gradient of the state")),
    statement=_equals(step),
    instances=nets(batch=(1, 1)),
    check=jacobians_satisfy,
    proof=PRODUCT,
    mutants={
        "earlier steps to the left": _equals(step, ascending=1),
        "slopes at the state before": _equals(DiagMatrix(h[i - 1].applyfunc(phi_prime)) * W),
        "W for its transpose": _equals(DiagMatrix(a[i].applyfunc(phi_prime)) * W.T),
        "first step missing": _equals(step, lower=k + 2),
        "last step missing": _equals(step, upper=t - 1),
    },
    certified=(net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2], [2, 1]], activation="relu", loss="squared_error"),),
    uses=("jacobians/step_jacobian",),
)
