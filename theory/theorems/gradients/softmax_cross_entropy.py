"""The gradient of the cross-entropy by the outputs is the softmax less the target."""

from __future__ import annotations

from typing import Any

from sympy import Eq, log

from backproof.theory.instances.strategies import REGIMES, nets
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Gradient, Softmax
from backproof.theory.language.notation import o, t, y
from backproof.theory.nets.networks import Net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BRIDLE, TRAINING_RNNS
from backproof.theory.theorems.gradients._outputs import GRADIENT, bias_gradient

predicted = Softmax(o[t])
loss = -y[t].T * predicted.applyfunc(log)


def _equals(claimed: Any) -> Any:
    return Eq(Gradient(loss, o[t]), claimed, evaluate=False)


def _adds_up(instance: Any) -> bool:
    return isinstance(instance, Net) or sum(row[0] for row in instance[y[t]]) == 1


total = Assumption(name="targets add up to 1", text="Σ_j y_j = 1, as for a one-hot target", holds=_adds_up)

THEOREM = Theorem(
    title="Softmax with cross-entropy",
    words="Exponentials and logarithm cancel: what reaches the outputs is the prediction less the target.",
    sources=(TRAINING_RNNS.at("model: softmax and cross-entropy loss"), BRIDLE.at("softmax and its derivative")),
    statement=_equals(predicted - y[t]),
    instances=nets(losses=("cross_entropy",), regimes=[r for r in REGIMES if r != "huge"], units=(1, 2), steps=(1, 3)),
    check=bias_gradient,
    proof=GRADIENT,
    assumptions=(total,),
    without={total: Case({o[t]: [[0], [0]], y[t]: [[1], [1]]})},
    mutants={
        "sign": _equals(y[t] - predicted),
        "target dropped": _equals(predicted),
        "softmax dropped": _equals(o[t] - y[t]),
        "twice": _equals(2 * predicted - 2 * y[t]),
        "half": _equals((predicted - y[t]) / 2),
    },
)
