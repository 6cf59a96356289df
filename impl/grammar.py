"""Sentences whose last word is fixed by an early one, with a gap between that can be set.

    agreement   "the boy near paris in france , is"         subject noun → verb; the gap holds places
    address     "john walked in , jane … said hi to john"   who came in first is whom the second greets

Sentences come as minimal pairs: two that differ in the early word, and so in the last, and in nothing else. A net
that does not know the early word answers the same to both, and is right for at most one: of "is" and "are" for
exactly one, so that its accuracy on agreement is ½ and not about ½.

`learnability` trains a model and measures what it has learned across a gap:

    rnn         Elman net, whole gradient
    truncated   the same, gradient cut off at a window, hidden state carried along from the first word
    windowed    the same, but it reads no more than the last words of the window: the state, too, starts there
    lstm        LSTM, whole gradient

"truncated" and "windowed" both pass for truncated training. A windowed net whose window is no longer than the gap
cannot tell a minimal pair apart. A truncated one may: no gradient teaches it to
remember the early word, but its hidden state may hold that word all the same, and the output learns to read it.

>>> for sentence in sentences(gap=4, count=2, seed=1):
...     print(" ".join(sentence))
the boy paris beyond oslo , is
the boys paris beyond oslo , are
>>> learnability("windowed", gap=4, seed=0, steps=5).accuracy
0.5
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.impl.arrays import Array
from backproof.impl.checks import LARGEST, checked_entries, checked_integer, chosen
from backproof.impl.clipping import clip_by_norm
from backproof.impl.elman import forward, loss, loss_and_gradients
from backproof.impl.initialisers import init_params
from backproof.impl.language import UNKNOWN, Vocabulary, one_hot
from backproof.impl.lstm import lstm_forward, lstm_gradients, lstm_loss
from backproof.impl.optimisers import Adam
from backproof.impl.training import Batch, Explosion, LossAndGradients, paired, train
from backproof.impl.truncated import truncated_gradients

PREPOSITIONS = ("in", "near", "from", "beyond")
PLACES = ("france", "norway", "paris", "oslo")
NUMBERS = (("boy", "is"), ("boys", "are"), ("girl", "is"), ("girls", "are"))
NAMES = ("jane", "john", "mary", "paul")
Pair = tuple[list[str], list[str]]


def _fillers(count: int, rng: np.random.Generator) -> list[str]:
    """Return `count` words, preposition and place in turn, ending in a place: none agrees with anything."""
    kinds = (PLACES, PREPOSITIONS)
    return [str(rng.choice(kinds[i % 2])) for i in reversed(range(count))]


def _agreement(gap: int, rng: np.random.Generator) -> Pair:
    """One noun in the singular and in the plural, with the verb that agrees; the gap ends in a comma."""
    noun = 2 * int(rng.integers(2))
    between = [*_fillers(gap - 1, rng), ","]
    first, second = (["the", subject, *between, verb] for subject, verb in NUMBERS[noun : noun + 2])
    return first, second


def _address(gap: int, rng: np.random.Generator) -> Pair:
    """Two who may have come in first, and a third who greets; the gap ends in "said hi to"."""
    one, other, greeter = rng.permutation(NAMES)[:3].tolist()
    between = ["walked", "in", *_fillers(gap - 7, rng), ",", greeter, "said", "hi", "to"]
    return [one, *between, one], [other, *between, other]


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """A kind of sentence: how to draw a minimal pair, the shortest gap, the last words, and the chance to guess one.

    The first sentence of a pair and the second have different last words out of `answers`.
    """

    pair: Callable[[int, np.random.Generator], Pair]
    shortest: int
    answers: tuple[str, ...]
    chance: float


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        "agreement": Template(pair=_agreement, shortest=1, answers=("is", "are"), chance=1 / 2),
        # The greeter is heard late, and never greets herself: three names are left to guess from.
        "address": Template(pair=_address, shortest=7, answers=NAMES, chance=1 / 3),
    }
)
"""The kinds of sentence by name. `chance` is what is best without the early word, for words drawn evenly."""

VOCABULARY = Vocabulary(
    words=(
        UNKNOWN,
        *sorted({*PREPOSITIONS, *PLACES, *NAMES, *sum(NUMBERS, ()), "the", ",", "walked", "said", "hi", "to"}),
    )
)
"""All words of all sentences."""


def sentences(gap: int, count: int, seed: int, *, template: str = "agreement") -> list[list[str]]:
    """Return `count` sentences as tokens, in minimal pairs, with `gap` words between the early word and the last.

    Raises TypeError or ValueError for a wrong argument: an odd count, or a gap too short for the template.
    """
    kind = chosen("template", template, TEMPLATES)
    checked_integer("gap", gap, at_least=kind.shortest)
    checked_integer("count", count)
    if count % 2:
        raise ValueError(f"count: expected an even number, for sentences come in pairs, got {count}")
    checked_entries("gap", count, gap)
    rng = np.random.default_rng(checked_integer("seed", seed, at_least=0))
    drawn: list[list[str]] = []
    for _ in range(count // 2):
        first, second = kind.pair(gap, rng)
        drawn += [second, first] if rng.integers(2) else [first, second]
    return drawn


def task(drawn: Sequence[Sequence[str]], *, template: str = "agreement") -> Batch:
    """Return inputs (T,B,m) and targets (T,B) of B sentences of one length T + 1.

    The answers are classes 1, 2, … at the last step. At all others class 0 says that none is due, which the
    word before the answer tells apart, and so costs the net next to nothing.
    """
    answers = chosen("template", template, TEMPLATES).answers
    if len({len(sentence) for sentence in drawn}) != 1:
        raise ValueError("drawn: expected one or more sentences of one length")
    classes = np.stack([VOCABULARY.encode(sentence[:-1]) for sentence in drawn], axis=1)
    targets = np.zeros(classes.shape, np.intp)
    targets[-1] = [1 + answers.index(sentence[-1]) for sentence in drawn]
    return one_hot(classes, len(VOCABULARY.words)), targets


def accuracy(outputs: Array, targets: NDArray[Any]) -> float:
    """Return how often the largest of the answers' outputs (T,B,p) at the last step is the target (T,B)."""
    guesses = 1 + outputs[-1, :, 1:].argmax(axis=1)
    return float((guesses == targets[-1]).mean())


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """Accuracy on sentences drawn apart from those trained on, and where chance is; the loss at start and end.

    `losses` is per sentence. `seconds` alone depends on the machine.
    """

    accuracy: float
    chance: float
    losses: tuple[float, float]
    explosion: Explosion | None
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A net to train: how it starts, from (units, m, p, seed, recurrent); its gradient, given the window; its outputs.

    `windowed` says that it reads no more than the window.
    """

    start: Callable[[int, int, int, int, str], dict[str, Array]]
    gradients: Callable[[int], LossAndGradients]
    outputs: Callable[[Mapping[str, Array], Array], Array]
    windowed: bool = False


def learnability(
    model: str,
    gap: int,
    seed: int,
    *,
    template: str = "agreement",
    window: int | None = None,
    steps: int = 400,
    units: int = 24,
    recurrent: str = "normal",
) -> Learned:
    """Train a model on 20 batches of 32 sentences, again and again, by Adam, and test it on 200 more.

    Short gaps leave few different sentences, so that those of the test have then been seen in training. `window`
    is half the gap if left out. `recurrent` is how W of an Elman net, or of each gate, starts, as in `init_params`.
    Raises TypeError or ValueError for a wrong argument; an explosion is in the result.
    """
    checked_entries("units", checked_integer("units", units), units)
    net, kind = chosen("model", model, MODELS), chosen("template", template, TEMPLATES)
    size = checked_integer("window", max(1, gap // 2) if window is None else window)
    read = partial(_read, gap=gap, template=template, last=size if net.windowed else None)
    seeds = np.random.SeedSequence(checked_integer("seed", seed, at_least=0)).generate_state(21).tolist()
    inputs, targets = read(count=200, seed=seeds[0])
    began = time.perf_counter()
    run = train(
        net.start(units, len(VOCABULARY.words), 1 + len(kind.answers), seed, recurrent),
        [read(count=32, seed=part) for part in seeds[1:]],
        gradients=net.gradients(size),
        optimiser=Adam(rate=0.01),
        clip=partial(clip_by_norm, threshold=1.0),
        steps=checked_integer("steps", steps, at_most=LARGEST),
    )
    return Learned(
        accuracy=accuracy(net.outputs(run.params, inputs), targets),
        chance=kind.chance,
        losses=(run.losses[0], run.losses[-1]) if run.losses else (math.nan, math.nan),
        explosion=run.explosion,
        seconds=time.perf_counter() - began,
    )


def _read(*, gap: int, count: int, seed: int, template: str, last: int | None) -> Batch:
    """Return a task as read by a net that sees its last words only, if `last` is given."""
    inputs, targets = task(sentences(gap, count, seed, template=template), template=template)
    return (inputs, targets) if last is None else (inputs[-last:], targets[-last:])


# One loss per sentence: the sum over time, and the mean over the sentences.
def _per_sentence(gradients: LossAndGradients) -> LossAndGradients:
    def scaled(params: Mapping[str, Array], inputs: Array, targets: NDArray[Any]) -> tuple[float, dict[str, Array]]:
        value, found = gradients(params, inputs, targets)
        return value / inputs.shape[1], {name: g / inputs.shape[1] for name, g in found.items()}

    return scaled


def _elman_start(units: int, m: int, p: int, seed: int, recurrent: str) -> dict[str, Array]:
    return init_params(units, m, p, recurrent=recurrent, seed=seed)


def _elman_outputs(params: Mapping[str, Array], inputs: Array) -> Array:
    return forward(params, inputs).outputs


def _truncated(window: int) -> LossAndGradients:
    return _per_sentence(paired(loss, partial(truncated_gradients, every=1, window=window)))


def _lstm(window: int) -> LossAndGradients:
    return _per_sentence(paired(lstm_loss, lstm_gradients))


def _lstm_outputs(params: Mapping[str, Array], inputs: Array) -> Array:
    return lstm_forward(params, inputs).outputs


def _lstm_start(units: int, m: int, p: int, seed: int, recurrent: str) -> dict[str, Array]:
    """Return an LSTM whose gates each start as an Elman net would, with forget biases of 1 (Gers et al. 2000)."""
    streams = np.random.SeedSequence(seed).generate_state(4).tolist()
    start: dict[str, Array] = {}
    for letter, stream in zip("ifqg", streams, strict=True):
        gate = init_params(units, m, p, recurrent=recurrent, seed=stream)
        start |= {f"{kind}_{letter}": gate[kind] for kind in "WUb"}
    start["b_f"] = np.ones(units)
    return start | {name: gate[name] for name in "Vc"}


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "rnn": Model(
            start=_elman_start, gradients=lambda window: _per_sentence(loss_and_gradients), outputs=_elman_outputs
        ),
        "truncated": Model(start=_elman_start, gradients=_truncated, outputs=_elman_outputs),
        "windowed": Model(
            start=_elman_start,
            gradients=lambda window: _per_sentence(loss_and_gradients),
            outputs=_elman_outputs,
            windowed=True,
        ),
        "lstm": Model(start=_lstm_start, gradients=_lstm, outputs=_lstm_outputs),
    }
)
"""The models by name."""
