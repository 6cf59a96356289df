"""The gradient of one step's loss by immediate derivatives: each counts one step, and so every path is counted once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq
from sympy.matrices.expressions import MatMul

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import Immediate, Sensitivity, StateJacobian, StepLossGradient, TimeSum, Vec
from backproof.theory.language.notation import U, V, W, b, g, k, t
from backproof.theory.nets.immediate import term, through
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import AACHEN, PASCANU
from backproof.theory.theorems.gradients._steps import ASKED, EARLIER, sum_of_terms
from backproof.theory.theorems.gradients._truncation import immediate_terms

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


def _stacked(theta: Any) -> Iterator[Line]:
    """The sum of terms of θ, each term an immediate derivative against what the loss asks; last comes "vec by θ"."""
    asked = StateJacobian(t, k).T * V.T * g[t]
    seen, whole = Immediate(theta, k).T, Vec(StepLossGradient(theta, t))
    terms, wanted = (TimeSum(q, (k, 1, t)) for q in (Vec(term(theta)), seen * asked))
    yield line(
        f"immediate by {theta}",
        Eq(MatMul(seen, asked, evaluate=False), Vec(through(k, asked, theta)), evaluate=False),
        "chain rule",
        why="What step k pulls back of any cotangent of h_k, with h_{k-1} fixed",
    )
    yield line(
        f"term by {theta}",
        Eq(Vec(term(theta)), seen * asked, evaluate=False),
        "matrix algebra",
        f"immediate by {theta}",
    )
    yield line(f"terms by {theta}", Eq(terms, wanted, evaluate=False), "term by term", f"term by {theta}")
    yield line(f"itself by {theta}", Eq(whole, whole, evaluate=False), "matrix algebra")
    yield line(
        f"stacked by {theta}",
        Eq(whole, terms, evaluate=False),
        "equals for equals",
        f"sum by {theta}",
        f"itself by {theta}",
        why="vec is linear",
    )
    yield line(
        f"vec by {theta}",
        Eq(whole, wanted, evaluate=False),
        "equals for equals",
        f"terms by {theta}",
        f"stacked by {theta}",
    )


statement = chained()
READ = (W, U, b)

PROOF = Proof(
    ranges=EARLIER,
    lines=(
        *ASKED,
        *(one for theta in READ for one in (*sum_of_terms(theta), *_stacked(theta))),
        line("all", statement, "together", *(f"vec by {theta}" for theta in READ)),
    ),
)

THEOREM = Theorem(
    title="Sum of immediate derivatives",
    words="Through every step k ≤ t the parameters reach the loss of step t by h_k's derivative with h_{k-1} fixed.",
    sources=(PASCANU.at("equations 3 to 5"), AACHEN.at("propagation equations")),
    statement=statement,
    instances=nets(units=(1, 2), steps=(1, 3), batch=(1, 1)),
    check=immediate_terms,
    proof=PROOF,
    certified=(net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2], [2, 1]], activation="relu", loss="squared_error"),),
    mutants={
        "total derivatives": chained(Sensitivity),
        "one product, no sum": chained(upper=1),
        "the step itself alone": chained(lower=t),
        "Jacobian transposed": chained(across=BETWEEN.T),
    },
    examples=60,
)
