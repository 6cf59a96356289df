"""Tied parameters: one gradient for all copies, which stay equal to the last bit."""

import re
from functools import partial

import numpy as np
import pytest
from test_impl_training import batch

from backproof import impl
from backproof.impl.optimisers import SGD, Adam, Momentum
from backproof.impl.training import train
from backproof.impl.tying import tie, tied_gradients

GROUPS = [("W", "U", "V")]


def square_net(seed=0, scale=0.5):
    shared = scale * np.random.default_rng(seed).normal(size=(4, 4))
    return {"W": shared, "U": shared.copy(), "V": shared.copy(), "b": np.zeros(4), "c": np.zeros(4)}


def tied_loss_and_gradients(params, inputs, targets):
    value, gradients = impl.loss_and_gradients(params, inputs, targets, reduction="mean")
    return value, tied_gradients(gradients, GROUPS)


@pytest.mark.parametrize("optimiser", [SGD(rate=0.1), Momentum(rate=0.05), Adam(rate=0.01)])
@pytest.mark.parametrize("clip", [None, partial(impl.clip_by_norm, threshold=0.1)])
def test_tied_parameters_stay_equal_to_the_last_bit(optimiser, clip):
    start = tie(square_net(), GROUPS)
    run = train(start, [batch()], gradients=tied_loss_and_gradients, optimiser=optimiser, steps=60, clip=clip)
    assert run.explosion is None
    assert run.losses[-1] < run.losses[0]
    assert run.params["W"].tobytes() == run.params["U"].tobytes() == run.params["V"].tobytes()
    own = partial(impl.loss_and_gradients, reduction="mean")
    free = train(start, [batch()], gradients=own, optimiser=optimiser, steps=1, clip=clip).params
    assert not np.array_equal(free["W"], free["U"])


def test_the_summed_gradient_is_the_derivative_by_the_shared_weight():
    rng = np.random.default_rng(5)
    shared, direction = rng.integers(-2, 3, (2, 3, 3)).astype(float)
    h0, inputs = rng.integers(-2, 3, (1, 3)).astype(float), rng.integers(-2, 3, (1, 1, 3)).astype(float)
    targets = np.ones((1, 1, 3))
    options = {"activation": "identity", "loss": "squared_error"}

    def net(step):
        w = shared + step * direction
        return {"W": w, "U": w, "V": w, "b": np.zeros(3), "c": np.zeros(3), "h0": h0}

    # One linear step with W = U = V has a loss of degree 4 in that matrix, and all numbers here are integers or
    # halves: the five-point formula is exact, and so is floating point.
    values = {step: impl.loss(net(step), inputs, targets, **options) for step in (-2, -1, 1, 2)}
    twelve_times = values[-2] - 8 * values[-1] + 8 * values[1] - values[2]
    gradient = tied_gradients(impl.gradients(net(0), inputs, targets, **options), GROUPS)["W"]
    assert 12 * (gradient * direction).sum() == twelve_times


def test_a_tie_copies_and_evens_out_signed_zeros():
    params = {"v": np.array([0.0, 1.0]), "w": np.array([-0.0, 1.0])}
    tied = tie(params, [("v", "w")])
    assert tied["v"].tobytes() == tied["w"].tobytes()
    assert tied["v"] is not tied["w"]
    assert np.signbit(params["w"][0])


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        ([("W", "U")], ValueError, "'W' and 'U' differ at the start"),
        ([("W", "b")], ValueError, "expected one shape and dtype"),
        ([("W", "X")], ValueError, "'X' is not one of the params"),
        ([("W",)], ValueError, "at least two"),
        ([("W", "W")], ValueError, "got 'W' twice"),
        (["WU"], TypeError, "the string 'WU'"),
    ],
)
def test_ties_that_cannot_hold_are_refused(groups, error, message):
    params = square_net() | {"U": np.zeros((4, 4))}
    with pytest.raises(error, match=message):
        tie(params, groups)


def test_a_tie_that_cannot_hold_names_its_members():
    arrays = {"u": np.ones(2), "v": np.ones(2), "w": np.ones(3), "z": np.zeros(2)}
    unlike = "groups: expected one shape and dtype, got 'u' of (2,) float64 and 'w' of (3,) float64"
    for function, kind in ((tie, "params"), (tied_gradients, "gradients")):
        with pytest.raises(ValueError, match=f"^{re.escape(unlike)}$"):
            function(arrays, [("u", "v", "w")])
        with pytest.raises(ValueError, match=f"^groups: 'x' is not one of the {kind}$"):
            function(arrays, [("u", "x")])
    with pytest.raises(ValueError, match=r"^groups: 'u' and 'z' differ at the start, expected equal values$"):
        tie(arrays, [("u", "v", "z")])
