"""A parameter that all steps share: its gradient is the sum of the gradients of the copies that the steps use."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import CopyGradient, LossGradient, TimeSum
from backproof.theory.language.notation import T, U, W, b, t
from backproof.theory.proving.builders import each_by_the_chain_rule
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import AACHEN, WERBOS
from backproof.theory.theorems.gradients._steps import copies


def tied(lower: Any = 1, upper: Any = T, share: Any = 1) -> Any:
    """The gradients of W, U and b as sums over the copies of steps lower to upper, each times a share."""
    sums = {theta: TimeSum(share * CopyGradient(theta, t), (t, lower, upper)) for theta in (W, U, b)}
    return And(*(Eq(LossGradient(theta), total, evaluate=False) for theta, total in sums.items()))


statement = tied()

THEOREM = Theorem(
    title="Tied weights",
    words="Unroll with a copy of the weights for each step: what the copies ask for adds up.",
    sources=(AACHEN.at("backpropagation with weight constraints"), WERBOS.at("back-propagation through time")),
    statement=statement,
    instances=nets(units=(1, 2), steps=(1, 3), batch=(1, 1)),
    check=copies,
    proof=each_by_the_chain_rule(statement),
    mutants={
        "the last copy alone": tied(lower=T),
        "the first copy alone": tied(upper=1),
        "the mean of the copies": tied(share=1 / T),
        "sign": tied(share=-1),
    },
    examples=100,
)
