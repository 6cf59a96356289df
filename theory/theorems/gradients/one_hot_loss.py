"""For a one-hot target the cross-entropy is minus the logarithm of the probability of the target."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Identity, OneMatrix, log
from sympy.matrices.expressions import MatMul
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import REGIMES, nets
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Softmax
from backproof.theory.language.notation import o, p, t, y
from backproof.theory.nets.networks import Net
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BRIDLE, TRAINING_RNNS
from backproof.theory.theorems.gradients._outputs import loss_value

predicted = Softmax(o[t])
at_target = y[t].T * predicted
logs, at_one = (column.applyfunc(log) for column in (predicted, at_target))


def _equals(claimed: Any) -> Any:
    return Eq(-y[t].T * predicted.applyfunc(log), claimed, evaluate=False)


ones, target = OneMatrix(p, 1), DiagMatrix(y[t])
zeros_and_ones = Eq(target * y[t], y[t], evaluate=False)
single = Eq(ones.T * y[t], Identity(1), evaluate=False)
picked = And(zeros_and_ones, single, evaluate=False)


def _one_hot(instance: Any) -> bool:
    """A net's targets are classes; other targets are looked at."""
    return isinstance(instance, Net) or decide(picked, instance) is True


one_hot = Assumption(name="one-hot target", text="y has one entry 1 and else zeros", holds=_one_hot, says=picked)
statement = _equals(-at_one)
at_all = ones * at_target

PROOF = Proof(
    lines=(
        line("zeros and ones", zeros_and_ones, "part", one_hot.name),
        line("single", single, "part", one_hot.name),
        by_fact(
            "picks",
            Eq(y[t] * y[t].T, target, evaluate=False),
            "a one-hot column picks",
            "zeros and ones",
            "single",
            d=y[t],
        ),
        line(
            "agree",
            Eq(target * predicted, target * at_all, evaluate=False),
            "matrix algebra",
            "picks",
            why="At the target the prediction is yᵀŷ, and elsewhere y is 0",
        ),
        by_fact(
            "logarithms agree",
            Eq(target * logs, target * at_all.applyfunc(log), evaluate=False),
            "a function where columns agree",
            "agree",
            d=y[t],
            v=predicted,
            w=at_all,
            f=log,
        ),
        by_fact(
            "logarithm of a constant",
            Eq(at_all.applyfunc(log), ones * at_one, evaluate=False),
            "a function of equal entries",
            c=at_target,
            f=log,
            size=p,
        ),
        line(
            "at the target",
            Eq(target * logs, y[t] * at_one, evaluate=False),
            "equals for equals",
            "logarithm of a constant",
            "logarithms agree",
        ),
        line(
            "charged",
            Eq(y[t].T * logs, MatMul(ones.T, target * logs, evaluate=False), evaluate=False),
            "matrix algebra",
            why="yᵀ is 1ᵀ diag(y)",
        ),
        line(
            "charged at the target",
            Eq(y[t].T * logs, ones.T * y[t] * at_one, evaluate=False),
            "equals for equals",
            "at the target",
            "charged",
        ),
        line(
            "loss",
            statement,
            "matrix algebra",
            "charged at the target",
            "single",
            why="Summed over the classes, as the entries of y add up to 1",
        ),
    )
)

THEOREM = Theorem(
    title="Loss at a one-hot target",
    words="Only the probability given to the target is charged, by minus its logarithm.",
    sources=(TRAINING_RNNS.at("cross-entropy loss"), BRIDLE.at("cross-entropy of the softmax")),
    statement=statement,
    instances=nets(
        losses=("cross_entropy",),
        regimes=[r for r in REGIMES if r != "huge"],
        units=(1, 2),
        steps=(1, 3),
        batch=(1, 1),
    ),
    check=loss_value,
    proof=PROOF,
    assumptions=(one_hot,),
    without={one_hot: Case({o[t]: [[0], [1]], y[t]: [[0.5], [0.5]]})},
    mutants={
        "sign": _equals(at_one),
        "probability for its logarithm": _equals(-at_target),
        "every class": _equals(-OneMatrix(1, p) * predicted.applyfunc(log)),
        "output for its softmax": _equals(-y[t].T * o[t]),
    },
)
