"""The gradient of one step's loss by immediate derivatives: each counts one step, and so every path is counted once."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import Immediate, Sensitivity, StateJacobian, StepLossGradient, TimeSum, Vec
from backproof.theory.language.notation import U, V, W, b, g, k, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import AACHEN, PASCANU
from backproof.theory.theorems.gradients._truncation import immediate_terms
from backproof.theory.theorems.gradients._truncation_proof import IMMEDIATE

BETWEEN = StateJacobian(t, k)


def chained(
    derivative: Any = Immediate,
    *,
    lower: Any = 1,
    upper: Any = t,
    across: Any = BETWEEN,
    parameters: tuple[Any, ...] = (W, U, b),
) -> Any:
    """``vec ∂L_t/∂θ`` as a sum of derivatives of h_k, each seen from the loss through the states between."""
    sums = {q: TimeSum(derivative(q, k).T * across.T * V.T * g[t], (k, lower, upper)) for q in parameters}
    return And(*(Eq(Vec(StepLossGradient(q, t)), total, evaluate=False) for q, total in sums.items()), evaluate=False)


THEOREM = Theorem(
    title="Sum of immediate derivatives",
    words="Through every step k ≤ t the parameters reach the loss of step t by h_k's derivative with h_{k-1} fixed.",
    sources=(PASCANU.at("equations 3 to 5"), AACHEN.at("propagation equations")),
    statement=chained(),
    instances=nets(units=(1, 2), steps=(1, 3), batch=(1, 1)),
    check=immediate_terms,
    proof=IMMEDIATE,
    certified=(net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2], [2, 1]], activation="relu", loss="squared_error"),),
    mutants={
        "total derivatives": chained(Sensitivity),
        "one product, no sum": chained(upper=1),
        "the step itself alone": chained(lower=t),
        "Jacobian transposed": chained(across=BETWEEN.T),
    },
    uses=("jacobians/product_of_steps",),
    examples=60,
)
