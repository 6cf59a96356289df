"""The training loop: tied weights stay tied, explosions are reported, vanishing is seen, nothing but finite numbers."""

import math
from functools import partial

import numpy as np
import pytest

from backproof import impl
from backproof.impl.optimisers import SGD, Adam
from backproof.impl.training import VanishingMonitor, distance_shares, paired, train

U = 2.0**-53


def batch(n=4, steps=6, size=3, seed=0, p=None):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(steps, size, n)), rng.integers(0, p or n, (steps, size))


# Tying -----------------------------------------------------------------------------------------------------------


# The guard -------------------------------------------------------------------------------------------------------


def planted(at, name, value):
    calls = iter(range(1, 1000))

    def gradients(params, inputs, targets):
        loss, found = impl.loss_and_gradients(params, inputs, targets, reduction="mean")
        if next(calls) == at:
            found[name].flat[-1] = value
        return loss, found

    return gradients


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("clip", [None, partial(impl.clip_by_norm, threshold=1.0)])
def test_the_guard_names_step_and_parameter_of_a_planted_explosion(bad, clip):
    params = impl.init_params(4, 4, 4, seed=1)
    options = {"optimiser": Adam(rate=0.01), "clip": clip}
    run = train(params, [batch()], gradients=planted(7, "U", bad), steps=20, **options)
    assert (run.explosion.step, run.explosion.parameter) == (7, "U")
    assert run.explosion.reason == "the gradient of U is not finite"
    assert len(run.losses) == len(run.norms) == len(run.clipped) == run.state.count == 6
    clean = train(params, [batch()], gradients=planted(0, "U", bad), steps=6, **options)
    assert clean.explosion is None
    for name in params:
        assert run.params[name].tobytes() == clean.params[name].tobytes()


def test_a_run_that_overflows_is_reported_with_the_step_inside_it():
    params = impl.init_params(4, 4, 4, seed=1)
    params["W"] *= 1e30
    inputs, targets = batch(steps=20)
    gradients = partial(impl.loss_and_gradients, activation="identity")
    run = train(params, [(inputs, targets)], gradients=gradients, optimiser=SGD(rate=1.0), steps=5)
    assert (run.explosion.step, run.explosion.parameter) == (1, "W")
    assert "overflowed at step" in run.explosion.reason
    assert run.losses == ()


def linear_regression(rate, clip=None):
    params = impl.init_params(4, 4, 2, seed=0)
    inputs, _ = batch(steps=12)
    data = inputs, np.ones((12, 3, 2))
    gradients = partial(impl.loss_and_gradients, activation="identity", loss="squared_error")
    return train(params, [data], gradients=gradients, optimiser=SGD(rate=rate), steps=200, clip=clip)


def test_training_that_blows_up_by_itself_stops_with_finite_parameters_and_clipping_prevents_it():
    wild = linear_regression(rate=1.0)
    assert wild.explosion is not None
    assert len(wild.losses) == wild.explosion.step - 1 < 200
    assert all(np.isfinite(array).all() for array in wild.params.values())
    assert max(wild.norms) > 1e6 * wild.norms[0]
    calm = linear_regression(rate=1e-3, clip=partial(impl.clip_by_norm, threshold=1.0))
    assert calm.explosion is None
    assert calm.losses[-1] < calm.losses[0]
    assert calm.clipped == tuple(norm >= 1.0 for norm in calm.norms)
    assert any(calm.clipped)


def test_a_loss_that_is_no_number_stops_training():
    def gradients(params, inputs, targets):
        return math.nan, impl.gradients(params, inputs, targets)

    run = train(impl.init_params(4, 4, 4, seed=0), [batch()], gradients=gradients, optimiser=SGD(rate=1.0), steps=3)
    assert (run.explosion.step, run.explosion.reason) == (1, "the loss is nan")


def test_batches_take_turns_and_arguments_are_checked():
    params, seen = impl.init_params(4, 4, 4, seed=0), []

    def gradients(params, inputs, targets):
        seen.append(len(inputs))
        return paired(impl.loss, impl.gradients)(params, inputs, targets)

    batches = [batch(steps=2), batch(steps=3), batch(steps=4)]
    train(params, batches, gradients=gradients, optimiser=SGD(rate=0.1), steps=5)
    assert seen == [2, 3, 4, 2, 3]
    with pytest.raises(ValueError, match="batches"):
        train(params, [], gradients=gradients, optimiser=SGD(rate=0.1), steps=1)
    with pytest.raises(TypeError, match=r"returns \(loss, gradients\).*returns dict"):
        train(params, batches, gradients=impl.gradients, optimiser=SGD(rate=0.1), steps=1)
    for wrong in ((0.0, {}, {}), [0.0, {}]):
        with pytest.raises(TypeError, match=f"got one that returns {type(wrong).__name__}$"):
            train(params, batches, gradients=lambda *_, wrong=wrong: wrong, optimiser=SGD(rate=0.1), steps=1)
    with pytest.raises(ValueError, match="none for 'W'"):
        train(params, batches, gradients=lambda *_: (0.0, {}), optimiser=SGD(rate=0.1), steps=1)


# The monitor -----------------------------------------------------------------------------------------------------

STEPS, DISTANCE = 40, 20


def linear_net(radius):
    params = impl.init_params(6, 6, 6, seed=2)
    params["W"] *= radius
    inputs, targets = batch(n=6, steps=STEPS, size=1, seed=2)
    shares = partial(distance_shares, activation="identity")
    return params, inputs, targets, VanishingMonitor(distance=DISTANCE, below=1e-3, every=2, shares=shares)


def spread(params, inputs):
    """The most by which √(‖h‖² + ‖x‖² + 1) ≥ 1, the norm of what α_k is multiplied by, varies over the steps."""
    h = impl.forward(params, inputs, activation="identity").hidden_states[:-1]
    return np.sqrt((h**2).sum(axis=2) + (inputs**2).sum(axis=2) + 1).max()


def test_the_monitor_tells_a_vanishing_net_from_an_orthogonal_one():
    params, inputs, targets, monitor = linear_net(0.5)
    # ‖α_k‖ halves at each step back: far shares are at most Σ_{d ≥ 20} 2^-d · spread.
    assert 0 < monitor(1, params, inputs, targets).share <= 2.0 ** (1 - DISTANCE) * spread(params, inputs)
    assert monitor(1, params, inputs, targets).vanishing
    params, inputs, targets, monitor = linear_net(1.0)
    # ‖α_k‖ is the same at each step: no share exceeds another by more than the spread.
    fair = (STEPS - DISTANCE) / STEPS
    assert monitor(1, params, inputs, targets).share >= fair / spread(params, inputs) * (1 - 1e-9)
    assert not monitor(1, params, inputs, targets).vanishing


def test_the_monitor_counts_its_own_distance_in_and_its_bound_out():
    shares = np.array([0.5, 0.25, 0.125, 0.125])
    for distance, share in {1: 0.5, 2: 0.25, 3: 0.125, 4: 0.0}.items():
        for below in (share or 1e-9, 1.0):
            monitor = VanishingMonitor(distance=distance, below=below, shares=lambda *_: shares)
            reach = monitor(1, {}, shares, shares)
            assert (reach.step, reach.share, reach.vanishing) == (1, share, share < below)


def test_training_reports_vanishing_while_the_norm_looks_healthy():
    reached = {}
    for radius in (0.5, 1.0):
        params, inputs, targets, monitor = linear_net(radius)
        gradients = partial(impl.loss_and_gradients, activation="identity", reduction="mean")
        optimiser = SGD(rate=1e-3)
        run = train(params, [(inputs, targets)], gradients=gradients, optimiser=optimiser, steps=5, monitor=monitor)
        assert [reach.step for reach in run.reaches] == [1, 3, 5]
        assert min(run.norms) > 0.1
        reached[radius] = [reach.vanishing for reach in run.reaches]
    assert reached == {0.5: [True] * 3, 1.0: [False] * 3}


def test_shares_sum_to_one_at_any_scale_and_to_nothing_without_a_gradient():
    params, inputs, targets, _ = linear_net(1.0)
    for scale in (1e-200, 1.0, 1e120):
        tiny = params | {"V": params["V"] * scale}
        squared = partial(distance_shares, activation="identity", loss="squared_error")
        shares = squared(tiny, inputs, np.full((STEPS, 1, 6), 1e-3))
        assert abs(shares.sum() - 1) <= 2 * STEPS * U
    assert not distance_shares(params | {"V": np.zeros((6, 6))}, inputs, targets).any()


@pytest.mark.parametrize(("params", "largest"), [({"a": 0.25, "b": -0.5}, "b"), ({"a": 3.0, "b": 2.0}, "a")])
def test_where_no_gradient_is_to_blame_the_largest_parameter_is(params, largest):
    params = {name: np.array([value]) for name, value in params.items()} | {"none": np.zeros((0, 2))}
    found = {name: np.zeros_like(array) for name, array in params.items()}
    run = train(params, [batch()], gradients=lambda *_: (math.inf, found), optimiser=SGD(rate=1.0), steps=1)
    assert (run.explosion.parameter, run.explosion.reason) == (largest, "the loss is inf")


def test_a_monitor_measures_every_step_of_an_elman_net_if_not_told_otherwise():
    monitor = VanishingMonitor(distance=2, below=0.5)
    rarely = VanishingMonitor(distance=2, below=0.5, every=3)
    params = impl.init_params(4, 4, 4, seed=0)
    run = train(
        params,
        [batch()],
        gradients=impl.loss_and_gradients,
        optimiser=SGD(rate=0.1),
        steps=3,
        monitor=monitor,
    )
    assert [reach.step for reach in run.reaches] == [1, 2, 3]
    assert run.reaches[0].share == distance_shares(params, *batch())[2:].sum()
    run = train(params, [batch()], gradients=impl.loss_and_gradients, optimiser=SGD(rate=0.1), steps=7, monitor=rarely)
    assert [reach.step for reach in run.reaches] == [1, 4, 7]


def test_an_update_that_overflows_ends_training_before_it():
    params, found = {"v": np.ones(1), "w": np.array([1e308])}, {"v": np.ones(1), "w": np.array([-0.5e308])}
    run = train(params, [batch()], gradients=lambda *_: (1.0, found), optimiser=SGD(rate=1.0), steps=9)
    assert (run.explosion.step, run.explosion.parameter) == (2, "w")
    assert run.explosion.reason == "the update of w overflowed"
    assert (run.losses, run.clipped, run.params["w"].tolist(), run.params["v"].tolist()) == (
        (1.0,),
        (False,),
        [1.5e308],
        [0],
    )


def test_no_steps_change_nothing():
    params = impl.init_params(4, 4, 4, seed=0)
    run = train(params, [batch()], gradients=impl.loss_and_gradients, optimiser=Adam(), steps=0)
    assert (run.losses, run.explosion, run.state.count) == ((), None, 0)
    assert all(run.params[name].tobytes() == array.tobytes() for name, array in params.items())
