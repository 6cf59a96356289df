"""Deep nets with shared or independent weights: derivatives, layer Jacobians, and the recurrent net they are."""

import numpy as np
import pytest

from backproof import impl
from backproof.impl.deep import (
    deep_forward,
    deep_gradients,
    deep_jacobian_norms,
    deep_jacobian_products,
    deep_layer_jacobians,
    deep_loss,
)

L, B, N, P = 5, 3, 4, 3


def net(dtype=np.float64, *, shared=True, loss="cross_entropy"):
    rng = np.random.default_rng(9)
    layers = () if shared else (L,)
    shapes = {"W": (*layers, N, N), "b": (*layers, N), "V": (P, N), "c": (P,)}
    params = {name: (0.7 * rng.normal(size=shape)).astype(dtype) for name, shape in shapes.items()}
    inputs = rng.normal(size=(B, N)).astype(dtype)
    if loss == "cross_entropy":
        return params, inputs, rng.integers(0, P, B)
    return params, inputs, rng.normal(size=(B, P)).astype(dtype)


def roundoffs(array, count):
    return count * float(np.finfo(array.dtype).eps) * float(np.abs(array).max())


def recurrent(params, inputs, targets):
    """The recurrent net without inputs that a shared deep net is; its loss is charged at every step."""
    arguments = params | {"U": np.zeros((N, 1)), "h0": inputs}, np.zeros((L, B, 1))
    return *arguments, np.broadcast_to(targets, (L, *targets.shape))


@pytest.mark.parametrize("activation", impl.ACTIVATIONS)
@pytest.mark.parametrize("loss", impl.LOSSES)
def test_shared_weights_make_the_recurrent_net_without_inputs(activation, loss):
    task, options = net(loss=loss), {"activation": activation, "loss": loss}
    run = impl.forward(*recurrent(*task)[:2], activation=activation)
    deep = deep_forward(*task[:2], depth=L, activation=activation)
    np.testing.assert_allclose(deep.hidden_states, run.hidden_states, rtol=0, atol=1e-14)
    np.testing.assert_allclose(deep.outputs, run.outputs[-1], rtol=0, atol=1e-14)
    # The terms of the last loss by step are what each layer would get, had it weights of its own.
    layers = impl.contributions_by_distance(*recurrent(*task), step=L, **options)
    params, inputs, targets = task
    own = params | {name: np.stack([params[name]] * L) for name in "Wb"}
    of_each = deep_gradients(own, inputs, targets, depth=L, **options)
    of_one = deep_gradients(params, inputs, targets, depth=L, **options)
    for name in "Wb":
        allowed = roundoffs(layers[name], 200)
        np.testing.assert_allclose(of_each[name], layers[name], rtol=0, atol=allowed)
        np.testing.assert_allclose(of_one[name], layers[name].sum(axis=0), rtol=0, atol=L * allowed)
    for name in ("V", "c", "h0"):
        np.testing.assert_allclose(of_each[name], of_one[name], rtol=0, atol=roundoffs(of_one[name], 50))


PLAIN = {
    "cross_entropy": lambda o, y: np.log(np.exp(o).sum()) - o[y],
    "squared_error": lambda o, y: ((o - y) ** 2).sum() / 2,
    "huber": lambda o, y: np.where(abs(o - y) <= 1, (o - y) ** 2 / 2, abs(o - y) - 0.5).sum(),
}


def plain_loss(params, targets, loss):
    """Sequence by sequence and layer by layer, in whatever precision the parameters have."""
    total = 0
    for h, y in zip(params["h0"], targets, strict=True):
        for l in range(L):  # noqa: E741
            W, b = (params[name][l] if params[name].ndim > d else params[name] for name, d in (("W", 2), ("b", 1)))
            h = np.tanh(W @ h + b)
        o = params["V"] @ h + params["c"]
        total += PLAIN[loss](o, y)
    return total


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("loss", impl.LOSSES)
def test_gradients_are_the_derivatives_of_a_plain_run(shared, loss):
    params, inputs, targets = net(shared=shared, loss=loss)
    found = deep_gradients(params, inputs, targets, depth=L, loss=loss)
    exact = {name: array.astype(np.longdouble) for name, array in (params | {"h0": inputs}).items()}
    value = deep_loss(params, inputs, targets, depth=L, loss=loss)
    assert value == pytest.approx(float(plain_loss(exact, targets, loss)), rel=1e-14)
    # Central differences extrapolated to order 6: truncation and roundoff are both of order eps^(6/7).
    eps = np.finfo(np.longdouble).eps
    step, weights = eps ** (np.longdouble(1) / 7), {-3: -1, -2: 9, -1: -45, 1: 45, 2: -9, 3: 1}
    for name, gradient in found.items():
        expected = np.zeros_like(exact[name])
        for entry in np.ndindex(gradient.shape):
            for shift, weight in weights.items():
                moved = exact[name].copy()
                moved[entry] += shift * step
                expected[entry] += weight * plain_loss(exact | {name: moved}, targets, loss)
        # The constant leaves room for seventh derivatives of nested layers, where a long double is a mere double.
        allowed = roundoffs(gradient, 200) + 1e5 * float(eps) ** (6 / 7) * np.abs(gradient).max()
        differences = (expected / (60 * step)).astype(float)
        np.testing.assert_allclose(gradient, differences, rtol=0, atol=allowed, err_msg=name)


@pytest.mark.parametrize("shared", [True, False])
def test_layer_jacobians_multiply_to_what_they_say(shared):
    params, inputs, _ = net(shared=shared)
    layers = deep_layer_jacobians(params, inputs, depth=L)
    a = deep_forward(params, inputs, depth=L).pre_activations
    norms = deep_jacobian_norms(params, inputs, depth=L)
    assert layers.shape == (L, B, N, N)
    assert norms.shape == (L + 1, L + 1, B)
    for l in range(L):  # noqa: E741
        W = params["W"] if shared else params["W"][l]
        np.testing.assert_allclose(layers[l], (1 / np.cosh(a[l]) ** 2)[:, :, None] * W, rtol=1e-14)
    lags = dict(deep_jacobian_products(params, inputs, depth=L))
    assert list(lags) == list(range(L + 1))
    for k in range(L + 1):
        product = np.broadcast_to(np.eye(N), (B, N, N))
        for later in range(k, L + 1):
            product = layers[later - 1] @ product if later > k else product
            np.testing.assert_allclose(lags[later - k][k], product, rtol=0, atol=1e-14)
            np.testing.assert_allclose(norms[later, k], np.linalg.norm(product, 2, axis=(1, 2)), rtol=1e-13)
        assert np.isnan(norms[:k, k]).all()


def test_weights_and_biases_are_shared_or_not_each_for_itself():
    params, inputs, targets = net()
    mixed = params | {"b": np.stack([params["b"]] * L)}
    found, expected = (deep_gradients(p, inputs, targets, depth=L) for p in (mixed, params))
    np.testing.assert_array_equal(found["W"], expected["W"])
    np.testing.assert_allclose(found["b"].sum(axis=0), expected["b"], rtol=0, atol=roundoffs(expected["b"], 50))


def test_orthogonal_layers_keep_the_norm_of_the_gradient():
    params, inputs, _ = net(shared=False)
    params["W"] = np.stack([impl.orthogonal_init(N, seed=seed) for seed in range(L)])
    norms = deep_jacobian_norms(params, inputs, depth=L, activation="identity")
    np.testing.assert_allclose(norms[~np.isnan(norms)], 1, rtol=1e-14)


def test_the_mean_is_over_the_batch():
    task = net()
    assert deep_loss(*task, depth=L, reduction="mean") == pytest.approx(deep_loss(*task, depth=L) / B, rel=1e-15)
    mean, total = (deep_gradients(*task, depth=L, reduction=r) for r in ("mean", "sum"))
    for name, gradient in total.items():
        np.testing.assert_allclose(mean[name] * B, gradient, rtol=0, atol=roundoffs(gradient, 50))


@pytest.mark.parametrize("shared", [True, False])
def test_float32_stays_float32_and_read_only_arguments_do(shared):
    params, inputs, targets = net(np.float32, shared=shared)
    for array in (*params.values(), inputs, targets):
        array.flags.writeable = False
    wide = {name: array.astype(np.float64) for name, array in params.items()}
    found = deep_gradients(params, inputs, targets, depth=L)
    expected = deep_gradients(wide, inputs.astype(np.float64), targets, depth=L)
    assert deep_jacobian_norms(params, inputs, depth=L).dtype == np.float32
    for name, gradient in found.items():
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, expected[name], rtol=0, atol=roundoffs(gradient, 200))


BAD = {
    "depth": ({"depth": 0}, {}, ValueError, "depth: expected an integer ≥ 1"),
    "depth of the weights": ({"depth": L + 1}, {}, ValueError, r"params\['W'\]: expected shape \(6, 4, 4\)"),
    "W": ({}, {"W": np.zeros((N, N + 1))}, ValueError, r"params\['W'\]: expected shape \(4, 4\)"),
    "b": ({}, {"b": np.zeros((L + 1, N))}, ValueError, r"params\['b'\]: expected shape \(5, 4\)"),
    "V": ({}, {"V": np.zeros((P, N + 1))}, ValueError, r"params\['V'\]: expected shape \(3, 4\)"),
    "U": ({}, {"U": np.zeros((P, N + 1))}, ValueError, "params: expected 'W', 'b', 'V', 'c', got .*'U'"),
    "float32": ({}, {"c": np.zeros(P, np.float32)}, TypeError, r"params\['c'\]: expected float64"),
    "nan": ({}, {"c": np.full(P, np.nan)}, ValueError, r"params\['c'\]: expected finite"),
    "activation": ({"activation": "cosine"}, {}, ValueError, "activation: expected one of"),
}


@pytest.mark.parametrize("case", BAD)
def test_wrong_arguments_are_named(case):
    options, changes, error, message = BAD[case]
    params, inputs, targets = net(shared=False)
    for call in (deep_gradients, deep_loss):
        with pytest.raises(error, match=message):
            call(params | changes, inputs, targets, **{"depth": L, **options})
    with pytest.raises(error, match=message):
        deep_jacobian_products(params | changes, inputs, **{"depth": L, **options})


def test_wrong_inputs_and_targets_are_named():
    params, inputs, targets = net()
    with pytest.raises(TypeError, match="params: expected a mapping"):
        deep_forward(list(params), inputs, depth=L)
    with pytest.raises(ValueError, match=r"inputs: expected shape \(B, n\)"):
        deep_forward(params, inputs[0], depth=L)
    with pytest.raises(TypeError, match="targets: expected a NumPy array"):
        deep_loss(params, inputs, targets.tolist(), depth=L)
    with pytest.raises(ValueError, match=r"targets: expected shape \(3,\), got shape \(2,\)"):
        deep_loss(params, inputs, targets[1:], depth=L)
    with pytest.raises(ValueError, match="targets: expected class indices"):
        deep_loss(params, inputs, targets + P, depth=L)
    with pytest.raises(ValueError, match=r"params\['c'\]: expected shape"):
        deep_loss(params | {"c": np.zeros(P + 1)}, inputs, targets, depth=L)
    values = net(loss="squared_error")[2]
    with pytest.raises(TypeError, match="targets: expected float64"):
        deep_loss(params, inputs, values.astype(np.float32), depth=L, loss="squared_error")
    with pytest.raises(ValueError, match="loss: expected one of"):
        deep_loss(params, inputs, targets, depth=L, loss="hinge")


def test_overflow_names_the_layer():
    params, inputs, _ = net()
    with pytest.raises(FloatingPointError, match="the hidden state overflowed at step 3"):
        deep_forward(params | {"W": 1e120 * np.eye(N)}, inputs, depth=L, activation="identity")


def test_one_sequence_and_one_unit_are_enough_and_none_is_not():
    params, inputs, _ = net()
    assert deep_forward(params, inputs[:1], depth=L).outputs.shape == (1, P)
    one = {"W": np.ones((1, 1)), "b": np.zeros(1), "V": np.ones((P, 1)), "c": np.zeros(P)}
    assert deep_forward(one, np.ones((2, 1)), depth=L).outputs.shape == (2, P)
    for empty in (inputs[:0], inputs[:, :0]):
        with pytest.raises(ValueError, match="inputs: expected shape"):
            deep_forward(params, empty, depth=L)
