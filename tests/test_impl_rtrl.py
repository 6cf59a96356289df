"""Real-time recurrent learning equals back-propagation through time, and costs what it says."""

import types

import numpy as np
import pytest

from backproof import impl
from backproof.impl.rtrl import bptt_operations, rtrl_gradients, rtrl_operations

T, B, N, M, P = 6, 3, 4, 2, 3


def net(dtype=np.float64, loss="cross_entropy", *, n=N, m=M, p=P, steps=T, batch=B):
    rng = np.random.default_rng(8)
    params = impl.init_params(n, m, p, recurrent="normal", seed=6, dtype=dtype)
    params |= {"b": rng.normal(size=n).astype(dtype), "h0": rng.normal(size=(batch, n)).astype(dtype)}
    inputs = rng.normal(size=(steps, batch, m)).astype(dtype)
    if loss == "cross_entropy":
        return params, inputs, rng.integers(0, p, (steps, batch))
    return params, inputs, rng.normal(size=(steps, batch, p)).astype(dtype)


def roundoffs(array, count):
    return count * float(np.finfo(array.dtype).eps) * float(np.abs(array).max())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", impl.ACTIVATIONS)
@pytest.mark.parametrize("loss", impl.LOSSES)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_forward_and_backward_agree_to_rounding(dtype, activation, loss, reduction):
    task, options = net(dtype, loss), {"activation": activation, "loss": loss, "reduction": reduction}
    found, expected = rtrl_gradients(*task, **options), impl.gradients(*task, **options)
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        assert found[name].dtype == dtype
        np.testing.assert_allclose(found[name], gradient, rtol=0, atol=roundoffs(gradient, 200), err_msg=name)


def test_one_unit_and_one_step():
    task = net(n=1, m=1, p=2, steps=1, batch=1)
    found, expected = rtrl_gradients(*task), impl.gradients(*task)
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-14)


def test_h0_left_out_is_zero_and_arguments_are_left_alone():
    params, inputs, targets = net()
    zeros = params | {"h0": np.zeros((B, N))}
    del params["h0"]
    for array in (*zeros.values(), inputs, targets):
        array.flags.writeable = False
    without, given = (rtrl_gradients(p, inputs, targets) for p in (params, zeros))
    for name, gradient in given.items():
        np.testing.assert_array_equal(without[name], gradient)


def test_wrong_arguments_are_named():
    params, inputs, targets = net()
    with pytest.raises(ValueError, match=r"params\['U'\]: expected shape"):
        rtrl_gradients(params | {"U": np.zeros((M, N))}, inputs, targets)
    with pytest.raises(ValueError, match="m: expected an integer ≥ 1, got 0"):
        rtrl_operations(2, 0, 1, 3)
    with pytest.raises(TypeError, match="T: expected an integer, got float"):
        bptt_operations(2, 1, 1, 3.0)


def test_a_sensitivity_that_overflows_is_an_error():
    params, inputs, targets = net(loss="squared_error")
    params |= {"W": 1e60 * params["W"], "h0": np.zeros((B, N)), "b": np.zeros(N)}
    with pytest.raises(FloatingPointError, match="the sensitivity of the hidden state overflowed"):
        rtrl_gradients(params, 0 * inputs, targets, activation="identity", loss="squared_error")


class Counting(np.ndarray):
    """An array that counts its multiplications, multiply-adds of matrix products included."""

    total = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **options):
        plain = [np.asarray(x) if isinstance(x, Counting) else x for x in inputs]
        if out:
            options["out"] = tuple(np.asarray(x) for x in out)
        result = getattr(ufunc, method)(*plain, **options)
        if ufunc is np.matmul:
            Counting.total += np.size(result) * plain[0].shape[-1]
        elif ufunc is np.multiply:
            Counting.total += np.size(result)
        return counting(result)


def counting(thing):
    return np.asarray(thing).view(Counting) if isinstance(thing, np.ndarray | np.generic) else thing


class CountingNumpy(types.ModuleType):
    """NumPy, but the arrays it makes count."""

    def __getattr__(self, name):
        found = getattr(np, name)
        if isinstance(found, np.ufunc | type) or not callable(found):
            return found
        return lambda *args, **options: counting(found(*args, **options))


@pytest.mark.parametrize("sizes", [(2, 3, 1, 4), (3, 1, 2, 5), (4, 2, 3, 1)])
@pytest.mark.parametrize("batch", [1, 2])
def test_the_operations_are_those_that_are_performed(monkeypatch, sizes, batch):
    n, m, p, steps = sizes
    params, inputs, targets = net(loss="squared_error", n=n, m=m, p=p, steps=steps, batch=batch)
    for module in (impl.recurrence, impl.rtrl, impl.sums):
        monkeypatch.setattr(module, "np", CountingNumpy("np"))
    params, inputs = {name: counting(array) for name, array in params.items()}, counting(inputs)
    # The identity and its slope multiply nothing; what the loss itself multiplies is not part of the count.
    options = {"activation": "identity", "loss": "squared_error"}
    outputs = impl.forward(params, inputs, activation="identity").outputs
    assert isinstance(outputs, Counting)

    def counted(call):
        Counting.total = 0
        call()
        return Counting.total

    of_the_loss = counted(lambda: impl.LOSSES["squared_error"].evaluate(outputs, targets))
    forward = counted(lambda: rtrl_gradients(params, inputs, targets, **options)) - of_the_loss
    backward = counted(lambda: impl.gradients(params, inputs, targets, **options)) - of_the_loss
    assert forward == batch * rtrl_operations(*sizes)
    assert backward == batch * bptt_operations(*sizes)


def test_the_ratio_grows_with_the_square_of_the_units():
    ratios = [rtrl_operations(n, 1, 1, 10) / bptt_operations(n, 1, 1, 10) for n in (500, 1000)]
    assert ratios[1] / ratios[0] == pytest.approx(4, rel=0.01)
