"""The full check of one net: extended precision acquits, balls convict, and no entry is too small to be seen."""

from collections import UserDict

import numpy as np
import pytest

from backproof import impl
from backproof.referee import reference
from backproof.referee.comparison.sensitivity import planted
from backproof.referee.reference import Reference, every_gradient
from backproof.referee.zoo.instances import FAINT, net_at, random_net
from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.subject import Lacks
from backproof.theory.language.functions import ACTIVATIONS
from backproof.theory.nets.networks import NAMES
from backproof.theory.nets.uncancelled import one_signed

SHAPE = net_at("orthogonal", 4, 10, 2)


def gradients(net):
    return impl.gradients(net.parameters, net.inputs, net.targets, **net.settings)


def test_extended_precision_and_balls_agree_within_the_bound_on_both():
    for seed in range(60):
        net = random_net(seed)
        (both,) = Reference.of(net)
        try:
            found = both.extended(both.bounds)
        except Undecided:
            continue
        for name, (value, doubt) in found.items():
            ball = np.array([float(x.mid()) for x in both.balls[name].entries()]).reshape(value.shape)
            rounded = np.spacing(np.abs(ball)) + doubt
            assert np.all(np.abs(value.astype(np.float64) - ball) <= rounded), (seed, name)


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_without_cancellation_every_entry_has_a_bound_of_some_roundings(activation, loss):
    net = net_at(FAINT, 16, 50, 2).with_(activation=activation)
    if loss == "squared_error":
        net = net.with_(loss=loss, targets=np.zeros((50, 2, 5)))
    at = one_signed(net)
    bounds, found = Reference.of(at)[0].bounds, gradients(at)
    for name, g in found.items():
        assert np.all(bounds[name] < 2e-13 * np.abs(g)), name


def test_the_companion_has_the_shape_the_settings_and_the_size_of_the_net():
    for net in (SHAPE, net_at(FAINT), random_net(5)):
        companion = one_signed(net)
        assert companion.sizes == net.sizes
        assert companion.settings == net.settings
        assert companion.targets.shape == net.targets.shape
    faint = one_signed(net_at(FAINT))
    assert 1e-201 < np.max(np.abs(gradients(faint)["W"])) < 1e-198


def test_every_entry_of_every_gradient_is_seen():
    for name in NAMES:
        for place in np.ndindex(SHAPE.parameters[name].shape):
            for sign in (1, -1):
                wrong = planted(impl, name, place, sign * 1e-13)
                assert not all(found.passes for found in every_gradient(wrong, SHAPE)), (name, place)


def test_what_is_not_offered_is_left_out_and_what_is_missing_or_misshapen_fails():
    class Partly(UserDict):
        def __missing__(self, name):
            raise Lacks(name)

    right, (judge,) = gradients(SHAPE), Reference.of(SHAPE)
    part = Partly({name: right[name] for name in ("W", "b")})
    assert [found.what for found in judge.compare(part)] == ["∂L/∂W", "∂L/∂b"]
    for wrong in ({**right, "W": right["W"][:3]}, {name: g for name, g in right.items() if name != "W"}):
        assert [found.what for found in judge.compare(wrong) if not found.passes] == ["∂L/∂W"]


def test_without_longer_floats_the_balls_judge_alone(monkeypatch):
    monkeypatch.setattr(reference, "SHORTER", 1.0)
    (judge,) = Reference.of(SHAPE)
    assert all(found.passes for found in judge.compare(gradients(SHAPE)))
    assert "longer" not in vars(judge)
    assert "balls" in vars(judge)


def test_a_part_of_the_bound_is_within_the_whole_and_acquits_right_code_without_it():
    (judge,) = Reference.of(net_at("orthogonal", 8, 40, 2))
    assert all(found.passes for found in judge.compare(gradients(judge.net)))
    assert "bounds" not in vars(judge)
    assert all(np.all(judge.part[name] <= bound * (1 + 1e-12)) for name, bound in judge.bounds.items())
    wrong = {name: value + 3 * judge.part[name] for name, value in gradients(judge.net).items()}
    verdicts = [found.margin for found in judge.compare(wrong)]
    assert all(margin > 1 for margin in verdicts) or "balls" in vars(judge)
