"""The oracles are right within their own error, see planted errors, and say so where they cannot tell."""

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from backproof import impl
from backproof.referee.oracles import ORACLES, Estimate, balls, finite_differences, loss_of
from backproof.theory.instances.strategies import EVERY, HUGE, LOSS_NAMES, TINY, nets
from backproof.theory.nets.networks import NAMES, net

OF_IMPL = {**ORACLES, "finite differences": finite_differences(loss_of(impl))}

WEIGHTS = {
    "W": [[0.5, -1], [1, 0.5]],
    "U": [[1, 0.5], [-0.5, 1]],
    "V": [[1, -1], [0.5, 1]],
    "b": [0.5, 0],
    "h0": [[0.5, -0.5]],
    "inputs": [[1, 0], [0.5, -1], [0.25, 1], [1, 1]],
}


def example(loss="cross_entropy", activation="tanh", reduction="sum", **changes):
    targets = [0, 1, 1, 0] if loss == "cross_entropy" else [[0.5, 0], [0, 1], [1, 1], [-1, 0.5]]
    return net(**(WEIGHTS | changes), targets=targets, loss=loss, activation=activation, reduction=reduction)


def apart(one, other):
    """Distance over the sum of the errors: at most 1 if both are right."""
    distance, error = np.abs(one.value - other.value), one.error + other.error
    return np.max(np.divide(distance, error, out=np.zeros_like(distance), where=(distance > 0) & np.isfinite(error)))


@pytest.mark.parametrize("oracle", OF_IMPL)
@pytest.mark.parametrize("loss", LOSS_NAMES)
@pytest.mark.parametrize("activation", EVERY)
def test_every_oracle_is_right_within_its_own_error(oracle, activation, loss):
    one = example(loss, activation, "mean")
    for name in NAMES if oracle != "finite differences" else ("W", "c"):
        estimate = OF_IMPL[oracle](one, name)
        assert estimate.value.shape == estimate.error.shape == getattr(one, name).shape
        assert np.all(np.isfinite(estimate.error))
        assert apart(estimate, balls(one, name)) <= 1


@pytest.mark.parametrize("oracle", [name for name in OF_IMPL if name != "balls"])
def test_and_on_drawn_nets_of_every_regime(oracle):
    @hypothesis.seed(5)
    @settings(
        max_examples=8, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(nets())
    def right(one):
        for name in ("W", "b", "h0"):
            assert apart(OF_IMPL[oracle](one, name), balls(one, name)) <= 1

    right()


@pytest.mark.parametrize("oracle", [name for name in OF_IMPL if name != "finite differences"])
@pytest.mark.parametrize(("size", "loss"), [(TINY, "cross_entropy"), (HUGE, "squared_error")])
def test_tiny_and_huge_gradients_keep_their_relative_accuracy(oracle, size, loss):
    one = example(loss, V=[[size, -size], [size / 2, size]])
    estimate = OF_IMPL[oracle](one, "W")
    assert apart(estimate, balls(one, "W")) <= 1
    assert np.all(estimate.error <= 1e-11 * np.abs(estimate.value))
    assert np.all((np.abs(estimate.value) < 1e-190) if size == TINY else (np.abs(estimate.value) > 1e140))


def test_differences_choose_their_step_by_the_loss():
    huge, tiny = (example("squared_error", V=[[s, -s], [s / 2, s]]) for s in (HUGE, TINY))
    for one in (huge, tiny):
        estimate = OF_IMPL["finite differences"](one, "V")
        assert np.all(estimate.error <= 1e-9 * np.abs(estimate.value))
        assert apart(estimate, balls(one, "V")) <= 1


def test_differences_say_that_a_tiny_gradient_of_a_large_loss_is_beyond_them():
    one = example(V=[[TINY, -TINY], [TINY / 2, TINY]])
    estimate = OF_IMPL["finite differences"](one, "W")
    assert np.all(estimate.error > 1e180 * np.abs(balls(one, "W").value))


def test_differences_say_that_a_kink_has_no_derivative():
    kinked = net(W=[[1]], inputs=[[0]], targets=[[1]], activation="relu", loss="squared_error")
    estimate = OF_IMPL["finite differences"](kinked, "b")
    assert estimate.error[0] >= 0.49  # slopes 0 and 1, of which the difference makes a half


def test_an_overflowing_loss_leaves_the_differences_without_an_answer():
    def overflows(_):
        raise FloatingPointError

    estimate = finite_differences(overflows)(example(), "c")
    assert np.all(np.isinf(estimate.error))
    assert np.all(estimate.excess(estimate.value + 1) == 0)


def factor(gradient):
    gradient[0, 1] *= 1.0001


def sign(gradient):
    gradient[1, 0] *= -1


def transposed(gradient):
    gradient[:] = gradient.T.copy()


@pytest.mark.parametrize("error", [factor, sign, transposed])
@pytest.mark.parametrize("oracle", OF_IMPL)
def test_planted_errors_are_outside_the_error_of_every_oracle(oracle, error):
    one = example()
    gradient = impl.gradients(one.parameters, one.inputs, one.targets, **one.settings)["W"]
    estimate = OF_IMPL[oracle](one, "W")
    rounding = Estimate(estimate.value, estimate.error + 1e-14)
    assert np.all(rounding.excess(gradient) <= 1)
    error(gradient)
    assert np.max(rounding.excess(gradient)) > 1000


def test_a_gradient_of_nan_is_outside_every_error():
    assert Estimate(np.zeros(1), np.ones(1)).excess([np.nan]) == np.inf
