"""Language modelling: a net that reads a text word by word and predicts the next one.

h_t = φ(W h_{t-1} + U x_t + b) reads the word x_t, one-hot, and softmax(V h_t + c) is the probability of each
word to come next. Its loss is the mean of -log ŷ at the true next word, and exp of that is the perplexity: the
number of words among which a guess would do as well. Perplexity |vocabulary| is knowing nothing.

>>> model = train_language_model(TEXT, units=8, steps=30, seed=0)
>>> perplexity(model.params, model.vocabulary, tokenise(TEXT)) < len(model.vocabulary.words)
True
>>> share_by_distance(model.params, tokenise("The girl in the garden"), model.vocabulary).shape
(4,)
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from backproof.impl.arrays import Array
from backproof.impl.checks import (
    LARGEST,
    checked_classes,
    checked_entries,
    checked_float_type,
    checked_floats,
    checked_instance,
    checked_integer,
    checked_mapping,
    checked_text,
    checked_words,
)
from backproof.impl.clipping import clip_by_norm
from backproof.impl.elman import loss, loss_and_gradients
from backproof.impl.initialisers import init_params
from backproof.impl.optimisers import Adam, Optimiser
from backproof.impl.training import Batch, Training, distance_shares, train

UNKNOWN = "<unknown>"

TEXT = """
The girl in the garden reads a book. The girls in the garden read a book. The boy who is in the house is a
student. The boys who are in the house are students. Jane walked into the room. John walked into the room too.
It was late, and the room was dark. Jane said hello to John, and John said hello to Jane. The student in the
dark house reads a book about a garden. The students in the old house read books about the garden. It was late
when the girl walked into the garden. The old book about the house was in the dark room. John, who was late too,
walked into the old house and said hello. The boy and the girl are students, and the students are in the room.
"""
"""A small text to learn from, written for this purpose."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """The words a net knows; the position of a word is its class. Word 0 stands for all unknown ones."""

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        checked_words("words", self.words)
        if not self.words or self.words[0] != UNKNOWN:
            raise ValueError(f"words: expected {UNKNOWN!r} first, got {self.words[:1]}")
        if len(set(self.words)) != len(self.words):
            raise ValueError("words: expected each word once")

    def encode(self, tokens: Sequence[str]) -> NDArray[np.intp]:
        """Return the classes (T,) of the tokens, 0 for those that are not in the vocabulary."""
        checked_words("tokens", tokens)
        index = {word: i for i, word in enumerate(self.words)}
        return np.array([index.get(token, 0) for token in tokens], np.intp)

    def decode(self, classes: NDArray[np.intp]) -> list[str]:
        """Return the words of classes (T,)."""
        checked_classes("classes", classes, at_most=len(self.words) - 1)
        if classes.ndim != 1:
            raise ValueError(f"classes: expected shape (T,), got shape {classes.shape}")
        return [self.words[i] for i in classes]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class LanguageModel:
    """A trained net with the words that it knows, and how training went."""

    vocabulary: Vocabulary
    params: dict[str, Array]
    training: Training


def tokenise(text: str) -> list[str]:
    """Return the words, lower-case and with inner apostrophes, and the punctuation marks, each a token."""
    return re.findall(r"\w+(?:['’]\w+)*|[^\w\s]", checked_text("text", text).lower())


def vocabulary_of(tokens: Sequence[str], *, minimum: int = 2) -> Vocabulary:
    """Return the vocabulary of tokens that occur at least `minimum` times, in alphabetical order.

    With a minimum of 2 the rare words stand in for the unknown ones, so that the net learns to meet those.
    With 1 there is no unknown word in the text, and nothing is ever learned about them.
    """
    checked_integer("minimum", minimum)
    checked_words("tokens", tokens)
    counts = Counter(tokens)
    known = sorted(word for word, count in counts.items() if count >= minimum and word != UNKNOWN)
    return Vocabulary(words=(UNKNOWN, *known))


def one_hot(classes: NDArray[np.integer[Any]], size: int, *, dtype: DTypeLike = np.float64) -> Array:
    """Return classes (…) as unit vectors (…,size).

    Raises TypeError or ValueError for classes that are no integers below the size.
    """
    checked_classes("classes", classes, at_most=checked_integer("size", size) - 1)
    checked_entries("size", size, max(size, classes.size))
    return np.asarray(np.eye(size, dtype=checked_float_type("dtype", dtype))[classes])


def next_word_batches(
    tokens: Sequence[str], vocabulary: Vocabulary, *, length: int, batch: int, dtype: DTypeLike = np.float64
) -> list[Batch]:
    """Return (inputs, targets): the text cut into pieces of `length` words, up to `batch` of them side by side.

    The target of a word is the one after it. What is left over at the end of the text is dropped.
    Raises ValueError for a text of no more than `length` words.
    """
    checked_integer("length", length, at_most=LARGEST)
    checked_integer("batch", batch)
    checked_instance("vocabulary", vocabulary, Vocabulary)
    classes = vocabulary.encode(tokens)
    pieces = (len(classes) - 1) // length
    if pieces < 1:
        raise ValueError(f"tokens: expected more than {length}, got {len(classes)}")
    read, due = (part[: pieces * length].reshape(pieces, length).T for part in (classes[:-1], classes[1:]))
    starts = range(0, pieces, batch)
    size = len(vocabulary.words)
    return [(one_hot(read[:, s : s + batch], size, dtype=dtype), due[:, s : s + batch].copy()) for s in starts]


def train_language_model(
    text: str,
    *,
    units: int,
    steps: int,
    seed: int,
    length: int = 16,
    batch: int = 8,
    activation: str = "tanh",
    optimiser: Optimiser | None = None,
) -> LanguageModel:
    """Train an Elman net on the text, with Adam if no optimiser is given, gradients clipped to norm 1.

    Raises TypeError or ValueError for a wrong argument. How training ended, explosion included, is in the result.
    """
    checked_integer("units", units)
    tokens = tokenise(text)
    if len(tokens) <= checked_integer("length", length, at_most=LARGEST):
        raise ValueError(f"text: expected more than {length} tokens, got {len(tokens)}")
    vocabulary = vocabulary_of(tokens)
    size = len(vocabulary.words)
    checked_entries("units", units, max(units, size))
    training = train(
        init_params(units, size, size, seed=seed),
        next_word_batches(tokens, vocabulary, length=length, batch=batch),
        gradients=partial(loss_and_gradients, activation=activation, reduction="mean"),
        optimiser=Adam(rate=0.01) if optimiser is None else optimiser,
        clip=partial(clip_by_norm, threshold=1.0),
        steps=steps,
    )
    return LanguageModel(vocabulary=vocabulary, params=training.params, training=training)


def perplexity(
    params: Mapping[str, Array], vocabulary: Vocabulary, tokens: Sequence[str], *, activation: str = "tanh"
) -> float:
    """Return exp of the mean loss over the tokens, read as one sequence of T ≥ 2 words.

    Infinite where it exceeds the range of a float. Raises as `loss` and `next_word_batches` do.
    """
    ((inputs, targets),) = _whole(params, tokens, vocabulary)
    mean = loss(params, inputs, targets, activation=activation, reduction="mean")
    try:
        return math.exp(mean)
    except OverflowError:
        return math.inf


def share_by_distance(
    params: Mapping[str, Array],
    tokens: Sequence[str],
    vocabulary: Vocabulary,
    *,
    step: int | None = None,
    activation: str = "tanh",
) -> Array:
    """Return the share (t,) of each distance 0 … t-1, in words, in the gradient of the loss at step t.

    Step t has read t words and predicts the next; t is `step`, or the last step with a next word. Entry d is
    what the word d before the last one read contributes, by `distance_shares`; the shares sum to 1.
    """
    ((inputs, targets),) = _whole(params, tokens, vocabulary)
    return distance_shares(params, inputs, targets, step=step, activation=activation)


def _whole(params: Mapping[str, Array], tokens: Sequence[str], vocabulary: Vocabulary) -> list[Batch]:
    checked_words("tokens", tokens, at_least=2)
    checked_mapping("params", params)
    if "W" not in params:
        raise ValueError("params: expected 'W' among the names, got none")
    dtype = checked_floats("params['W']", params["W"]).dtype
    return next_word_batches(tokens, vocabulary, length=len(tokens) - 1, batch=1, dtype=dtype)
