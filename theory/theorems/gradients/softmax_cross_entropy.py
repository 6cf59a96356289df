"""The gradient of the cross-entropy by the outputs is the softmax less the target."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Identity, OneMatrix, exp, log
from sympy.matrices.expressions import hadamard_product

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import REGIMES, nets
from backproof.theory.instances.values import Case
from backproof.theory.language.functions import LOSSES
from backproof.theory.language.nodes import Gradient, Softmax
from backproof.theory.language.notation import o, p, t, y
from backproof.theory.nets.networks import Net
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.facts.functions import RECIPROCAL
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BRIDLE, TRAINING_RNNS
from backproof.theory.theorems.gradients._outputs import bias_gradient

predicted = Softmax(o[t])
loss = -y[t].T * predicted.applyfunc(log)


def _equals(claimed: Any) -> Any:
    return Eq(Gradient(loss, o[t]), claimed, evaluate=False)


ones = OneMatrix(p, 1)
adds_up = Eq(ones.T * y[t], Identity(1), evaluate=False)


def _adds_up(instance: Any) -> bool:
    """A net's targets are classes; of other targets, the sum is taken."""
    return isinstance(instance, Net) or decide(adds_up, instance) is True


total = Assumption(
    name="targets add up to 1", text="Σ_j y_j = 1, as for a one-hot target", holds=_adds_up, says=adds_up
)
statement = _equals(predicted - y[t])
shifted = LOSSES["cross_entropy"].value  # log Σ_j exp(o_j) − yᵀ o
weights = ones.T * o[t].applyfunc(exp)
share = hadamard_product(o[t].applyfunc(exp), ones * weights.applyfunc(RECIPROCAL))

PROOF = Proof(
    lines=(
        by_fact(
            "logarithm",
            Eq(predicted.applyfunc(log), o[t] - ones * weights.applyfunc(log), evaluate=False),
            "logarithm of a softmax",
            v=o[t],
        ),
        line(
            "loss",
            Eq(loss, shifted, evaluate=False),
            "matrix algebra",
            "logarithm",
            total.name,
            why="For targets that add up to 1 the loss is log Σ_j exp(o_j) − yᵀo",
        ),
        line(
            "one gradient",
            Eq(Gradient(loss, o[t]), Gradient(shifted, o[t]), evaluate=False),
            "gradient of equals",
            "loss",
        ),
        line(
            "derived",
            Eq(Gradient(shifted, o[t]), share - y[t], evaluate=False),
            "gradient",
            why="By matrix calculus: exp(o) over its sum, less y",
        ),
        by_fact("softmax", Eq(predicted, share, evaluate=False), "softmax", why="Its definition", v=o[t]),
        line("by the softmax", _equals(share - y[t]), "matrix algebra", "one gradient", "derived"),
        line("less the target", statement, "equals for equals", "softmax", "by the softmax"),
    )
)

THEOREM = Theorem(
    title="Softmax with cross-entropy",
    words="Exponentials and logarithm cancel: what reaches the outputs is the prediction less the target.",
    sources=(TRAINING_RNNS.at("model: softmax and cross-entropy loss"), BRIDLE.at("softmax and its derivative")),
    statement=statement,
    instances=nets(losses=("cross_entropy",), regimes=[r for r in REGIMES if r != "huge"], units=(1, 2), steps=(1, 3)),
    check=bias_gradient,
    proof=PROOF,
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
