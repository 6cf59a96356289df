"""Long-range dependencies are hard to learn: little of the gradient comes from far away, and little is learned."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Gt, Lt, Rational

from backproof.theory.confronting.subject import offered
from backproof.theory.language.nodes import Contribution, FrobeniusNorm
from backproof.theory.language.notation import T, U
from backproof.theory.nets.networks import Net, net
from backproof.theory.records.records import Measurement, Theorem
from backproof.theory.records.sources import AACHEN, BENGIO, SLIDES, TRAINING_RNNS
from backproof.theory.theorems.learning._far_words import contributions_satisfy

UNITS, STEPS = 3, 12


def reader(seed: int) -> Net:
    """A tanh net that reads twelve words out of three, W normal with standard deviation 1/8."""
    random = np.random.default_rng(seed)
    words = np.eye(UNITS)[random.integers(0, UNITS, STEPS)]
    W, U_, V = (random.normal(size=(UNITS, UNITS)) for _ in range(3))
    return net(W=W / 8, U=U_, V=V, inputs=words, targets=random.integers(0, UNITS, STEPS).tolist())


def taught(step: Any) -> Any:
    """How much the last loss teaches about the word read at a step."""
    return FrobeniusNorm(Contribution(U, T, step))


def farther_is_harder(subject: Any, seed: int) -> float:
    """Accuracy on the last word of sentences where a noun 2 words back decides, less that where it is 16 words back."""
    learn = offered(subject, "learnability")
    near, far = (learn("rnn", gap, seed, steps=50, units=8).accuracy for gap in (2, 16))
    return float(near - far)


thousandth = Rational(1, 1000)

THEOREM = Theorem(
    title="Far-off words are learned badly",
    words="In tanh nets that start small, the word eleven steps back gets less than a thousandth of the gradient of "
    "the last one; and trained alike, nets answer by a near word and fail where a far one decides.",
    sources=(
        AACHEN.at("vanishing gradients in language modelling"),
        SLIDES.at("vanishing gradients"),
        TRAINING_RNNS.at("vanishing gradients: far-away words"),
        BENGIO.at("experiments on the latch problem"),
    ),
    statement=Lt(taught(1), thousandth * taught(T), evaluate=False),
    instances=st.builds(reader, st.integers(0, 2**16)),
    check=contributions_satisfy,
    certified=(reader(0),),
    mutants={
        "more from far away": Gt(taught(1), thousandth * taught(T), evaluate=False),
        "a thousandth a step": Lt(taught(T - 1), thousandth * taught(T), evaluate=False),
        "nothing": Lt(taught(1), 0, evaluate=False),
    },
    measurement=Measurement(
        quantity="accuracy where a noun 2 words back decides less accuracy where it is 16 words back, for 8 tanh units "
        "after 50 steps of training",
        effect="above 0.3, of at most 0.5 for a net that learns the one and guesses the other",
        seeds=20,
        sample=farther_is_harder,
        expected=(0.3, 1.0),
    ),
    examples=12,
)
