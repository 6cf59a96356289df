"""A net that reads through a window knows nothing of what came before it: at best it halves its answers."""

from __future__ import annotations

from typing import Any

from sympy import Ge, Le, Lt, Rational

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import Inner, Softmax
from backproof.theory.language.notation import T, o, y
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Assumption, Measurement, Theorem
from backproof.theory.records.sources import CS6180, WILLIAMS_PENG
from backproof.theory.theorems.learning._text_pairs import (
    Pair,
    o_other,
    pairs,
    seen,
    seen_other,
    tells_outputs_apart,
    unseen,
    y_other,
)
from backproof.theory.theorems.learning._text_pairs_check import answers_satisfy, carried_along
from backproof.theory.theorems.learning._text_pairs_proof import BLIND


def right(first: Any, other: Any, expected: Any = y_other) -> Any:
    """The probabilities that two outputs give to the answers of their texts, added up."""
    return Inner(y[T], Softmax(first[T])) + Inner(expected[T], Softmax(other[T]))


def pair(answers: list[int], window: int, later: float = 0.0, **weights: Any) -> Pair:
    """A tanh unit that reads 1 or −1, and then the same in both texts; the answers are due at the third step."""
    texts = [[[1], [-1]], [[later], [later]], [[later], [later]]]
    given = {"W": [[1]], "V": [[1], [-1]], "inputs": texts, "targets": [[0, 0], [0, 0], answers], **weights}
    return Pair(net=net(**given), window=window)


def _ratio(instance: Pair) -> float:
    with precision(BITS):
        (here,) = instance.environments(Balls(), knows)
        return float(evaluate(knows.lhs, Balls(), here))


knows = Le(right(seen, seen_other), 1, evaluate=False)
missed = Assumption(name="missed by the window", text="K < T, the first word lies before the window", holds=unseen)
differ = Assumption(name="answers differ", text="the two texts ask for different answers", holds=tells_outputs_apart)

THEOREM = Theorem(
    title="What lies before the window",
    words="Two texts that differ before the window get the same answer from a net whose state starts at the window, "
    "so of two right answers it cannot give more than one.",
    sources=(CS6180.at("truncated back-propagation through time"), WILLIAMS_PENG.at("BPTT(h)")),
    statement=knows,
    instances=pairs(),
    check=answers_satisfy,
    proof=BLIND,
    assumptions=(missed, differ),
    without={missed: pair([0, 1], 3), differ: pair([0, 0], 1, later=1)},
    attained=pair([0, 1], 2, V=[[0], [0]]),
    ratio=_ratio,
    mutants={
        "the state carried": Le(right(o, o_other), 1, evaluate=False),
        "strictly less": Lt(right(seen, seen_other), 1, evaluate=False),
        "three quarters": Le(right(seen, seen_other), Rational(3, 4), evaluate=False),
        "at least": Ge(right(seen, seen_other), 1, evaluate=False),
        "one answer to both": Le(right(seen, seen_other, y), 1, evaluate=False),
    },
    measurement=Measurement(
        quantity="accuracy where a noun 4 steps back decides, for 16 tanh units with gradients cut off at 2 steps "
        "while the state is carried, after 60 steps of training",
        effect="above 0.6, where guessing and a net that reads two words give 0.5",
        seeds=24,
        sample=carried_along,
        expected=(0.6, 1.0),
    ),
    examples=50,
)
