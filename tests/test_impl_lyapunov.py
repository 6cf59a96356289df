"""Lyapunov exponents and eigenvector expansions against what linear algebra says of them."""

import math

import numpy as np
import pytest

from backproof import impl
from backproof.impl.lyapunov import (
    autonomous_exponents,
    eigen_expansion,
    expanded_power,
    gaussian_spectral_radius,
    lyapunov_exponents,
    mean_log_determinant,
)

U = 2.0**-53
# Householder QR and the eigenvalue algorithm are backward stable, with error C n² u, C a small integer that Higham
# (2002, theorem 19.4) leaves unnamed; one reflector takes about 2n roundings per entry, n of them 2n².
C = 10


def random_net(n, *, seed, steps=30, batch=2, gain=1.0):
    params = impl.init_params(n, 3, 2, recurrent="normal", seed=seed)
    params["W"] *= gain
    return params, np.random.default_rng(seed).normal(size=(steps, batch, 3))


def orthogonal(n, seed):
    return impl.orthogonal_init(n, seed=seed)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "identity"])
@pytest.mark.parametrize("n", [1, 2, 5, 12])
@pytest.mark.parametrize("discard", [0, 7])
def test_exponents_sum_to_the_mean_log_determinant(activation, n, discard):
    params, inputs = random_net(n, seed=n)
    options = {"activation": activation, "discard": discard}
    exponents = lyapunov_exponents(params, inputs, **options)
    assert exponents.shape == (2, n)
    assert (np.diff(exponents, axis=1) <= 0).all()
    # A backward error E in J_t changes log|det| by at most n ‖J⁻¹E‖ ≤ n · C n² u κ(J).
    condition = np.linalg.cond(impl.step_jacobians(params, inputs, activation=activation)).max()
    sizes = np.abs(exponents).sum(axis=1)
    bound = C * n**3 * U * condition + len(inputs) * n * U * sizes
    assert (np.abs(exponents.sum(axis=1) - mean_log_determinant(params, inputs, **options)) <= bound).all()


def test_over_few_steps_they_are_those_of_the_product_multiplied_out():
    params, inputs = random_net(3, seed=4, steps=4, gain=2.0)
    product = dict(impl.jacobian_products(params, inputs))[4][0]
    for found, P in zip(lyapunov_exponents(params, inputs), product, strict=True):
        expected = -np.sort(-np.log(np.abs(np.diagonal(np.linalg.qr(P).R))) / 4)
        # The rounding of each of the four factors is magnified by at most the condition of the whole product.
        assert np.abs(found - expected).max() <= 4 * C * 3**3 * U * np.linalg.cond(P)


def test_a_triangular_linear_net_has_the_logarithms_of_its_diagonal():
    W = np.array([[2.0, 3.0, -1.0], [0.0, 1.0, 5.0], [0.0, 0.0, -0.25]])
    found = autonomous_exponents(W, steps=16, activation="identity")
    np.testing.assert_allclose(found, np.log([2.0, 1.0, 0.25]), rtol=0, atol=C * 9 * U * np.linalg.cond(W))


@pytest.mark.parametrize("steps", [50, 400])
def test_a_symmetric_linear_net_tends_to_the_logarithms_of_its_eigenvalues(steps):
    P, sizes = orthogonal(4, 3), np.array([1.5, -1.0, 0.6, 0.2])
    found = autonomous_exponents(P * sizes @ P.T, steps=steps, activation="identity")
    excess = np.cumsum(found) - np.cumsum(np.log(np.abs(sizes)))
    # W^T stretches the volume of the first i unit vectors by no more than |λ_1 ⋯ λ_i|^T, and by no less than that
    # times the volume of their projection onto the first i eigenvectors, a leading minor of P.
    minors = np.array([abs(np.linalg.det(P[:i, :i])) for i in range(1, 5)])
    rounding = C * 4**3 * U * 1.5 / 0.2
    assert (excess <= rounding).all()
    assert (excess >= np.log(minors) / steps - rounding).all()


def test_a_rotation_neither_grows_nor_decays():
    found = autonomous_exponents(orthogonal(6, 0), steps=100, activation="identity")
    assert np.abs(found).max() <= C * 6**2 * U


def test_a_dead_unit_has_minus_infinity():
    params = {
        "W": np.eye(2),
        "U": np.zeros((2, 1)),
        "V": np.zeros((1, 2)),
        "b": np.array([1.0, -1.0]),
        "c": np.zeros(1),
    }
    inputs = np.zeros((5, 1, 1))
    found = lyapunov_exponents(params, inputs, activation="relu")
    np.testing.assert_array_equal(found, [[0.0, -math.inf]])
    np.testing.assert_array_equal(mean_log_determinant(params, inputs, activation="relu"), [-math.inf])


def test_the_largest_exponent_changes_sign_around_gain_one():
    largest = {}
    for gain in (0.5, 2.0):
        W = impl.normal_init(60, std=gain / math.sqrt(60), seed=0)
        h0 = np.random.default_rng(0).normal(size=60)
        largest[gain] = autonomous_exponents(W, steps=250, h0=h0, discard=100)[0]
    assert largest[0.5] < -0.1 < 0.1 < largest[2.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes_are_kept_and_arguments_left_alone(dtype):
    W = impl.normal_init(4, std=0.5, seed=0, dtype=dtype)
    before = W.tobytes()
    assert autonomous_exponents(W, steps=3).dtype == dtype
    assert expanded_power(W, np.ones(4, dtype), 3).dtype == dtype
    assert W.tobytes() == before


def test_discarding_everything_is_refused():
    params, inputs = random_net(2, seed=0)
    with pytest.raises(ValueError, match="discard"):
        lyapunov_exponents(params, inputs, discard=len(inputs))


# Eigenvectors ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_an_expansion_puts_the_vector_and_its_powers_together_again(seed):
    W, v = impl.normal_init(5, std=0.5, seed=seed), np.random.default_rng(seed).normal(size=5)
    parts = eigen_expansion(W, v)
    scale = C * 5**2 * U * parts.condition**2
    np.testing.assert_allclose(np.linalg.norm(parts.eigenvectors, axis=0), 1, rtol=8 * U)
    rebuilt = parts.eigenvectors @ parts.coefficients
    assert np.linalg.norm(rebuilt - v) <= scale * np.linalg.norm(v)
    assert np.linalg.norm(W @ parts.eigenvectors - parts.eigenvectors * parts.eigenvalues) <= scale * np.linalg.norm(W)
    for t in (0, 1, 7):
        # t factors, each perturbed by at most the backward error, in a basis of condition κ.
        error = np.linalg.norm(expanded_power(W, v, t) - np.linalg.matrix_power(W, t) @ v)
        assert error <= (t + 1) * scale * np.linalg.norm(W, 2) ** t * np.linalg.norm(v)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("seed", range(6))
def test_defective_matrices_are_refused_by_name(dtype, size, seed):
    jordan = np.zeros((size + 2, size + 2))
    jordan[:size, :size] = 0.5 * np.eye(size) + np.diag(np.ones(size - 1), 1)
    jordan[size:, size:] = np.diag([1.0, -1.0])
    P = orthogonal(size + 2, seed)
    for W in (jordan, P @ jordan @ P.T):
        with pytest.raises(ValueError, match="W: defective, or too near it"):
            eigen_expansion(W.astype(dtype), np.ones(size + 2, dtype))


def test_repeated_eigenvalues_with_enough_eigenvectors_are_welcome():
    P = orthogonal(4, 1)
    for W in (np.eye(4), P * np.array([1.0, 1.0, 2.0, 2.0]) @ P.T, P):
        assert np.isfinite(eigen_expansion(W, np.ones(4)).coefficients).all()
    rotation = np.array([[0.0, -1.0], [1.0, 0.0]])
    np.testing.assert_allclose(expanded_power(rotation, np.array([1.0, 0.0]), 5), [0.0, 1.0], rtol=0, atol=50 * U)


def test_expansions_refuse_what_does_not_fit_and_report_overflow():
    with pytest.raises(ValueError, match="v: expected shape"):
        eigen_expansion(np.eye(2), np.ones(3))
    with pytest.raises(TypeError, match="v: expected float64"):
        eigen_expansion(np.eye(2), np.ones(2, np.float32))
    with pytest.raises(FloatingPointError, match="the power 2000 of W"):
        expanded_power(2 * np.eye(2), np.ones(2), 2000)


def test_the_spectral_radius_of_a_gaussian_matrix_tends_to_its_gain():
    for gain in (0.5, 1.0, 2.0):
        far, near = (abs(gaussian_spectral_radius(n, gain=gain, seed=0) / gain - 1) for n in (4, 200))
        assert near < 0.1 < far
    # The draw is the same up to the gain, which is a power of two.
    assert gaussian_spectral_radius(20, gain=2.0, seed=1) == pytest.approx(
        2 * gaussian_spectral_radius(20, gain=1.0, seed=1), rel=1e-12
    )


# Settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "identity"])
def test_slopes_are_those_of_the_run(activation):
    params, inputs = random_net(3, seed=4, steps=6, batch=1)
    steps = impl.step_jacobians(params, inputs, activation=activation)[2:, 0]
    expected = np.log(np.abs(np.linalg.det(steps))).mean()
    found = mean_log_determinant(params, inputs, activation=activation, discard=2)[0]
    # As above: n · C n² u κ for the determinant.
    assert abs(found - expected) <= C * 3**3 * U * (np.linalg.cond(steps).max() + abs(expected))


def test_settings_left_out_are_tanh_and_nothing_discarded():
    params, inputs = random_net(3, seed=4, steps=6)
    for function in (lyapunov_exponents, mean_log_determinant):
        expected = function(params, inputs, activation="tanh", discard=0)
        np.testing.assert_array_equal(function(params, inputs), expected)
    W, h0 = params["W"], np.array([0.5, -1.0, 0.25])
    expected = autonomous_exponents(W, steps=4, h0=h0, activation="tanh", discard=0)
    np.testing.assert_array_equal(autonomous_exponents(W, steps=4, h0=h0), expected)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("discard", [0, 3])
def test_an_autonomous_net_is_one_whose_inputs_are_zero(activation, discard):
    params, inputs = random_net(3, seed=4, steps=4, batch=1)
    params["h0"] = np.array([[0.5, -1.0, 0.25]])
    options = {"activation": activation, "discard": discard}
    expected = lyapunov_exponents(params, 0 * inputs, **options)[0]
    found = autonomous_exponents(params["W"], steps=4, h0=params["h0"][0], **options)
    np.testing.assert_array_equal(found, expected)


def test_exponents_of_float32_nets_are_float32():
    params, inputs = random_net(3, seed=4)
    params, inputs = {name: array.astype(np.float32) for name, array in params.items()}, inputs.astype(np.float32)
    assert lyapunov_exponents(params, inputs).dtype == mean_log_determinant(params, inputs).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_matrices_are_refused_from_the_promised_condition_on(dtype):
    # The unit eigenvectors of [[0, 1], [0, d]] are (1, 0) and (1, d)/√(1 + d²): their condition is about 2/d.
    limit = 1 / math.sqrt(2 * float(np.finfo(dtype).eps) / 2)
    near, beyond = (np.array([[0, 1], [0, 2 / (far * limit)]], dtype) for far in (0.9, 1.1))
    assert eigen_expansion(near, np.ones(2, dtype)).condition == pytest.approx(0.9 * limit, rel=0.01)
    with pytest.raises(ValueError, match="W: defective"):
        eigen_expansion(beyond, np.ones(2, dtype))
