"""Language modelling on words, and what is learned across a gap in a sentence."""

import numpy as np
import pytest

from backproof import impl
from backproof.impl.grammar import NUMBERS, TEMPLATES, VOCABULARY, accuracy, learnability, sentences, task
from backproof.impl.language import (
    TEXT,
    UNKNOWN,
    Vocabulary,
    next_word_batches,
    one_hot,
    perplexity,
    share_by_distance,
    tokenise,
    train_language_model,
    vocabulary_of,
)
from backproof.impl.training import distance_shares

U = 2.0**-53


@pytest.fixture(scope="module")
def model():
    return train_language_model(TEXT, units=24, steps=100, seed=0)


def test_tokens_are_words_and_punctuation():
    assert tokenise("Jane said: don't go, it's late!") == ["jane", "said", ":", "don't", "go", ",", "it's", "late", "!"]
    assert tokenise("") == []


def test_the_text_has_a_dozen_sentences():
    assert tokenise(TEXT).count(".") >= 12


def test_rare_and_new_words_are_unknown():
    vocabulary = vocabulary_of(["b", "a", "b", "a", "c"])
    assert vocabulary.words == (UNKNOWN, "a", "b")
    assert vocabulary.encode(["b", "c", "zebra"]).tolist() == [2, 0, 0]
    assert vocabulary.decode(np.array([2, 0])) == ["b", UNKNOWN]
    assert vocabulary_of(["a", UNKNOWN], minimum=1).words == (UNKNOWN, "a")
    with pytest.raises(ValueError, match="first"):
        Vocabulary(words=("a", UNKNOWN))
    with pytest.raises(ValueError, match="once"):
        Vocabulary(words=(UNKNOWN, "a", "a"))


def test_no_tokens_have_no_classes():
    assert Vocabulary(words=(UNKNOWN,)).encode([]).dtype == np.intp


def test_one_hot_marks_one_class():
    encoded = one_hot(np.array([[0, 2]]), 3, dtype=np.float32)
    np.testing.assert_array_equal(encoded, [[[1, 0, 0], [0, 0, 1]]])
    assert encoded.dtype == np.float32
    for bad in (3, -1):
        with pytest.raises(ValueError, match="classes"):
            one_hot(np.array([bad]), 3)


def test_targets_are_the_next_words():
    tokens = tokenise(TEXT)
    vocabulary = vocabulary_of(tokens, minimum=1)
    batches = next_word_batches(tokens, vocabulary, length=7, batch=4)
    read = np.concatenate([inputs.argmax(axis=2).T.ravel() for inputs, _ in batches])
    due = np.concatenate([targets.T.ravel() for _, targets in batches])
    assert vocabulary.decode(read) == tokens[: len(read)]
    assert vocabulary.decode(due) == tokens[1 : len(due) + 1]
    assert len(tokens) - 1 - len(read) < 7
    with pytest.raises(ValueError, match="tokens: expected more than 7"):
        next_word_batches(tokens[:7], vocabulary, length=7, batch=1)


def test_a_net_that_knows_nothing_is_as_perplexed_as_it_has_words():
    vocabulary = vocabulary_of(tokenise(TEXT))
    size = len(vocabulary.words)
    params = impl.init_params(5, size, size, seed=0) | {"V": np.zeros((size, 5))}
    found = perplexity(params, vocabulary, tokenise(TEXT))
    # A mean of equal logarithms, and an exponential, whose relative error is the absolute error of the mean.
    assert abs(found - size) <= size * (len(tokenise(TEXT)) + 4) * U * np.log(size)


def test_perplexity_falls_below_that_of_word_frequencies(model):
    tokens = tokenise(TEXT)
    size = len(model.vocabulary.words)
    frequencies = np.bincount(model.vocabulary.encode(tokens)) / len(tokens)
    without_context = np.exp(-(frequencies * np.log(frequencies)).sum())
    start = impl.init_params(24, size, size, seed=0)
    assert model.training.explosion is None
    trained, untrained = (perplexity(params, model.vocabulary, tokens) for params in (model.params, start))
    assert trained < without_context / 2 < without_context < untrained


def test_training_is_the_same_every_time():
    first, second = (train_language_model(TEXT, units=4, steps=3, seed=1) for _ in range(2))
    assert all(first.params[name].tobytes() == second.params[name].tobytes() for name in first.params)


def test_shares_by_distance_in_words_sum_to_one(model):
    tokens = tokenise("the boy who is in the house is a student")
    for step in (1, 4, len(tokens) - 1):
        shares = share_by_distance(model.params, tokens, model.vocabulary, step=step)
        assert shares.shape == (step,)
        assert (shares >= 0).all()
        assert abs(shares.sum() - 1) <= 2 * step * U
    last = share_by_distance(model.params, tokens, model.vocabulary)
    np.testing.assert_array_equal(last, share_by_distance(model.params, tokens, model.vocabulary, step=len(tokens) - 1))


def test_the_nearest_share_is_that_of_the_last_word_read(model):
    tokens = tokenise("jane said hello to john")
    inputs = one_hot(model.vocabulary.encode(tokens[:-1])[:, None], len(model.vocabulary.words))
    targets = model.vocabulary.encode(tokens[1:])[:, None]
    parts = impl.contributions_by_distance(model.params, inputs, targets, step=4)
    norms = [np.sqrt(sum((part[k] ** 2).sum() for part in parts.values())) for k in range(4)]
    expected = np.array(norms[::-1]) / sum(norms)
    np.testing.assert_allclose(distance_shares(model.params, inputs, targets), expected, rtol=1e3 * U, atol=0)
    np.testing.assert_array_equal(
        share_by_distance(model.params, tokens, model.vocabulary), distance_shares(model.params, inputs, targets)
    )


# The grammar -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("template", "gap"), [("agreement", 1), ("agreement", 8), ("address", 7), ("address", 12)])
def test_sentences_come_in_minimal_pairs(template, gap):
    drawn = sentences(gap, 40, 3, template=template)
    assert drawn == sentences(gap, 40, 3, template=template)
    assert drawn != sentences(gap, 40, 4, template=template)
    for first, second in zip(drawn[::2], drawn[1::2], strict=True):
        different = [i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
        assert len(different) == 2
        assert different == [len(first) - gap - 2, len(first) - 1]


def test_either_of_a_pair_comes_first_as_often():
    singular = [first[1] in ("boy", "girl") for first in sentences(1, 800, 0)[::2]]
    # Within 4 standard deviations, √400/2 = 10, of a half.
    assert abs(sum(singular) - 200) <= 40


def test_verbs_agree_and_the_first_to_come_is_greeted():
    for _, noun, *_, verb in sentences(6, 20, 0):
        assert (noun, verb) in NUMBERS
    for first, *_, greeter, said, hi, to, last in sentences(11, 20, 0, template="address"):
        assert (said, hi, to, last) == ("said", "hi", "to", first)
        assert greeter != first


def test_grammar_refuses_what_it_cannot_draw():
    for arguments, message in {(2, 3, 0): "even", (0, 2, 0): "gap", (2, 0, 0): "count", (2, 2, -1): "seed"}.items():
        with pytest.raises(ValueError, match=message):
            sentences(*arguments)
    with pytest.raises(ValueError, match="gap"):
        sentences(6, 2, 0, template="address")
    with pytest.raises(ValueError, match="template"):
        sentences(6, 2, 0, template="verse")
    with pytest.raises(ValueError, match="one length"):
        task(sentences(2, 2, 0) + sentences(3, 2, 0))


def test_the_task_asks_for_the_last_word_alone():
    drawn = sentences(3, 6, 0)
    inputs, targets = task(drawn)
    assert inputs.shape == (5, 6, len(VOCABULARY.words))
    assert not targets[:-1].any()
    answers = TEMPLATES["agreement"].answers
    assert [answers[i - 1] for i in targets[-1]] == [sentence[-1] for sentence in drawn]
    assert UNKNOWN not in {VOCABULARY.words[i] for i in inputs.argmax(axis=2).ravel()}
    sure = np.zeros((5, 6, 3))
    sure[-1, np.arange(6), targets[-1]] = 1
    assert accuracy(sure, targets) == 1
    assert accuracy(np.zeros((5, 6, 3)), targets) == 0.5


@pytest.mark.parametrize("gap", [2, 8, 32])
def test_a_net_that_reads_less_than_the_gap_is_right_exactly_half_the_time(gap):
    assert learnability("windowed", gap, 0, window=gap, steps=60).accuracy == 0.5


@pytest.mark.parametrize("seed", range(3))
def test_a_net_that_reads_less_than_the_gap_is_right_for_at_most_one_of_a_pair(seed):
    assert learnability("windowed", 8, seed, template="address", window=8, steps=60).accuracy <= 0.5


def test_a_window_of_one_word_more_is_enough():
    assert learnability("windowed", 3, 0, window=4, steps=60).accuracy == 1.0


@pytest.mark.parametrize("model_name", ["rnn", "lstm"])
def test_whole_gradients_learn_a_short_gap(model_name):
    found = learnability(model_name, 3, 0, steps=100)
    assert found.accuracy == 1.0
    assert found.losses[1] < found.losses[0]


def test_a_carried_state_lets_a_truncated_gradient_learn_what_it_never_reaches():
    assert learnability("truncated", 2, 0, window=1, steps=300).accuracy > 0.9
