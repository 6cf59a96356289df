"""Optimisers: the formulas they claim, and no argument modified."""

import copy
import math

import numpy as np
import pytest

from backproof.impl.optimisers import SGD, Adam, Momentum, UpdateOverflow

OPTIMISERS = [SGD(rate=0.25), Momentum(rate=0.25, momentum=0.5), Adam(rate=0.25)]
U = 2.0**-53


def arrays(seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return {"W": rng.normal(size=(3, 3)).astype(dtype), "b": rng.normal(size=3).astype(dtype)}


def walk(optimiser, params, gradients):
    state = optimiser.init(params)
    for g in gradients:
        params, state = optimiser.step(params, g, state)
    return params, state


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_step_changes_nothing_that_was_passed_in_and_keeps_dtypes(optimiser, dtype):
    params, gradients = arrays(0, dtype), arrays(1, dtype)
    _, state = walk(optimiser, params, [gradients])
    before = copy.deepcopy((params, gradients, dict(state.first), dict(state.second)))
    moved, _ = optimiser.step(params, gradients, state)
    for old, new in zip(before, (params, gradients, state.first, state.second), strict=True):
        assert {k: v.tobytes() for k, v in old.items()} == {k: v.tobytes() for k, v in new.items()}
    assert all(moved[name].dtype == dtype and not np.array_equal(moved[name], params[name]) for name in params)


def test_sgd_and_momentum_are_exact_on_dyadic_numbers():
    w, ones = {"w": np.array([1.0])}, [{"w": np.array([1.0])}] * 3
    assert walk(SGD(rate=0.25), w, ones)[0]["w"] == 1 - 3 * 0.25
    # velocities 1, 1.5, 1.75
    assert walk(Momentum(rate=0.25, momentum=0.5), w, ones)[0]["w"] == 1 - 0.25 * 4.25


def test_adam_is_its_closed_form():
    rng = np.random.default_rng(3)
    gradients = rng.normal(size=12)
    optimiser = Adam(rate=0.125, mean_decay=0.5, square_decay=0.75)
    found = walk(optimiser, {"w": np.zeros(1)}, [{"w": np.array([g])} for g in gradients])[0]["w"][0]
    expected, sizes = 0.0, 0.0
    for t in range(1, 13):
        past = gradients[:t]
        decay = np.arange(t)[::-1]
        mean = math.fsum(0.5**decay * past) * 0.5 / (1 - 0.5**t)
        square = math.fsum(0.75**decay * past**2) * 0.25 / (1 - 0.75**t)
        expected -= 0.125 * mean / (math.sqrt(square) + 1e-8)
        size = math.fsum(0.5**decay * abs(past)) * 0.5 / (1 - 0.5**t)
        sizes += 0.125 * size / (math.sqrt(square) + 1e-8)
    # Each term passes through at most 2 t roundings of its averages and 8 more, and 12 sums.
    assert abs(found - expected) <= (2 * 12 + 8 + 12) * U * sizes


def test_adams_first_step_has_the_length_of_the_rate():
    w = {"w": np.array([2.0, -3.0, 1e-4])}
    moved = walk(Adam(rate=0.5, epsilon=1e-300), {"w": np.zeros(3)}, [w])[0]["w"]
    np.testing.assert_allclose(moved, [-0.5, 0.5, -0.5], rtol=8 * U, atol=0)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_optimisers_refuse_what_does_not_fit(optimiser):
    params, state = arrays(0), optimiser.init(arrays(0))
    good = arrays(1)
    with pytest.raises(ValueError, match="got none for 'b'"):
        optimiser.step(params, {"W": good["W"]}, state)
    with pytest.raises(ValueError, match=r"gradients\['b'\]: expected shape"):
        optimiser.step(params, good | {"b": np.zeros(2)}, state)
    with pytest.raises(ValueError, match=r"gradients\['W'\]: expected finite"):
        optimiser.step(params, good | {"W": np.full((3, 3), np.nan)}, state)
    with pytest.raises(TypeError, match="float64 like the rest"):
        optimiser.step(params, good | {"W": good["W"].astype(np.float32)}, state)
    optimiser.step(params, good | {"h0": np.zeros((1, 3))}, state)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.inf, math.nan])
def test_optimisers_refuse_bad_settings(bad):
    for kind in (SGD, Momentum, Adam):
        with pytest.raises(ValueError, match="rate"):
            kind(rate=bad)
    with pytest.raises(ValueError, match="mean_decay"):
        Adam(mean_decay=1.0)
    with pytest.raises(ValueError, match="momentum"):
        Momentum(rate=1.0, momentum=bad or 1.5)


@pytest.mark.parametrize("optimiser", [SGD(rate=10.0), Momentum(rate=10.0), Adam()])
def test_an_update_that_overflows_names_its_parameter(optimiser):
    params = arrays(0)
    huge = arrays(1) | {"b": np.full(3, 1e308)}
    with pytest.raises(UpdateOverflow) as caught:
        walk(optimiser, params, [huge])
    assert caught.value.parameter == "b"


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_the_state_counts_the_steps(optimiser):
    assert optimiser.init(arrays(0)).count == 0
    assert walk(optimiser, arrays(0), [arrays(1), arrays(2)])[1].count == 2


def test_settings_left_out_are_those_of_the_papers():
    assert Momentum(rate=1.0).momentum == 0.9
    assert (Adam().rate, Adam().mean_decay, Adam().square_decay, Adam().epsilon) == (1e-3, 0.9, 0.999, 1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_averages_start_at_zero_in_the_shape_of_their_parameters(dtype):
    params = arrays(0, dtype)
    adam, momentum = Adam().init(params), Momentum(rate=1.0).init(params)
    for averages in (adam.first, adam.second, momentum.first):
        assert {name: (a.shape, a.dtype) for name, a in averages.items()} == {"W": ((3, 3), dtype), "b": ((3,), dtype)}
        assert not any(a.any() for a in averages.values())
    assert (SGD(rate=1.0).init(params).first, momentum.second) == ({}, {})


def test_without_momentum_it_is_sgd():
    steps = [
        walk(of, arrays(0), [arrays(1), arrays(2)])[0]["W"] for of in (SGD(rate=0.5), Momentum(rate=0.5, momentum=0))
    ]
    np.testing.assert_array_equal(*steps)
