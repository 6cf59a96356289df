"""For a one-hot target the cross-entropy is minus the logarithm of the probability of the target."""

from typing import Any

from sympy import Eq, OneMatrix, log

from theory.cases import Case
from theory.checks.outputs import loss_value
from theory.nets import Net
from theory.nodes import Softmax
from theory.notation import o, p, t, y
from theory.proofs.outputs import ONE_HOT
from theory.records import Assumption, Theorem
from theory.sources import BRIDLE, TRAINING_RNNS
from theory.strategies import REGIMES, nets

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
