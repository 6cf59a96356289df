"""A prediction depends on far-off words all the same: what vanishes is the gradient, not the state."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ne

from backproof.theory.language.nodes import FrobeniusNorm, Softmax
from backproof.theory.language.notation import T, o
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import AACHEN, PASCANU
from backproof.theory.theorems.learning._text_pairs import (
    Pair,
    different_words,
    memories,
    o_other,
    slopes_positive,
    tells_states_apart,
    weights_invertible,
)
from backproof.theory.theorems.learning._text_pairs_check import by_logits, told_apart
from backproof.theory.theorems.learning._text_pairs_proof import FAR_WORDS_COUNT


def two_texts(words: list[float], **fields: Any) -> Pair:
    """A net of one unit on the two texts that begin with these words and go on with zeros."""
    given = {"W": [[0.5]], "V": [[1], [0]], "inputs": [[[word] for word in words], [[0], [0]], [[0], [0]]], **fields}
    return Pair(net=net(**given, targets=[[0, 0]] * 3))


differ = Ne(Softmax(o[T]), Softmax(o_other[T]), evaluate=False)
invertible = Assumption(name="nothing lost between steps", text="W is invertible", holds=weights_invertible)
increasing = Assumption(name="nothing lost in a unit", text="φ′ > 0 everywhere", holds=slopes_positive)
readable = Assumption(name="nothing lost at the output", text="(V 1) has full column rank", holds=tells_states_apart)
words = Assumption(name="different words", text="U x_1 ≠ U x_1′", holds=different_words)

THEOREM = Theorem(
    title="Far-off words count in predictions",
    words="If W is invertible and slopes are positive, changing the first word changes every later prediction, "
    "however far off it is.",
    sources=(AACHEN.at("vanishing gradients in language modelling"), PASCANU.at("section 2.1")),
    statement=differ,
    instances=memories(),
    check=told_apart,
    proof=FAR_WORDS_COUNT,
    decide=by_logits,
    assumptions=(invertible, increasing, readable, words),
    without={
        invertible: two_texts([1, -1], W=[[0]]),
        increasing: two_texts([-1, -2], activation="relu"),
        readable: two_texts([1, -1], V=[[1], [1]], activation="identity"),
        words: two_texts([1, 1], activation="identity"),
    },
    certified=(two_texts([1, -1]), two_texts([1, -1], activation="identity")),
    mutants={
        "the first word is forgotten": Eq(Softmax(o[T]), Softmax(o_other[T]), evaluate=False),
        "its trace stays as large": Eq(
            FrobeniusNorm(o[T] - o_other[T]), FrobeniusNorm(o[1] - o_other[1]), evaluate=False
        ),
        "predictions have nothing in common": Eq(FrobeniusNorm(Softmax(o[T]) - Softmax(o_other[T])), 1, evaluate=False),
    },
    examples=100,
    uses=("jacobians/product_of_steps",),
)
