"""What impl promises beyond its formulas: shapes, dtypes, scales, functions that agree with each other."""

import itertools
import math

import numpy as np
import pytest

from backproof import impl

T, B, N, M, P = 5, 3, 4, 2, 3
DTYPES = [np.float32, np.float64]
LOSSES = list(impl.LOSSES)


def net(dtype=np.float64, *, steps=T, batch=B, n=N, loss="cross_entropy", scale=1.0):
    rng = np.random.default_rng(7)
    params = impl.init_params(n, M, P, recurrent="normal", seed=3, dtype=dtype)
    params["W"] *= dtype(scale)
    params["b"] = rng.normal(size=n).astype(dtype)
    params["h0"] = rng.normal(size=(batch, n)).astype(dtype)
    inputs = rng.normal(size=(steps, batch, M)).astype(dtype)
    if loss == "cross_entropy":
        return params, inputs, rng.integers(0, P, (steps, batch))
    return params, inputs, rng.normal(size=(steps, batch, P)).astype(dtype)


def roundoffs(array, count):
    return count * float(np.finfo(array.dtype).eps) * float(np.abs(array).max())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", impl.ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_everything_keeps_its_dtype_and_shape(dtype, activation, loss):
    params, inputs, targets = net(dtype, loss=loss)
    trajectory = impl.forward(params, inputs, activation=activation)
    assert trajectory.pre_activations.shape == (T, B, N)
    assert trajectory.hidden_states.shape == (T + 1, B, N)
    assert trajectory.outputs.shape == (T, B, P)
    np.testing.assert_array_equal(trajectory.hidden_states[0], params["h0"])
    options = {"activation": activation, "loss": loss, "reduction": "mean"}
    value, gradients = impl.loss_and_gradients(params, inputs, targets, **options)
    assert type(value) is float
    assert {k: g.shape for k, g in gradients.items()} == {k: p.shape for k, p in params.items()}
    parts = impl.contributions(params, inputs, targets, **options)
    assert {k: c.shape for k, c in parts.items()} == {k: (T, *params[k].shape) for k in "WUb"}
    steps = impl.step_jacobians(params, inputs, activation=activation)
    norms = impl.jacobian_norms(params, inputs, activation=activation)
    assert steps.shape == (T, B, N, N)
    arrays = [trajectory.pre_activations, trajectory.hidden_states, trajectory.outputs, steps, norms]
    for array in (*arrays, *gradients.values(), *parts.values()):
        assert array.dtype == dtype


@pytest.mark.parametrize("loss", LOSSES)
def test_the_three_ways_to_a_loss_and_its_gradients_agree(loss):
    params, inputs, targets = net(loss=loss)
    value, gradients = impl.loss_and_gradients(params, inputs, targets, loss=loss)
    assert value == impl.loss(params, inputs, targets, loss=loss)
    alone = impl.gradients(params, inputs, targets, loss=loss)
    for name in gradients:
        np.testing.assert_array_equal(gradients[name], alone[name])


def test_h0_left_out_is_zero():
    params, inputs, targets = net()
    zeros = params | {"h0": np.zeros((B, N))}
    del params["h0"]
    without, given = (impl.gradients(p, inputs, targets) for p in (params, zeros))
    assert without["h0"].shape == (B, N)
    for name in given:
        np.testing.assert_array_equal(without[name], given[name])


def test_read_only_and_strided_arrays_give_the_same():
    params, inputs, targets = net()
    expected = impl.gradients(params, inputs, targets)
    strided = {k: np.repeat(p, 2, axis=-1)[..., ::2] for k, p in params.items()}
    wide = np.asfortranarray(inputs)
    for array in (*strided.values(), wide, targets):
        array.flags.writeable = False
    found = impl.gradients(strided, wide, targets)
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, rtol=0, atol=roundoffs(gradient, 200))


@pytest.mark.parametrize("loss", LOSSES)
def test_a_batch_is_the_sum_of_its_sequences(loss):
    params, inputs, targets = net(loss=loss)
    value, gradients = impl.loss_and_gradients(params, inputs, targets, loss=loss)
    alone = [
        impl.loss_and_gradients(
            params | {"h0": params["h0"][i : i + 1]}, inputs[:, i : i + 1], targets[:, i : i + 1], loss=loss
        )
        for i in range(B)
    ]
    assert value == pytest.approx(math.fsum(v for v, _ in alone), rel=1e-14)
    for name, gradient in gradients.items():
        parts = [g[name] for _, g in alone]
        total = np.concatenate(parts) if name == "h0" else sum(parts)
        np.testing.assert_allclose(total, gradient, rtol=0, atol=roundoffs(gradient, 200))


@pytest.mark.parametrize("loss", LOSSES)
def test_the_mean_is_the_sum_over_time_times_batch(loss):
    params, inputs, targets = net(loss=loss)
    value, gradients = impl.loss_and_gradients(params, inputs, targets, loss=loss)
    mean, mean_gradients = impl.loss_and_gradients(params, inputs, targets, loss=loss, reduction="mean")
    assert mean == pytest.approx(value / (T * B), rel=1e-15)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(mean_gradients[name] * (T * B), gradient, atol=roundoffs(gradient, 200))


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("loss", LOSSES)
def test_contributions_sum_to_the_gradient(loss, reduction):
    params, inputs, targets = net(loss=loss)
    options = {"loss": loss, "reduction": reduction}
    gradients = impl.gradients(params, inputs, targets, **options)
    by_step = impl.contributions(params, inputs, targets, **options)
    by_distance = [impl.contributions_by_distance(params, inputs, targets, step=t, **options) for t in range(1, T + 1)]
    for name, parts in by_step.items():
        allowed = roundoffs(gradients[name], 200)
        np.testing.assert_allclose(parts.sum(axis=0), gradients[name], rtol=0, atol=allowed)
        for k in range(1, T + 1):
            # What step k contributes to the losses of all steps t ≥ k.
            total = sum(terms[name][k - 1] for terms in by_distance[k - 1 :])
            np.testing.assert_allclose(total, parts[k - 1], rtol=0, atol=allowed)
        assert [len(terms[name]) for terms in by_distance] == list(range(1, T + 1))


def test_jacobian_products_are_the_products_of_the_steps():
    params, inputs, _ = net()
    steps = impl.step_jacobians(params, inputs)
    norms = impl.jacobian_norms(params, inputs)
    lags = dict(impl.jacobian_products(params, inputs))
    assert list(lags) == list(range(T + 1))
    for k, t in itertools.combinations_with_replacement(range(T + 1), 2):
        for i in range(B):
            expected = np.eye(N)
            for step in range(k + 1, t + 1):
                expected = steps[step - 1, i] @ expected
            np.testing.assert_allclose(lags[t - k][k, i], expected, rtol=0, atol=roundoffs(expected, 200))
            assert norms[t, k, i] == pytest.approx(np.linalg.norm(expected, 2), rel=1e-13)
    assert [len(products) for products in lags.values()] == [T + 1 - lag for lag in lags]
    assert all(not products.flags.writeable for products in lags.values())
    assert np.isnan(norms[np.triu_indices(T + 1, 1)]).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_smallest_net(dtype):
    one = np.ones((1, 1), dtype)
    params = {"W": one, "U": one, "V": one, "b": one[0], "c": one[0], "h0": one / 2}
    gradients = impl.gradients(params, one[None], one[None], loss="squared_error")
    h = math.tanh(2.5)
    alpha = h * (1 - h) * (1 + h)  # (o - y) V φ′ with o - y = h + 1 - 1
    expected = {"W": alpha / 2, "U": alpha, "V": h * h, "b": alpha, "c": h, "h0": alpha}
    for name, value in expected.items():
        assert gradients[name].item() == pytest.approx(value, rel=30 * float(np.finfo(dtype).eps))
    assert impl.jacobian_norms(params, one[None]).shape == (2, 2, 1)


def test_slopes_survive_saturation():
    for a in (30.0, -30.0, 300.0):
        tanh, sigmoid = (impl.ACTIVATIONS[k].slope(np.array([a])).item() for k in ("tanh", "sigmoid"))
        assert tanh == pytest.approx(4 * math.exp(-2 * abs(a)), rel=1e-14)
        assert sigmoid == pytest.approx(math.exp(-abs(a)), rel=1e-12)
    extremes = np.array([-1e308, -0.0, 0.0, 1e308])
    assert impl.ACTIVATIONS["tanh"].slope(extremes).tolist() == [0, 1, 1, 0]
    assert impl.ACTIVATIONS["sigmoid"].slope(extremes).tolist() == [0, 0.25, 0.25, 0]
    assert impl.ACTIVATIONS["relu"].slope(extremes).tolist() == [0, 0, 0, 1]
    assert impl.ACTIVATIONS["sigmoid"].value(extremes).tolist() == [0, 0.5, 0.5, 1]


def test_a_confident_net_has_a_small_loss_and_not_none():
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    params = {"W": zero, "U": zero, "V": np.zeros((2, 1)), "b": zero[0], "c": np.array([100.0, 0.0])}
    right, wrong = np.zeros((1, 1), int), np.ones((1, 1), int)
    value, gradients = impl.loss_and_gradients(params, one[None], right)
    assert value == pytest.approx(math.exp(-100), rel=1e-14)
    np.testing.assert_allclose(gradients["c"], [-math.exp(-100), math.exp(-100)], rtol=1e-14)
    assert impl.loss(params | {"c": np.array([1e308, 0.0])}, one[None], wrong) == 1e308


def test_exploding_nets_name_the_step():
    params, inputs, targets = net(scale=1e150)
    with pytest.raises(FloatingPointError, match=r"the hidden state overflowed at step 3\b"):
        impl.forward(params, inputs, activation="identity")
    far = np.full((T, B, P), 1e200)
    with pytest.raises(FloatingPointError, match=r"the loss overflowed at step 1\b"):
        impl.loss(net()[0], inputs, far, loss="squared_error")
    # At rest, h = 0 and φ′ = 1: the run is harmless, and only the Jacobians and adjoints explode.
    at_rest = {name: np.zeros_like(array) for name, array in params.items()} | {"W": np.eye(N) * 1e150}
    with pytest.raises(FloatingPointError, match="the product of 3 Jacobians overflowed"):
        list(impl.jacobian_products(at_rest, inputs))
    # α_5 is about 1e50, α_4 about 1e200.
    with pytest.raises(FloatingPointError, match=r"gradient of the pre-activation overflowed at step 3\b"):
        impl.gradients(at_rest | {"V": np.eye(P, N) * 1e50}, inputs, targets)


def test_vanishing_nets_are_silent():
    params, inputs, targets = net(scale=1e-200)
    with np.errstate(all="raise"):
        gradients = impl.gradients(params, inputs, targets)
        impl.jacobian_norms(params, inputs)
    assert 0 < np.abs(gradients["h0"]).max() < 1e-190


@pytest.mark.parametrize(
    ("dtype", "size"), [(np.float64, 1e200), (np.float64, 1.7e308), (np.float32, 1e30), (np.float32, 3e38)]
)
@pytest.mark.parametrize("threshold", [1e-3, 1.0, 5.0])
def test_huge_gradients_are_clipped_to_the_threshold(dtype, size, threshold):
    gradients = {"W": np.full((4, 4), size, dtype), "b": np.full(9, -size, dtype)}
    result = impl.clip_by_norm(gradients, threshold)
    assert result.clipped
    assert impl.global_norm(result.gradients) == pytest.approx(threshold, rel=4 * float(np.finfo(dtype).eps))
    assert {k: g.dtype for k, g in result.gradients.items()} == {"W": dtype, "b": dtype}
    assert result.norm == (math.inf if size == 1.7e308 else pytest.approx(5 * float(dtype(size)), rel=1e-15))


def test_gradients_of_16_bits_are_clipped_where_their_squares_overflow():
    result = impl.clip_by_norm({"W": np.array([300, -400], np.float16), "b": np.zeros(1, np.float16)}, 1.0)
    assert (result.norm, result.clipped, result.gradients["W"].dtype) == (500.0, True, np.float16)
    np.testing.assert_allclose(result.gradients["W"], [0.6, -0.8], rtol=4 * np.finfo(np.float16).eps)
    capped = impl.clip_by_value({"W": np.array([300, -1], np.float16)}, 0.5).gradients["W"]
    assert (capped.dtype, capped.tolist()) == (np.float16, [0.5, -0.5])


def test_tiny_gradients_keep_their_norm():
    gradients = {"W": np.array([3e-200, 4e-200])}
    assert impl.global_norm(gradients) == pytest.approx(5e-200, rel=1e-15)
    assert not impl.clip_by_norm(gradients, 6e-200).clipped
    clipped = impl.clip_by_norm(gradients, 2.5e-250)
    np.testing.assert_allclose(clipped.gradients["W"], [1.5e-250, 2e-250], rtol=1e-15)
    assert impl.global_norm({"W": np.array([5e-324])}) == 5e-324


def test_small_entries_beside_huge_ones_are_scaled_as_exactly():
    clipped = impl.clip_by_norm({"W": np.array([1e305, 3e-10])}, 1e300).gradients["W"]
    np.testing.assert_allclose(clipped, [1e300, 3e-15], rtol=1e-15)


def test_clipping_starts_at_the_threshold_itself():
    gradients = {"W": np.array([3.0, 4.0])}
    at, below = (
        impl.clip_by_norm(gradients, 5.0),
        impl.clip_by_norm(gradients, math.nextafter(5.0, 6.0)),
    )
    assert (at.norm, at.clipped, below.clipped) == (5.0, True, False)
    np.testing.assert_allclose(at.gradients["W"], gradients["W"], rtol=1e-15)
    np.testing.assert_array_equal(below.gradients["W"], gradients["W"])
    assert not np.shares_memory(below.gradients["W"], gradients["W"])
    assert not impl.clip_by_norm({"W": np.array([1.7e308, 1.7e308])}, math.inf).clipped


@pytest.mark.parametrize("clip", [impl.clip_by_norm, impl.clip_by_value])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_threshold_of_0_leaves_nothing(clip, dtype):
    result = clip({"W": np.array([3, -4], dtype), "b": np.zeros(1, dtype)}, 0)
    assert (result.norm, result.clipped) == (5.0, True)
    assert not any(np.any(g) for g in result.gradients.values())
    zeros = clip({"W": np.zeros(2, dtype)}, 0)
    assert (zeros.norm, zeros.clipped, zeros.gradients["W"].tolist()) == (0.0, False, [0.0, 0.0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_derivative_of_clipping(dtype):
    gradients, directions = (
        {"W": np.array([3, 0], dtype), "b": np.array([4], dtype)},
        {
            "W": np.array([1, 2], dtype),
            "b": np.array([0], dtype),
        },
    )
    along = np.array([3, 0, 4]) * 3 / 25  # g ⟨g, d⟩/‖g‖²
    for threshold, expected in ((5.0, [1, 2, 0]), (math.inf, [1, 2, 0]), (1.0, (np.array([1, 2, 0]) - along) / 5)):
        found = impl.clip_by_norm_derivative(gradients, directions, threshold)
        assert {name: (d.dtype, d.shape) for name, d in found.items()} == {"W": (dtype, (2,)), "b": (dtype, (1,))}
        np.testing.assert_allclose(np.concatenate([*found.values()]), expected, rtol=4 * np.finfo(dtype).eps)
    at_zero = {name: 0 * g for name, g in gradients.items()}
    for threshold in (0.0, 1.0):
        found = impl.clip_by_norm_derivative(at_zero, directions, threshold)
        assert {name: d.tolist() for name, d in found.items()} == {"W": [1.0, 2.0], "b": [0.0]}
        assert not np.shares_memory(found["W"], directions["W"])


def test_the_derivative_of_clipping_where_squares_overflow():
    for scale in (1e200, 1e-200):
        found = impl.clip_by_norm_derivative({"W": np.array([3, 4]) * scale}, {"W": np.array([1.0, 0])}, scale)
        np.testing.assert_allclose(found["W"], np.array([1 - 9 / 25, -12 / 25]) / 5, rtol=1e-14)


@pytest.mark.parametrize("clip", [impl.clip_by_norm, impl.clip_by_value])
def test_zero_gradients_stay(clip):
    zeros = {"W": np.zeros((2, 2)), "none": np.zeros((0, 2))}
    result = clip(zeros, 1e-300)
    assert (result.norm, result.clipped) == (0.0, False)
    np.testing.assert_array_equal(result.gradients["W"], zeros["W"])


@pytest.mark.parametrize("dtype", DTYPES)
def test_clipping_by_value_stays_within_the_threshold(dtype):
    gradients = {"W": np.array([-3, -0.05, 0.05, 3], dtype)}
    result = impl.clip_by_value(gradients, 0.1)
    assert result.clipped
    assert max(abs(x) for x in result.gradients["W"].tolist()) <= 0.1
    np.testing.assert_array_equal(result.gradients["W"][1:3], gradients["W"][1:3])
    assert not impl.clip_by_value(gradients, 1e300).clipped


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("rows", "columns"), [(3, 12), (12, 3), (1, 4), (4, 4)])
def test_matrices_that_are_not_square_are_orthonormal_along_their_shorter_side(dtype, rows, columns):
    W = impl.semi_orthogonal_init(rows, columns, seed=3, dtype=dtype)
    assert (W.shape, W.dtype) == ((rows, columns), dtype)
    gram = W @ W.T if rows <= columns else W.T @ W
    np.testing.assert_allclose(gram, np.eye(min(rows, columns)), atol=20 * np.finfo(dtype).eps)
    same = impl.orthogonal_init(rows, seed=3, dtype=dtype) if rows == columns else W
    np.testing.assert_array_equal(W, same)
    if rows != columns:
        np.testing.assert_array_equal(W.T, impl.semi_orthogonal_init(columns, rows, seed=3, dtype=dtype))


def test_matrices_that_are_not_square_are_drawn_with_either_sign():
    first = [impl.semi_orthogonal_init(1, 3, seed=seed)[0, 0] > 0 for seed in range(200)]
    assert 70 < sum(first) < 130


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("haar", [True, False])
def test_orthogonal_matrices_are_orthogonal(dtype, haar):
    Q = impl.orthogonal_init(20, seed=1, dtype=dtype, haar=haar)
    assert Q.dtype == dtype
    np.testing.assert_allclose(Q.T @ Q, np.eye(20), atol=40 * float(np.finfo(dtype).eps))
    assert impl.spectral_norm(Q) == pytest.approx(1, rel=40 * float(np.finfo(dtype).eps))


def test_seeds_repeat_and_dtypes_share_their_draws():
    double, single = (impl.init_params(3, 2, 4, seed=5, dtype=dtype) for dtype in (np.float64, "float32"))
    for name in double:
        np.testing.assert_array_equal(double[name].astype(np.float32), single[name])
    assert not np.array_equal(double["W"], impl.init_params(3, 2, 4, seed=6)["W"])
    np.testing.assert_array_equal(impl.init_params(3, 2, 4, recurrent="identity", seed=5)["W"], np.eye(3))


def test_spectra_of_a_matrix_known_by_heart():
    rotation = np.array([[0.0, -2.0], [2.0, 0.0]])
    np.testing.assert_allclose(sorted(impl.eigenvalues(rotation), key=lambda z: z.imag), [-2j, 2j])
    assert impl.spectral_radius(rotation) == pytest.approx(2)
    assert impl.condition_of_eigenvectors(rotation) == pytest.approx(1)
    jordan = np.array([[0.5, 1.0], [0.0, 0.5]])
    assert impl.spectral_radius(jordan) == 0.5
    assert impl.spectral_norm(jordan) == pytest.approx((1 + math.sqrt(2)) / 2)
    assert impl.condition_of_eigenvectors(jordan) > 1e15
