"""Weights that start equal and are updated with the sum of both gradients stay equal."""

from __future__ import annotations

from typing import Any

from sympy import Eq, MatrixSymbol, Symbol

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.language.notation import n
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import AACHEN

w1, w2, g1, g2 = (MatrixSymbol(f"{name}_{i}", n, n) for name in "wg" for i in (1, 2))
eta = Symbol("eta", real=True)


def updated(first: Any, second: Any) -> Any:
    """The two copies are equal after a step of gradient descent with these gradients."""
    return Eq(w1 - eta * first, w2 - eta * second, evaluate=False)


equal = Eq(w1, w2, evaluate=False)
equal_start = Assumption(name="equal start", text="w₁ = w₂", holds=lambda case: decide(equal, case) is True, says=equal)
statement = updated(g1 + g2, g1 + g2)

THEOREM = Theorem(
    title="Tied weights stay tied",
    words="If w₁ = w₂ at the start and both use ∂E/∂w₁ + ∂E/∂w₂ as their gradient, then w₁ = w₂ after the update.",
    sources=(AACHEN.at("backpropagation with weight constraints"),),
    statement=statement,
    instances=gradient_tensors(eta, w1, g1, g2).map(lambda case: Case({**case, w2: case[w1]})),
    proof=Proof(lines=(line("kept equal", statement, "matrix algebra", "equal start"),)),
    assumptions=(equal_start,),
    without={equal_start: Case({w1: [[1]], w2: [[2]], g1: [[1]], g2: [[-1]], eta: 0.5})},
    certified=(Case({w1: [[1]], w2: [[1]], g1: [[3]], g2: [[-1]], eta: 0.5}),),
    mutants={
        "each its own gradient": updated(g1, g2),
        "each the other's gradient": updated(g2, g1),
        "the sum for one alone": updated(g1 + g2, g1),
        "the mean for one": updated(g1 + g2, (g1 + g2) / 2),
    },
)
