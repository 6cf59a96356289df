"""For a one-hot target the cross-entropy is minus the logarithm of the probability of the target."""

from __future__ import annotations

from typing import Any

from sympy import Eq, OneMatrix, log

from backproof.theory.instances.strategies import REGIMES, nets
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Softmax
from backproof.theory.language.notation import o, p, t, y
from backproof.theory.nets.networks import Net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BRIDLE, TRAINING_RNNS
from backproof.theory.theorems.gradients._outputs import ONE_HOT, loss_value

predicted = Softmax(o[t])
at_target = y[t].T * predicted


def _equals(claimed: Any) -> Any:
    return Eq(-y[t].T * predicted.applyfunc(log), claimed, evaluate=False)


def _one_hot(instance: Any) -> bool:
    return isinstance(instance, Net) or sorted(row[0] for row in instance[y[t]])[-2:] == [0, 1]


one_hot = Assumption(name="one-hot target", text="y has one entry 1 and else zeros", holds=_one_hot)

THEOREM = Theorem(
    title="Loss at a one-hot target",
    words="Only the probability given to the target is charged, by minus its logarithm.",
    sources=(TRAINING_RNNS.at("cross-entropy loss"), BRIDLE.at("cross-entropy of the softmax")),
    statement=_equals(-at_target.applyfunc(log)),
    instances=nets(
        losses=("cross_entropy",),
        regimes=[r for r in REGIMES if r != "huge"],
        units=(1, 2),
        steps=(1, 3),
        batch=(1, 1),
    ),
    check=loss_value,
    proof=ONE_HOT,
    assumptions=(one_hot,),
    without={one_hot: Case({o[t]: [[0], [1]], y[t]: [[0.5], [0.5]]})},
    mutants={
        "sign": _equals(at_target.applyfunc(log)),
        "probability for its logarithm": _equals(-at_target),
        "every class": _equals(-OneMatrix(1, p) * predicted.applyfunc(log)),
        "output for its softmax": _equals(-y[t].T * o[t]),
    },
)
