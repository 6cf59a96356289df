"""A net that reads through a window knows nothing of what came before it: at best it halves its answers."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, Le, Lt, Rational, ZeroMatrix

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.language.nodes import Inner, LargestEntry, Softmax, phi
from backproof.theory.language.notation import Sequence, T, U, V, W, b, c, n, o, x, y
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Measurement, Theorem
from backproof.theory.records.sources import CS6180, WILLIAMS_PENG
from backproof.theory.theorems.learning._text_pairs import (
    K,
    Pair,
    o_other,
    pairs,
    seen,
    seen_other,
    x_other,
    y_other,
)
from backproof.theory.theorems.learning._text_pairs_check import answers_satisfy, carried_along
from backproof.theory.theorems.learning._text_pairs_proof import lag, same_word, same_words


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
before, both = Lt(K, T, evaluate=False), y[T] + y_other[T]
no_common = Le(LargestEntry(both), 1, evaluate=False)
missed = Assumption(
    name="missed by the window",
    text="K < T, the first word lies before the window",
    holds=lambda pair: decide(before, pair) is True,
    says=before,
)
differ = Assumption(
    name="answers differ",
    text="the two texts ask for different answers: max (y_T + y_T′) ≤ 1",
    holds=lambda pair: decide(no_common, pair) is True,
    says=no_common,
)

read, read_other = Sequence("r", n), Sequence("r_other", n)
"""The states of the nets that start at the window, by the number of words that they have read."""


def _next(state: Any, word: Any) -> Any:
    return (W * state + U * word + b).applyfunc(phi)


word = T - K + lag + 1
DEFINITIONS = {
    "nothing read": Eq(read[0], ZeroMatrix(n, 1), evaluate=False),
    "nothing read of the other": Eq(read_other[0], ZeroMatrix(n, 1), evaluate=False),
    "reading on": Eq(read[lag + 1], _next(read[lag], x[word]), evaluate=False),
    "reading the other on": Eq(read_other[lag + 1], _next(read_other[lag], x_other[word]), evaluate=False),
    "answer": Eq(seen[T], V * read[K] + c, evaluate=False),
    "other answer": Eq(seen_other[T], V * read_other[K] + c, evaluate=False),
}
probabilities = Softmax(seen[T])
same_step, one_answer = _next(read_other[lag], x[word]), V * read_other[K] + c

PROOF = Proof(
    lines=(
        line(
            "start",
            Eq(read[0], read_other[0], evaluate=False),
            "matrix algebra",
            "nothing read",
            "nothing read of the other",
            why="Both start from 0",
        ),
        line(
            "hypothesis",
            Eq(read[lag], read_other[lag], evaluate=False),
            "supposition",
            why="Suppose one state after l words",
        ),
        *same_word("the same word", word, "missed by the window"),
        line("one step", Eq(same_step, same_step, evaluate=False), "matrix algebra"),
        line(
            "one image",
            Eq(_next(read[lag], x[word]), _next(read_other[lag], x_other[word]), evaluate=False),
            "equals for equals",
            "hypothesis",
            "the same word",
            "one step",
        ),
        line(
            "step",
            Eq(read[lag + 1], read_other[lag + 1], evaluate=False),
            "equals for equals",
            "reading on",
            "reading the other on",
            "one image",
            why="The window shows the same words of both texts",
        ),
        line("any state", Eq(read[lag], read_other[lag], evaluate=False), "induction", "start", "step", index=lag),
        line("last state", Eq(read[K], read_other[K], evaluate=False), "instance", "any state", at={lag: K}),
        line("one output", Eq(one_answer, one_answer, evaluate=False), "matrix algebra"),
        line(
            "outputs",
            Eq(V * read[K] + c, V * read_other[K] + c, evaluate=False),
            "equals for equals",
            "last state",
            "one output",
        ),
        line(
            "answers",
            Eq(seen[T], seen_other[T], evaluate=False),
            "equals for equals",
            "answer",
            "other answer",
            "outputs",
            why="So both texts get one answer",
        ),
        by_fact(
            "a mean",
            Le(Inner(both, probabilities), LargestEntry(both), evaluate=False),
            "a mean is at most the largest",
            d=both,
            v=seen[T],
        ),
        line(
            "one answer for both",
            Le(right(seen, seen), 1, evaluate=False),
            "real arithmetic",
            "a mean",
            "answers differ",
            why="Two different answers have at most the whole probability together",
        ),
        line("blind", knows, "equals for equals", "answers", "one answer for both"),
    )
)

THEOREM = Theorem(
    title="What lies before the window",
    words="Two texts that differ before the window get the same answer from a net whose state starts at the window, "
    "so of two right answers it cannot give more than one.",
    sources=(CS6180.at("truncated back-propagation through time"), WILLIAMS_PENG.at("BPTT(h)")),
    statement=knows,
    instances=pairs(),
    check=answers_satisfy,
    proof=PROOF,
    definitions=DEFINITIONS,
    assumptions=(missed, differ, same_words),
    without={
        missed: pair([0, 1], 3),
        differ: pair([0, 0], 1, later=1),
        same_words: pair([0, 1], 1, inputs=[[[1], [-1]], [[0], [0]], [[1], [-1]]]),
    },
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
