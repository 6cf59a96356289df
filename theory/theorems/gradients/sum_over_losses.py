"""The gradient of the loss is the sum of the gradients of the losses charged at the steps."""

from typing import Any

from sympy import And, Eq

from theory.checks.shares import copies
from theory.nodes import LossGradient, StepLossGradient, TimeSum
from theory.notation import PARAMETERS, T, t
from theory.proofs.sums import LINEAR
from theory.records import Theorem
from theory.sources import FYS5429, PASCANU, TRAINING_RNNS
from theory.strategies import nets


def total(lower: Any = 1, upper: Any = T, share: Any = 1) -> Any:
    """The gradient of the loss by every parameter, as a sum over the steps, each times a share."""
    sums = {q: TimeSum(share * StepLossGradient(q, t), (t, lower, upper)) for q in PARAMETERS.values()}
    return And(*(Eq(LossGradient(q), value, evaluate=False) for q, value in sums.items()))


THEOREM = Theorem(
    title="Sum over the losses",
    words="Differentiation is linear: each step's loss adds its gradient, with the weight ω that it has in the whole.",
    sources=(TRAINING_RNNS.at("total loss"), FYS5429.at("total loss"), PASCANU.at("equation 3")),
    statement=total(),
    instances=nets(units=(1, 2), steps=(1, 3), batch=(1, 1)),
    check=copies,
    proof=LINEAR,
    mutants={
        "the last loss alone": total(lower=T),
        "the first loss missing": total(lower=2),
        "weighted by 1/T twice": total(share=1 / T),
        "sign": total(share=-1),
    },
    examples=100,
)
