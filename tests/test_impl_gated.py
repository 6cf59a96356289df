"""LSTM and GRU: their gradients against differences of a plain run in extended precision, and their promises."""

import copy

import numpy as np
import pytest
from gated_nets import CELL, CELLS, B, N, P, T, constant_gate, net

from backproof import impl
from backproof.impl.gru import gru_carry, gru_forward, gru_gradients
from backproof.impl.lstm import lstm_cell_jacobians, lstm_forward, lstm_gradients

LOSSES = list(impl.LOSSES)


def sigma(a):
    return 1 / (1 + np.exp(-a))


def lstm_step(params, state, x):
    h, s = state
    a = {j: params[f"W_{j}"] @ h + params[f"U_{j}"] @ x + params[f"b_{j}"] for j in "ifqg"}
    s = sigma(a["f"]) * s + sigma(a["i"]) * np.tanh(a["g"])
    return sigma(a["q"]) * np.tanh(s), s


def gru_step(params, state, x):
    (h,) = state
    z, r = (sigma(params[f"W_{j}"] @ h + params[f"U_{j}"] @ x + params[f"b_{j}"]) for j in "zr")
    return (z * h + (1 - z) * np.tanh(params["W_n"] @ (r * h) + params["U_n"] @ x + params["b_n"]),)


PLAIN = {
    "cross_entropy": lambda o, y: np.log(np.exp(o).sum()) - o[y],
    "squared_error": lambda o, y: ((o - y) ** 2).sum() / 2,
    "huber": lambda o, y: np.where(abs(o - y) <= 1, (o - y) ** 2 / 2, abs(o - y) - 0.5).sum(),
}


def plain_loss(cell, params, inputs, targets, loss):
    """Sequence by sequence and step by step, in whatever precision the parameters have."""
    step = {"lstm": lstm_step, "gru": gru_step}[cell]
    total = 0
    for i in range(inputs.shape[1]):
        state = tuple(params[name][i] for name in CELLS[cell][1])
        for x, y in zip(inputs[:, i], targets[:, i], strict=True):
            state = step(params, state, x)
            o = params["V"] @ state[0] + params["c"]
            total += PLAIN[loss](o, y)
    return total


def central_differences(f, params):
    """Richardson's extrapolation to order 6; the step balances truncation against the roundoff of long doubles."""
    step = np.finfo(np.longdouble).eps ** (np.longdouble(1) / 7)
    found = {}
    for name, array in params.items():
        found[name] = np.empty_like(array)
        for entry in np.ndindex(array.shape):
            values = []
            for shift in (-3, -2, -1, 1, 2, 3):
                moved = array.copy()
                moved[entry] += shift * step
                values.append(f(params | {name: moved}))
            weights = np.array([-1, 9, -45, 45, -9, 1], np.longdouble) / 60
            found[name][entry] = (weights * np.array(values)).sum() / step
    return found


def roundoffs(array, count, dtype=np.float64):
    return count * float(np.finfo(dtype).eps) * float(np.abs(array).max())


@CELL
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_are_the_derivatives_of_a_plain_run(cell, loss):
    *_, loss_of, gradients_of = CELLS[cell]
    params, inputs, targets = net(cell, loss=loss)
    exact = {name: array.astype(np.longdouble) for name, array in params.items()}
    assert loss_of(params, inputs, targets, loss=loss) == pytest.approx(
        float(plain_loss(cell, exact, inputs, targets, loss)), rel=1e-14
    )
    found = gradients_of(params, inputs, targets, loss=loss)
    expected = central_differences(lambda p: plain_loss(cell, p, inputs, targets, loss), exact)
    # The constant leaves room for seventh derivatives of nested gates, where a long double is a mere double.
    of_differences = 1e5 * float(np.finfo(np.longdouble).eps) ** (6 / 7)
    assert found.keys() == params.keys()
    for name, gradient in found.items():
        allowed = roundoffs(gradient, 200) + of_differences * float(np.abs(gradient).max())
        np.testing.assert_allclose(gradient, expected[name].astype(float), rtol=0, atol=allowed, err_msg=name)


@CELL
@pytest.mark.parametrize("loss", LOSSES)
def test_float32_stays_float32_and_follows_float64(cell, loss):
    *_, forward, loss_of, gradients_of = CELLS[cell]
    params, inputs, targets = net(cell, np.float32, loss=loss)
    wide = {name: array.astype(np.float64) for name, array in params.items()}
    wide_targets = targets if loss == "cross_entropy" else targets.astype(np.float64)
    found = gradients_of(params, inputs, targets, loss=loss)
    expected = gradients_of(wide, inputs.astype(np.float64), wide_targets, loss=loss)
    assert type(loss_of(params, inputs, targets, loss=loss)) is float
    run = forward(params, inputs)
    assert run.inputs is inputs
    assert run.hidden_states.shape == (T + 1, B, N)
    for array in (run.hidden_states, run.outputs, *run.gates.values(), *run.pre_activations.values()):
        assert array.dtype == np.float32
    for name, gradient in found.items():
        assert gradient.dtype == np.float32
        assert gradient.shape == params[name].shape
        np.testing.assert_allclose(gradient, expected[name], rtol=0, atol=roundoffs(gradient, 200, np.float32))


@CELL
def test_initial_states_left_out_are_zero_and_the_mean_divides(cell):
    _, initial, *_, gradients_of = CELLS[cell]
    params, inputs, targets = net(cell)
    zeros = params | {name: np.zeros((B, N)) for name in initial}
    without = {name: array for name, array in params.items() if name not in initial}
    given, left_out = gradients_of(zeros, inputs, targets), gradients_of(without, inputs, targets)
    mean = gradients_of(zeros, inputs, targets, reduction="mean")
    for name, gradient in given.items():
        np.testing.assert_array_equal(left_out[name], gradient)
        np.testing.assert_allclose(mean[name] * (T * B), gradient, rtol=0, atol=roundoffs(gradient, 200))


@CELL
def test_the_loss_divides_too(cell):
    *_, loss_of, _ = CELLS[cell]
    task = net(cell)
    assert loss_of(*task, reduction="mean") == pytest.approx(loss_of(*task) / (T * B), rel=1e-15)


@CELL
def test_gradients_do_not_depend_on_layout_and_arguments_are_left_alone(cell):
    *_, gradients_of = CELLS[cell]
    params, inputs, targets = net(cell)
    expected = gradients_of(params, inputs, targets)
    strided = {name: np.repeat(array, 2, axis=-1)[..., ::2] for name, array in params.items()}
    wide = np.asfortranarray(inputs)
    before = copy.deepcopy((strided, wide, targets))
    for array in (*strided.values(), wide, targets):
        array.flags.writeable = False
    found = gradients_of(strided, wide, targets)
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, rtol=0, atol=roundoffs(gradient, 200))
        np.testing.assert_array_equal(strided[name], before[0][name])


def test_an_lstm_that_never_forgets_and_never_writes_carries_its_cell_state():
    params, inputs, targets = net("lstm", steps=50)
    params = constant_gate(constant_gate(params, "f", 1e3), "i", -1e3)
    np.testing.assert_array_equal(lstm_cell_jacobians(params, inputs), np.ones((50, B, N)))
    s = lstm_forward(params, inputs).cell_states
    np.testing.assert_array_equal(s, np.broadcast_to(params["s0"], s.shape))
    # With the output gate constant too, ∂L/∂s_0 = Σ_t q_t ∘ tanh′(s_0) ∘ Vᵀ g_t: no step diminishes it.
    params = constant_gate(params, "q", 0.0)
    outputs = lstm_forward(params, inputs).outputs
    g = np.exp(outputs) / np.exp(outputs).sum(axis=2, keepdims=True) - np.eye(P)[targets]
    expected = 0.5 / np.cosh(params["s0"]) ** 2 * (g.sum(axis=0) @ params["V"])
    found = lstm_gradients(params, inputs, targets)["s0"]
    np.testing.assert_allclose(found, expected, rtol=0, atol=roundoffs(expected, 500))


def test_an_lstm_that_never_forgets_adds_up_what_it_writes():
    params, inputs, _ = net("lstm")
    run = lstm_forward(constant_gate(params, "f", 1e3), inputs)
    written = run.gates["i"] * run.gates["g"]
    np.testing.assert_allclose(run.cell_states[-1], params["s0"] + written.sum(axis=0), rtol=0, atol=1e-15)


def test_the_cell_jacobian_is_the_forget_gate():
    params, inputs, _ = net("lstm")
    run = lstm_forward(params, inputs)
    np.testing.assert_array_equal(lstm_cell_jacobians(params, inputs), run.gates["f"])
    assert ((run.gates["f"] > 0) & (run.gates["f"] < 1)).all()


def test_a_gru_whose_update_gate_is_one_keeps_its_state_and_gradient():
    params, inputs, targets = net("gru", steps=50)
    params = constant_gate(params, "z", 1e3)
    np.testing.assert_array_equal(gru_carry(params, inputs), np.ones((50, B, N)))
    h = gru_forward(params, inputs).hidden_states
    np.testing.assert_array_equal(h, np.broadcast_to(params["h0"], h.shape))
    found = gru_gradients(params, inputs, targets, loss="cross_entropy")
    # δ_0 is the sum of what all steps charge, undiminished; the candidate is never read.
    o = params["h0"] @ params["V"].T + params["c"]
    softmax = np.exp(o) / np.exp(o).sum(axis=1, keepdims=True)
    g = 50 * softmax - np.eye(P)[targets].sum(axis=0)
    np.testing.assert_allclose(found["h0"], g @ params["V"], rtol=0, atol=roundoffs(found["h0"], 500))
    assert not any(found[f"{kind}_n"].any() for kind in "WUb")


def test_a_gru_whose_update_gate_almost_is_one_keeps_the_digits_of_what_it_adds():
    params, inputs, targets = net("gru", steps=1)
    params = constant_gate(params, "z", 60.0) | {"h0": np.zeros((B, N))}
    run = gru_forward(params, inputs)
    # 1 - σ(60) would round to 0.
    np.testing.assert_allclose(run.hidden_states[1], np.exp(-60.0) * run.gates["n"][0], rtol=1e-15)
    assert np.abs(gru_gradients(params, inputs, targets)["U_n"]).min() > 0
