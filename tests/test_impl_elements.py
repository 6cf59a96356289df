"""Small parts at values that anyone can check: activations, clipping by value, spectra, dtypes of Jacobians."""

import math

import numpy as np
import pytest

from backproof import impl
from backproof.impl.initialisers import RECURRENT
from backproof.impl.recurrence import adjoints, states
from backproof.impl.validation import checked_task


def test_activations_at_points_known_by_heart():
    a = np.array([-2.0, 0.0, 3.0])
    values = {name: activation.value(a).tolist() for name, activation in impl.ACTIVATIONS.items()}
    assert values["relu"] == [0, 0, 3]
    assert values["identity"] == [-2, 0, 3]
    assert values["tanh"] == np.tanh(a).tolist()  # to the bit, as no two mathematical libraries promise
    assert values["sigmoid"] == pytest.approx([1 / (1 + math.exp(-x)) for x in a], rel=1e-15)
    slopes = {name: activation.slope(a).tolist() for name, activation in impl.ACTIVATIONS.items()}
    assert slopes["relu"] == [0, 0, 1]
    assert slopes["identity"] == [1, 1, 1]
    assert slopes["tanh"] == pytest.approx([1 - math.tanh(x) ** 2 for x in a], rel=1e-13)
    assert slopes["sigmoid"] == pytest.approx([(s := 1 / (1 + math.exp(-x))) * (1 - s) for x in a], rel=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activations_write_where_they_are_told(dtype):
    a = np.array([-2.0, 0.0, 3.0], dtype)
    for activation in impl.ACTIVATIONS.values():
        out = np.full_like(a, np.nan)
        assert activation.value(a, out=out) is out
        np.testing.assert_array_equal(out, activation.value(a))
        assert activation.value(a).dtype == activation.slope(a).dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_threshold_that_is_a_float_is_itself_the_bound(dtype):
    found = impl.clip_by_value({"w": np.array([-3, -2, 1, 2, 3], dtype)}, 2.0)
    assert found.gradients["w"].tolist() == [-2, -2, 1, 2, 2]
    assert not impl.clip_by_value({"w": np.array([-2, 2], dtype)}, 2.0).clipped


def test_a_threshold_between_two_floats_is_rounded_down():
    found = impl.clip_by_value({"w": np.ones(1, np.float32)}, 0.1).gradients["w"][0]
    assert found <= 0.1 < float(np.nextafter(found, np.float32(1)))
    assert impl.clip_by_value({"w": np.ones(1, np.float32)}, 0.3).gradients["w"][0] == np.nextafter(
        np.float32(0.3), np.float32(0)
    )


def test_a_norm_beyond_the_range_is_infinite_and_no_warning():
    assert impl.global_norm({"w": np.full(2, 1.7e308)}) == math.inf
    assert impl.clip_by_value({"w": np.full(2, 1.7e308)}, 1.0).norm == math.inf


def test_the_spectral_radius_is_that_of_the_largest_eigenvalue():
    assert impl.spectral_radius(np.diag([1.0, -3.0, 2.0])) == 3
    assert impl.eigenvalues(np.diag([1.0, -3.0, 2.0])).tolist() == [-3, 2, 1]


@pytest.mark.parametrize("n", [2, 7, 40])
def test_eigenvalues_fall_in_size_and_conjugates_stand_together(n):
    found = impl.eigenvalues(impl.normal_init(n, std=1.0, seed=n))
    assert (np.diff(np.abs(found)) <= 0).all()
    pairs = np.flatnonzero(found.imag > 0)
    np.testing.assert_array_equal(found[pairs + 1], found[pairs].conj())
    assert (found.imag < 0).sum() == len(pairs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_lag_has_the_dtype_of_the_net(dtype):
    params = impl.init_params(3, 2, 2, seed=0, dtype=dtype)
    lags = impl.jacobian_products(params, np.ones((4, 1, 2), dtype))
    assert [products.dtype for _, products in lags] == [dtype] * 5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_are_one_per_step_and_sequence_and_gradients_go_where_they_are_told(dtype):
    outputs = np.array([[[0, 1, 2], [3, 5, 7]], [[2, 2, 2], [-1, 0, 4]]], dtype)
    exponentials = np.exp(outputs.astype(float))
    shares = exponentials / exponentials.sum(axis=2, keepdims=True)
    values = np.arange(12, dtype=dtype).reshape(2, 2, 3)
    classes = np.array([[0, 1], [2, 2]])
    one_hot = np.eye(3)[classes]
    size = abs(outputs - values)
    expected = {
        "cross_entropy": (classes, -np.log((shares * one_hot).sum(axis=2)), shares - one_hot),
        "squared_error": (values, ((outputs - values) ** 2).sum(axis=2) / 2, outputs - values),
        "huber": (values, np.where(size <= 1, size**2 / 2, size - 0.5).sum(axis=2), (outputs - values).clip(-1, 1)),
    }
    for name, (targets, losses, gradient) in expected.items():
        found, slopes = impl.LOSSES[name].evaluate(outputs, targets)
        np.testing.assert_allclose(found, losses, rtol=20 * np.finfo(dtype).eps)
        np.testing.assert_allclose(slopes, gradient, rtol=20 * np.finfo(dtype).eps)
        assert found.dtype == slopes.dtype == dtype
        given = outputs.copy()
        again, written = impl.LOSSES[name].evaluate(given, targets, out=given)
        assert written is given
        np.testing.assert_array_equal(written, slopes)
        np.testing.assert_array_equal(again, found)


def test_adjoints_are_written_where_they_are_told():
    params, inputs, targets = impl.init_params(3, 2, 2, seed=0), np.ones((4, 1, 2)), np.zeros((4, 1), int)
    task = checked_task(params, inputs, targets, activation="tanh", loss="cross_entropy", reduction="sum")
    run = states(task.parameters, inputs, task.activation)
    alpha, first = adjoints(task.parameters, task.activation, run.pre_activations, run.outputs)
    written, again = adjoints(
        task.parameters, task.activation, run.pre_activations, run.outputs, out=run.pre_activations
    )
    assert written is run.pre_activations
    np.testing.assert_array_equal(written, alpha)
    np.testing.assert_array_equal(again, first)


def test_the_uniform_orthogonal_matrix_has_a_positive_triangle():
    for seed in range(5):
        drawn = np.random.default_rng(seed).standard_normal((3, 3))
        R = impl.orthogonal_init(3, seed=seed).T @ drawn
        np.testing.assert_allclose(np.tril(R, -1), 0, atol=1e-14)
        assert (np.diagonal(R) > 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_parameters_start_at_the_scales_promised(dtype):
    of_W, of_U, of_V = (np.random.default_rng(s).standard_normal for s in np.random.SeedSequence(7).spawn(3))
    found = impl.init_params(4, 9, 2, recurrent="normal", seed=7, dtype=dtype)
    expected = {"W": of_W((4, 4)) / 2, "U": of_U((4, 9)) * (1 / 3), "V": of_V((2, 4)) / 2, "b": [0] * 4, "c": [0] * 2}
    assert {name: array.tolist() for name, array in found.items()} == {
        name: np.asarray(array, dtype).tolist() for name, array in expected.items()
    }
    W = {name: impl.init_params(4, 9, 2, recurrent=name, seed=7, dtype=dtype)["W"] for name in RECURRENT}
    assert all(array.dtype == dtype for array in W.values())
    stream = np.random.SeedSequence(7).spawn(1)[0]
    np.testing.assert_array_equal(W["orthogonal"], impl.orthogonal_init(4, seed=stream, dtype=dtype))
    np.testing.assert_array_equal(W["identity"], np.eye(4))
    np.testing.assert_array_equal(impl.init_params(4, 9, 2, seed=7, dtype=dtype)["W"], W["orthogonal"])
