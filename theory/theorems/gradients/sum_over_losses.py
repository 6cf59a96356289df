"""The gradient of the loss is the sum of the gradients of the losses charged at the steps."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import LossGradient, StepLossGradient, TimeSum
from backproof.theory.language.notation import PARAMETERS, T, t
from backproof.theory.proving.builders import each_by_the_chain_rule
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import FYS5429, PASCANU, TRAINING_RNNS
from backproof.theory.theorems.gradients._steps import copies


def total(lower: Any = 1, upper: Any = T, share: Any = 1) -> Any:
    """The gradient of the loss by every parameter, as a sum over the steps, each times a share."""
    sums = {q: TimeSum(share * StepLossGradient(q, t), (t, lower, upper)) for q in PARAMETERS.values()}
    return And(*(Eq(LossGradient(q), value, evaluate=False) for q, value in sums.items()))


statement = total()

THEOREM = Theorem(
    title="Sum over the losses",
    words="Differentiation is linear: each step's loss adds its gradient, with the weight ω that it has in the whole.",
    sources=(TRAINING_RNNS.at("total loss"), FYS5429.at("total loss"), PASCANU.at("equation 3")),
    statement=statement,
    instances=nets(units=(1, 2), steps=(1, 3), batch=(1, 1)),
    check=copies,
    proof=each_by_the_chain_rule(statement),
    mutants={
        "the last loss alone": total(lower=T),
        "the first loss missing": total(lower=2),
        "weighted by 1/T twice": total(share=1 / T),
        "sign": total(share=-1),
    },
    examples=100,
)
