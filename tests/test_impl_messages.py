"""An error begins with what is wrong: the argument as its caller wrote it, or what overflowed and where."""

import math
from functools import partial

import numpy as np
import pytest

from backproof import impl
from backproof.impl.grammar import sentences, task
from backproof.impl.optimisers import SGD, Adam, Momentum, UpdateOverflow

ONE, TWO = np.eye(1), np.eye(2)
STEPS = [impl.cayley_step, impl.exponential_step, impl.plain_step]
VOCABULARY = impl.Vocabulary(words=("<unknown>", "a", "b"))


def at_rest(**changes):
    """A net of 2 units whose parameters are zero but for the changes, and one input of 0 at each of 3 steps."""
    params = {"W": np.zeros((2, 2)), "U": np.zeros((2, 1)), "V": np.zeros((2, 2)), "b": np.zeros(2), "c": np.zeros(2)}
    return params | changes, np.zeros((3, 1, 1))


def gated(letters, **changes):
    shapes = {"W": (2, 2), "U": (2, 1), "b": 2}
    zeros = {f"{kind}_{letter}": np.zeros(shape) for letter in letters for kind, shape in shapes.items()}
    return zeros | {"V": np.zeros((2, 2)), "c": np.zeros(2)} | changes, np.zeros((3, 1, 1))


def squared(function, net, *, y=0.0, at=2, **options):
    """Call with the squared error against y at step `at`, and against 0 at the others."""
    targets = np.zeros((3, 1, 2))
    targets[at - 1] = y
    return partial(function, *net, targets, loss="squared_error", **options)


def start(**changes):
    arguments = {"n": 2, "m": 2, "p": 2, "seed": 0} | changes
    return partial(impl.init_params, **arguments)


def train(**changes):
    arguments = {"gradients": impl.loss_and_gradients, "optimiser": SGD(rate=1.0), "steps": 1} | changes
    batches = arguments.pop("batches", [(at_rest()[1], np.zeros((3, 1), int))])
    return partial(impl.train, at_rest()[0], batches, **arguments)


nan, minus = math.nan, -1.0
deep = {"W": TWO, "b": np.zeros(2), "V": TWO, "c": np.zeros(2)}
ARGUMENTS = [
    ("n", partial(impl.identity_init, 0)),
    ("n", partial(impl.normal_init, 0, std=1.0, seed=0)),
    ("std", partial(impl.normal_init, 2, std=minus, seed=0)),
    ("seed", partial(impl.normal_init, 2, std=1.0, seed=-1)),
    ("dtype", partial(impl.normal_init, 2, std=1.0, seed=0, dtype=int)),
    ("n", partial(impl.orthogonal_init, 0, seed=0)),
    ("dtype", partial(impl.orthogonal_init, 2, seed=0, dtype=int)),
    ("dtype", partial(impl.identity_init, 2, dtype=int)),
    *((name, start(**{name: 0})) for name in "nmp"),
    ("seed", start(seed=-1)),
    ("recurrent", start(recurrent="ones")),
    ("dtype", start(dtype=int)),
    *(("W", partial(of, np.ones((1, 2)))) for of in (impl.eigenvalues, impl.spectral_norm, impl.spectral_radius)),
    ("W", partial(impl.condition_of_eigenvectors, np.ones((1, 2)))),
    *(("Q", partial(step, np.ones((1, 2)), ONE, rate=1.0)) for step in STEPS),
    *(("gradient", partial(step, TWO, ONE, rate=1.0)) for step in STEPS),
    *(("gradient", partial(step, TWO, TWO * nan, rate=1.0)) for step in STEPS),
    *(("rate", partial(step, TWO, TWO, rate=minus)) for step in STEPS),
    *(("rate", partial(step, TWO, TWO, rate=math.inf)) for step in STEPS),
    ("Q", partial(impl.departure, np.ones((1, 2)))),
    ("W", partial(impl.autonomous_exponents, np.ones((1, 2)), steps=1)),
    ("steps", partial(impl.autonomous_exponents, TWO, steps=0)),
    ("h0", partial(impl.autonomous_exponents, TWO, steps=1, h0=np.zeros(2, np.float32))),
    ("params['h0']", partial(impl.autonomous_exponents, TWO, steps=1, h0=np.zeros(3))),
    *(("discard", partial(impl.autonomous_exponents, TWO, steps=2, discard=discard)) for discard in (-1, 2)),
    ("discard", partial(impl.mean_log_determinant, *at_rest(), discard=3)),
    ("W", partial(impl.eigen_expansion, np.ones((1, 2)), np.ones(1))),
    ("v", partial(impl.eigen_expansion, TWO, np.ones(3))),
    ("v", partial(impl.eigen_expansion, TWO, np.ones(2, np.float32))),
    ("t", partial(impl.expanded_power, TWO, np.ones(2), -1)),
    *(("gain", partial(impl.gaussian_spectral_radius, 2, gain=gain, seed=0)) for gain in (minus, math.inf)),
    ("n", partial(impl.gaussian_spectral_radius, 0, gain=1.0, seed=0)),
    *(
        (name, partial(count, **{**dict.fromkeys("nmpT", 1), name: 0}))
        for name in "nmpT"
        for count in (impl.rtrl_operations, impl.bptt_operations)
    ),
    *(("rate", partial(kind, rate=minus)) for kind in (SGD, Momentum, Adam)),
    ("momentum", partial(Momentum, rate=1.0, momentum=1.0)),
    *((name, partial(Adam, **{name: 1.0})) for name in ("mean_decay", "square_decay")),
    *((name, partial(Adam, **{name: "0.5"})) for name in ("mean_decay", "square_decay")),
    *(("epsilon", partial(Adam, epsilon=epsilon)) for epsilon in (0.0, math.inf)),
    *(("params", partial(kind(rate=1.0).init, [ONE])) for kind in (SGD, Momentum, Adam)),
    *(("params['w']", partial(kind(rate=1.0).init, {"w": ONE * nan})) for kind in (SGD, Momentum, Adam)),
    ("steps", train(steps=-1)),
    ("batches", train(batches=[])),
    *(
        (name, partial(impl.VanishingMonitor, **{"distance": 1, "below": 0.5, name: 0}))
        for name in ("distance", "below", "every")
    ),
    ("below", partial(impl.VanishingMonitor, distance=1, below=math.inf)),
    ("words", partial(impl.Vocabulary, words=("a",))),
    ("words", partial(impl.Vocabulary, words=())),
    ("words", partial(impl.Vocabulary, words=("<unknown>", "a", "a"))),
    ("minimum", partial(impl.vocabulary_of, ["a"], minimum=0)),
    ("classes", partial(impl.one_hot, np.array([2]), 2)),
    ("classes", partial(impl.one_hot, np.array([-1]), 2)),
    ("dtype", partial(impl.one_hot, np.array([0]), 2, dtype=int)),
    *(
        (name, partial(impl.next_word_batches, ["a", "b"], VOCABULARY, **{"length": 1, "batch": 1, name: 0}))
        for name in ("length", "batch")
    ),
    ("tokens", partial(impl.next_word_batches, ["a", "b"], VOCABULARY, length=2, batch=1)),
    ("tokens", partial(impl.perplexity, start(m=3, p=3)(), VOCABULARY, ["a"])),
    ("template", partial(sentences, 4, 2, 0, template="rhyme")),
    ("template", partial(task, [], template="rhyme")),
    ("gap", partial(sentences, 0, 2, 0)),
    ("gap", partial(sentences, 6, 2, 0, template="address")),
    ("count", partial(sentences, 4, 0, 0)),
    ("count", partial(sentences, 4, 3, 0)),
    ("seed", partial(sentences, 4, 2, -1)),
    ("drawn", partial(task, [])),
    ("drawn", partial(task, [["the", "is"], ["is"]])),
    ("model", partial(impl.learnability, "gru", 2, 0)),
    ("template", partial(impl.learnability, "rnn", 2, 0, template="rhyme")),
    *(
        (name, partial(impl.learnability, "rnn", 2, **{"seed": 0, "steps": 1, name: wrong}))
        for name, wrong in (("seed", -1), ("steps", 0), ("window", 0))
    ),
    ("depth", partial(impl.deep_forward, deep, TWO, depth=0)),
    ("params", partial(impl.deep_forward, [ONE], TWO, depth=1)),
    ("params['W']", partial(impl.deep_forward, deep | {"W": TWO * nan}, TWO, depth=1)),
    ("params['b']", partial(impl.deep_forward, deep | {"b": np.zeros(2, np.float32)}, TWO, depth=1)),
    ("inputs", partial(impl.deep_forward, deep, TWO.astype(np.float32), depth=1)),
    ("inputs", partial(impl.deep_forward, deep, ONE[0], depth=1)),
    ("activation", partial(impl.deep_forward, deep, TWO, depth=1, activation="cosine")),
    ("targets", partial(impl.deep_loss, deep, TWO, np.zeros(3, int), depth=1)),
    *(("params['W_i']", partial(impl.lstm_forward, *gated("ifqg", W_i=wrong))) for wrong in (ONE[0], TWO * nan)),
    ("inputs", partial(impl.lstm_forward, gated("ifqg")[0], np.zeros((3, 1, 1), np.float32))),
    ("params['s0']", partial(impl.lstm_forward, *gated("ifqg", s0=np.zeros(2)))),
    ("params['h0']", partial(impl.gru_forward, *gated("zrn", h0=np.zeros((2, 2))))),
    ("params['b_n']", partial(impl.gru_forward, *gated("zrn", b_n=np.zeros(3)))),
    ("every", squared(impl.truncated_gradients, at_rest(), every=0, window=1)),
    ("window", squared(impl.truncated_gradients, at_rest(), every=2, window=1)),
    ("step", squared(impl.contributions_by_distance, at_rest(), step=4)),
    ("groups", partial(impl.tie, {"w": ONE}, [("w", "v")])),
    ("gradients", partial(impl.global_norm, {})),
    ("gradients['w']", partial(impl.global_norm, {"w": ONE * nan})),
]


@pytest.mark.parametrize(("name", "call"), ARGUMENTS, ids=[f"{i}-{name}" for i, (name, _) in enumerate(ARGUMENTS)])
def test_an_argument_is_named(name, call):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert str(caught.value).startswith(f"{name}: ")


large, HALF = 1e200, np.full((1, 2), 0.5)
# Charged at step 3, and out of range from the step before down to the first.
AT_THE_CELL = "the gradient of the pre-activation overflowed at step 2:"
OVERFLOWS = [
    (
        "the hidden state overflowed at step 2:",
        partial(impl.forward, *at_rest(W=TWO * large, h0=HALF), activation="identity"),
    ),
    (
        "the output overflowed at step 2:",
        partial(impl.forward, *at_rest(W=TWO * 1e100, V=TWO * large, h0=HALF), activation="identity"),
    ),
    ("the loss overflowed at step 2:", squared(impl.loss, at_rest(), y=large)),
    ("the loss overflowed: it", squared(impl.loss, at_rest(c=np.full(2, 8e153)), reduction="mean")),
    (
        "the gradient of the output overflowed at step 2:",
        squared(impl.gradients, at_rest(c=np.full(2, 1e308)), y=-1e308),
    ),
    (AT_THE_CELL, squared(impl.gradients, at_rest(W=TWO * 1e160, V=TWO), y=1e160, at=3)),
    (
        AT_THE_CELL,
        squared(impl.truncated_gradients, at_rest(W=TWO * 1e160, V=TWO), y=1e160, at=3, every=1, window=2),
    ),
    (
        "the gradient of W overflowed:",
        squared(impl.gradients, at_rest(V=TWO, h0=HALF * large, c=np.full(2, large))),
    ),
    ("the gradient of c overflowed:", squared(impl.gradients, at_rest(c=np.full(2, 1e308)))),
    (
        "the gradient of h0 overflowed:",
        partial(
            impl.gradients,
            at_rest(W=TWO * large, V=TWO)[0],
            np.zeros((1, 1, 1)),
            np.full((1, 1, 2), large),
            loss="squared_error",
        ),
    ),
    (
        "the contribution to the gradient of W overflowed at step 1:",
        squared(impl.contributions, at_rest(V=TWO, h0=HALF * large, c=np.full(2, large))),
    ),
    ("the product of 2 Jacobians overflowed:", lambda: list(impl.jacobian_products(*at_rest(W=TWO * large)))),
    (
        "the norm of a product of Jacobians overflowed:",
        partial(impl.jacobian_norms, *at_rest(W=np.full((2, 2), 1.7e308))),
    ),
    ("the sensitivity of the hidden state overflowed:", squared(impl.rtrl_gradients, at_rest(W=TWO * large))),
    ("the skew-symmetric gradient overflowed:", partial(impl.skew_gradient, TWO * large, TWO * large)),
    *(
        (f"the {name} step overflowed:", partial(step, TWO, np.array([[0, large], [0, 0]]), rate=large))
        for name, step in zip(("Cayley", "exponential", "plain"), STEPS, strict=True)
    ),
    ("the power 2 of W overflowed:", partial(impl.expanded_power, TWO * large, np.ones(2), 2)),
    (
        "the hidden state overflowed at step 2:",
        partial(impl.deep_forward, deep | {"W": TWO * large}, TWO, depth=3, activation="identity"),
    ),
    (
        "the output overflowed:",
        partial(
            impl.deep_forward,
            deep | {"V": TWO * 1.7e308},
            np.full((1, 2), 2.0),
            depth=1,
            activation="identity",
        ),
    ),
    (
        AT_THE_CELL,
        partial(
            impl.deep_gradients,
            deep | {"W": TWO * 1e160, "V": TWO * 1e160},
            np.zeros((1, 2)),
            np.array([0]),
            depth=3,
        ),
    ),
    (AT_THE_CELL, squared(impl.lstm_gradients, gated("ifqg", W_g=TWO * 1e160, V=TWO), y=1e160, at=3)),
    (AT_THE_CELL, squared(impl.gru_gradients, gated("zrn", W_n=TWO * 1e140, V=TWO), y=1e160, at=3)),
    (
        "the output overflowed at step 1:",
        partial(impl.gru_forward, *gated("zrn", V=TWO * 1.7e308, h0=HALF * 8)),
    ),
    (
        "the gradient shared by v, w overflowed:",
        partial(impl.tied_gradients, {"v": ONE * 1e308, "w": ONE * 1e308}, [("v", "w")]),
    ),
]


@pytest.mark.parametrize(("text", "call"), OVERFLOWS, ids=[f"{i}-{text}" for i, (text, _) in enumerate(OVERFLOWS)])
def test_an_overflow_says_what_and_where(text, call):
    with pytest.raises(FloatingPointError) as caught:
        call()
    assert str(caught.value).startswith(text)
    assert str(caught.value).endswith("it exceeds the range of float64")


@pytest.mark.parametrize(
    ("optimiser", "w", "g", "quantity"),
    [
        (SGD(rate=1.0), 1e308, [-1e308], "the update"),
        (Momentum(rate=1.0), 1e308, [-1e308], "the update"),
        (Momentum(rate=1e-9), 0.0, [1e308, 1e308], "the velocity"),
        (Adam(), 0.0, [large], "the mean square of the gradient"),
        (Adam(rate=1e308), 1.7e308, [-1.0], "the update"),
    ],
)
def test_an_update_that_overflows_says_so(optimiser, w, g, quantity):
    params = {"w": np.array([w])}
    state = optimiser.init(params)
    *first, last = ({"w": np.array([gradient])} for gradient in g)
    for gradients in first:
        params, state = optimiser.step(params, gradients, state)
    with pytest.raises(UpdateOverflow) as caught:
        optimiser.step(params, last, state)
    assert str(caught.value) == f"{quantity} of w overflowed"
