"""Truncated back-propagation keeps exactly the terms that it says it keeps."""

import itertools
import math

import numpy as np
import pytest

from backproof import impl
from backproof.impl.truncated import truncated_gradients

T, B, N, M, P = 7, 2, 3, 2, 3
CHOICES = [(every, window) for every, window in itertools.product(range(1, T + 2), repeat=2) if every <= window]


def net(dtype=np.float64, loss="cross_entropy"):
    rng = np.random.default_rng(2)
    params = impl.init_params(N, M, P, seed=4, dtype=dtype) | {"h0": rng.normal(size=(B, N)).astype(dtype)}
    inputs = rng.normal(size=(T, B, M)).astype(dtype)
    if loss == "cross_entropy":
        return params, inputs, rng.integers(0, P, (T, B))
    return params, inputs, rng.normal(size=(T, B, P)).astype(dtype)


def roundoffs(array, count):
    return count * float(np.finfo(array.dtype).eps) * float(np.abs(array).max())


def terms(net_and_targets, options):
    return [impl.contributions_by_distance(*net_and_targets, step=t, **options) for t in range(1, T + 1)]


OPTIONS = [
    {"activation": "tanh", "loss": "cross_entropy", "reduction": "mean"},
    {"activation": "sigmoid", "loss": "squared_error", "reduction": "sum"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=["tanh", "sigmoid"])
def test_it_keeps_the_promised_terms_and_no_others(options):
    task = net(loss=options["loss"])
    full, by_distance = impl.gradients(*task, **options), terms(task, options)
    for every, window in CHOICES:
        found = truncated_gradients(*task, every=every, window=window, **options)
        kept = {name: np.zeros_like(full[name]) for name in "WUb"}
        for t, (name, total) in itertools.product(range(1, T + 1), kept.items()):
            end = min(T, every * math.ceil(t / every))
            for k in range(max(1, end - window + 1), t + 1):
                total += by_distance[t - 1][name][k - 1]
        for name, total in kept.items():
            np.testing.assert_allclose(found[name], total, rtol=0, atol=roundoffs(full[name], 200), err_msg=name)
        for name in "Vc":
            np.testing.assert_allclose(found[name], full[name], rtol=0, atol=roundoffs(full[name], 50))


def test_the_initial_state_hears_of_the_blocks_that_reach_it():
    params, inputs, targets = net()
    for every, window in CHOICES:
        found = truncated_gradients(params, inputs, targets, every=every, window=window)["h0"]
        ends = [min(T, end) for end in range(every, T + every, every)]
        reaching = max((end for end in ends if end <= window), default=0)
        if not reaching:
            assert not found.any()
            continue
        expected = impl.gradients(params, inputs[:reaching], targets[:reaching])["h0"]
        np.testing.assert_allclose(found, expected, rtol=0, atol=roundoffs(expected, 200))


@pytest.mark.parametrize("options", OPTIONS, ids=["tanh", "sigmoid"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_window_of_the_whole_sequence_is_the_full_gradient_bit_by_bit(options, dtype):
    task = net(dtype, options["loss"])
    full = impl.gradients(*task, **options)
    for every, window in ((1, T), (3, T), (T, T), (T + 1, T + 5)):
        found = truncated_gradients(*task, every=every, window=window, **options)
        assert found.keys() == full.keys()
        for name, gradient in full.items():
            assert found[name].dtype == dtype
            np.testing.assert_array_equal(found[name], gradient)


def test_the_first_loss_alone_is_not_truncated():
    params, inputs, targets = net()
    alone = (params, inputs[:1], targets[:1])
    np.testing.assert_array_equal(truncated_gradients(*alone, every=1, window=1)["W"], impl.gradients(*alone)["W"])


def test_float32_follows_float64():
    wide, narrow = (truncated_gradients(*net(dtype), every=2, window=3) for dtype in (np.float64, np.float32))
    for name, gradient in narrow.items():
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, wide[name], rtol=0, atol=roundoffs(gradient, 200))


def test_arguments_are_left_alone():
    params, inputs, targets = net()
    for array in (*params.values(), inputs, targets):
        array.flags.writeable = False
    truncated_gradients(params, inputs, targets, every=2, window=3)


@pytest.mark.parametrize(
    ("every", "window", "error", "message"),
    [
        (0, 3, ValueError, "every: expected an integer ≥ 1, got 0"),
        (3, 2, ValueError, "window: expected an integer ≥ 3, got 2"),
        (1.0, 2, TypeError, "every: expected an integer, got float"),
        (1, None, TypeError, "window: expected an integer, got NoneType"),
    ],
)
def test_wrong_lengths_are_named(every, window, error, message):
    with pytest.raises(error, match=message):
        truncated_gradients(*net(), every=every, window=window)


def test_the_rest_is_checked_as_for_the_full_gradient():
    params, inputs, targets = net()
    with pytest.raises(ValueError, match="targets: expected shape"):
        truncated_gradients(params, inputs, targets[:-1], every=1, window=2)


def test_overflow_names_the_step():
    params, inputs, targets = net(loss="squared_error")
    params |= {"W": 1e120 * np.eye(N), "b": np.zeros(N), "h0": np.zeros((B, N))}
    task = params, 0 * inputs, targets
    options = {"activation": "identity", "loss": "squared_error"}
    assert truncated_gradients(*task, every=1, window=2, **options)["b"].any()
    # The error of step 4 grows past 1e308 three steps back, and so for every later one: the last is named.
    with pytest.raises(FloatingPointError, match="the gradient of the pre-activation overflowed at step 4"):
        truncated_gradients(*task, every=1, window=4, **options)
