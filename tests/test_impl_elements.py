"""Small parts at values that anyone can check: activations, clipping by value, spectra, dtypes of Jacobians."""

import math

import numpy as np
import pytest

import impl


def test_activations_at_points_known_by_heart():
    a = np.array([-2.0, 0.0, 3.0])
    values = {name: activation.value(a).tolist() for name, activation in impl.ACTIVATIONS.items()}
    assert values["relu"] == [0, 0, 3]
    assert values["identity"] == [-2, 0, 3]
    assert values["tanh"] == [math.tanh(-2), 0, math.tanh(3)]
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
