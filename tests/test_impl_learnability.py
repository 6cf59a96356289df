"""How the nets that meet the grammar and the text are trained: what the docstrings say, argument by argument."""

import math
from functools import partial

import numpy as np
import pytest

from backproof import impl
from backproof.impl import grammar
from backproof.impl.grammar import MODELS, TEMPLATES, VOCABULARY, learnability, sentences
from backproof.impl.language import (
    TEXT,
    next_word_batches,
    perplexity,
    share_by_distance,
    tokenise,
    train_language_model,
)
from backproof.impl.optimisers import SGD, Adam
from backproof.impl.training import Explosion, Training, distance_shares, train


@pytest.fixture
def called(monkeypatch):
    """What `learnability` passes to `train`, which does not run, and to `sentences`, which does."""
    seen = {"drawn": []}

    def training(params, batches, *, losses=(4.0, 2.0, 1.0), **options):
        seen.update(options, params=params, batches=batches)
        return Training(
            params=params,
            state=None,
            losses=seen.get("losses", losses),
            norms=(),
            clipped=(),
            reaches=(),
            explosion=Explosion(step=7, parameter="W", reason="planted"),
        )

    def drawing(gap, count, seed, *, template="agreement"):
        seen["drawn"].append((gap, count, seed, template))
        return sentences(gap, count, seed, template=template)

    monkeypatch.setattr(grammar, "train", training)
    monkeypatch.setattr(grammar, "sentences", drawing)
    return seen


@pytest.mark.parametrize("template", TEMPLATES)
def test_training_and_test_are_drawn_apart(called, template):
    learnability("rnn", 8, 3, template=template)
    assert [(gap, count, of) for gap, count, _, of in called["drawn"]] == [
        (8, 200, template),
        *[(8, 32, template)] * 20,
    ]
    assert len({seed for _, _, seed, _ in called["drawn"]}) == 21
    drawn, called["drawn"] = called["drawn"], []
    learnability("rnn", 8, 3, template=template)
    assert called["drawn"] == drawn
    assert {len(task[0]) for task in called["batches"]} == {len(sentences(8, 2, 0, template=template)[0]) - 1}


def test_settings_left_out(called):
    found = learnability("rnn", 4, 0)
    assert called["steps"] == 400
    assert called["optimiser"] == Adam(rate=0.01)
    assert called["params"]["V"].shape == (3, 24)
    clipped = called["clip"]({"w": np.array([3.0, 4.0])})
    np.testing.assert_allclose(clipped.gradients["w"], [0.6, 0.8], rtol=1e-15)
    assert (found.chance, found.losses, found.explosion.step) == (0.5, (4.0, 1.0), 7)
    assert 0 <= found.seconds < 60
    called["losses"] = ()
    assert all(math.isnan(loss) for loss in learnability("rnn", 4, 0).losses)


@pytest.mark.parametrize(("gap", "window"), [(1, 1), (2, 1), (4, 2), (7, 3)])
def test_the_window_left_out_is_half_the_gap(called, gap, window):
    learnability("windowed", gap, 0)
    assert {inputs.shape[0] for inputs, _ in called["batches"]} == {window}


@pytest.mark.parametrize("model", MODELS)
def test_the_loss_is_per_sentence(called, model):
    learnability(model, 4, 0, window=2, units=3)
    params, (inputs, targets) = called["params"], called["batches"][0]
    value, found = called["gradients"](params, inputs, targets)
    kind = "lstm_" if model == "lstm" else ""
    assert value == getattr(impl, f"{kind}loss")(params, inputs, targets) / 32
    if model == "truncated":
        expected = impl.truncated_gradients(params, inputs, targets, every=1, window=2)
    else:
        expected = getattr(impl, f"{kind}gradients")(params, inputs, targets)
    for name, gradient in expected.items():
        np.testing.assert_array_equal(found[name], gradient / 32)


@pytest.mark.parametrize("model", MODELS)
def test_nets_start_as_they_are_told(called, model):
    learnability(model, 4, 0, units=3, recurrent="identity")
    recurrent = [array for name, array in called["params"].items() if name[0] == "W"]
    assert recurrent
    assert all(np.array_equal(W, np.eye(3)) for W in recurrent)
    starts = []
    for seed in (0, 0, 1):
        learnability(model, 4, seed, units=3)
        starts.append([array.tobytes() for name, array in called["params"].items() if name[0] in "WUV"])
    assert starts[0] == starts[1]
    assert not set(starts[0]) & set(starts[2])
    assert len(set(starts[0])) == len(starts[0])


@pytest.mark.parametrize(("template", "gap"), [("agreement", 6), ("address", 7), ("address", 9)])
def test_every_word_of_every_sentence_is_known(template, gap):
    assert {word for sentence in sentences(gap, 20, 0, template=template) for word in sentence} <= set(VOCABULARY.words)


def test_the_shortest_gaps_and_the_chances_are_those_promised():
    assert {name: (kind.shortest, kind.chance) for name, kind in TEMPLATES.items()} == {
        "agreement": (1, 1 / 2),
        "address": (7, 1 / 3),
    }
    for name, kind in TEMPLATES.items():
        assert {sentence[-1] for sentence in sentences(kind.shortest, 80, 0, template=name)} == set(kind.answers)


def test_greetings_are_worded_as_promised():
    for name, *rest in sentences(7, 8, 0, template="address"):
        assert rest == ["walked", "in", ",", rest[3], "said", "hi", "to", name]


# The language model ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("optimiser", [None, SGD(rate=20.0)])
def test_a_language_model_is_trained_as_promised(activation, optimiser):
    found = train_language_model(TEXT, units=4, steps=4, seed=5, activation=activation, optimiser=optimiser)
    tokens, size = tokenise(TEXT), len(found.vocabulary.words)
    expected = train(
        impl.init_params(4, size, size, seed=5),
        next_word_batches(tokens, found.vocabulary, length=16, batch=8),
        gradients=partial(impl.loss_and_gradients, activation=activation, reduction="mean"),
        optimiser=optimiser or Adam(rate=0.01),
        clip=partial(impl.clip_by_norm, threshold=1.0),
        steps=4,
    )
    assert found.training.losses == expected.losses
    assert found.training.clipped == expected.clipped
    assert any(expected.clipped) or activation == "sigmoid"
    for name, array in expected.params.items():
        np.testing.assert_array_equal(found.params[name], array)


def test_two_words_make_a_text_and_float32_stays():
    vocabulary = impl.Vocabulary(words=("<unknown>", "a", "b"))
    for dtype in (np.float32, np.float64):
        params = impl.init_params(2, 3, 3, seed=0, dtype=dtype)
        ((inputs, targets),) = next_word_batches(["a", "b"], vocabulary, length=1, batch=1, dtype=dtype)
        assert inputs.dtype == dtype
        for activation in ("tanh", "sigmoid"):
            value = impl.loss(params, inputs, targets, activation=activation)
            assert perplexity(params, vocabulary, ["a", "b"], activation=activation) == math.exp(value)
    params = impl.init_params(2, 3, 3, seed=0)
    ((inputs, targets),) = next_word_batches(["a", "b", "b", "a"], vocabulary, length=3, batch=1)
    for activation in ("tanh", "sigmoid"):
        np.testing.assert_array_equal(
            share_by_distance(params, ["a", "b", "b", "a"], vocabulary, activation=activation),
            distance_shares(params, inputs, targets, activation=activation),
        )
