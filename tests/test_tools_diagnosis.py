"""A wrong gradient is told from another network, from single precision and from a noisy oracle."""

import re
from types import SimpleNamespace

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from backproof import impl
from backproof.referee.diagnosis import diagnose, explain
from backproof.referee.oracles import ORACLES, Estimate, balls
from backproof.theory.confronting.subject import Lacks
from backproof.theory.instances.strategies import nets
from backproof.theory.nets.networks import NAMES, net

EXAMPLE = net(
    W=[[0.5, -1], [1, 0.5]],
    U=[[1, 0.5], [-0.5, 1]],
    V=[[1, -1], [0.5, 1]],
    b=[0.5, 0],
    h0=[[0.5, -0.5]],
    inputs=[[1, 0], [0.5, -1], [0.25, 1], [1, 1]],
    targets=[0, 1, 1, 0],
)


def transposed(gradients, _):
    gradients["W"] = gradients["W"].T.copy()


def faulty(change, loss=impl.loss, contributions=impl.contributions):
    def gradients(parameters, inputs, targets, **settings):
        right = impl.gradients(parameters, inputs, targets, **settings)
        change(right, lambda: impl.contributions(parameters, inputs, targets, **settings))
        return right

    return SimpleNamespace(gradients=gradients, loss=loss, contributions=contributions)


def in_one_entry(relative):
    def change(gradients, _):
        gradients["W"][0, 1] *= 1 + relative

    return change


def oldest_step_dropped(gradients, shares):
    gradients["W"] -= shares()["W"][0]


def without_units(gradients, _):
    gradients["W"] = gradients["W"][:, :1]


def not_a_number(gradients, _):
    gradients["W"][1, 0] = np.nan


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (transposed, r"∂L/∂W\[0, 1\].*the gradient is wrong"),
        (in_one_entry(1e-4), r"∂L/∂W\[0, 1\].*the gradient is wrong"),
        (in_one_entry(1e-9), r"∂L/∂W\[0, 1\].*the gradient is wrong"),
        (in_one_entry(1e-12), r"∂L/∂W\[0, 1\].*too coarse to see it; exact oracles do"),
        (oldest_step_dropped, r"∂L/∂W.*shares of the steps are all right"),
        (without_units, r"∂L/∂W is missing.*shape \(2, 2\), got \(2, 1\)"),
        (not_a_number, r"∂L/∂W\[1, 0\] is nan"),
    ],
)
def test_a_wrong_gradient_is_diagnosed(change, says):
    (found,) = diagnose(EXAMPLE, faulty(change))
    assert found.cause == "wrong gradient"
    assert found.times > 5
    assert re.search(says, str(found)), str(found)


def test_the_step_from_which_the_adjoint_goes_wrong_is_named():
    def shares(parameters, inputs, targets, **settings):
        right = impl.contributions(parameters, inputs, targets, **settings)
        right["W"][:2] *= 1.001  # the carry is wrong from step 2 backward
        return right

    def gradients(parameters, inputs, targets, **settings):
        wrong = shares(parameters, inputs, targets, **settings)["W"].sum(axis=0)
        return impl.gradients(parameters, inputs, targets, **settings) | {"W": wrong}

    subject = SimpleNamespace(gradients=gradients, loss=impl.loss, contributions=shares)
    assert "wrong from step 2 on, 2 steps before the last" in explain(EXAMPLE, subject)


def in_single_precision(function):
    def narrowed(parameters, inputs, targets, **settings):
        single = {name: array.astype(np.float32) for name, array in parameters.items()}
        return function(single, inputs.astype(np.float32), targets, **settings)

    return narrowed


def test_single_precision_inside_is_recognised():
    subject = SimpleNamespace(gradients=in_single_precision(impl.gradients), loss=in_single_precision(impl.loss))
    assert {found.cause for found in diagnose(EXAMPLE, subject)} == {"low precision"}


def averaged(function):
    return lambda *arrays, **settings: function(*arrays, **settings | {"reduction": "mean"})


def test_the_gradient_of_another_loss_is_recognised():
    subject = SimpleNamespace(gradients=averaged(impl.gradients), loss=averaged(impl.loss))
    found = diagnose(EXAMPLE, subject)
    assert {one.cause for one in found} == {"another network"}
    assert [one.parameter for one in found] == list(NAMES)
    assert re.search(r"The subject's loss is 0\.91.*, ours 3\.66", str(found[0]))


def test_a_loss_that_is_ours_at_this_instance_only_is_another_network():
    here = EXAMPLE.parameters["c"][0]

    def loss(parameters, inputs, targets, **settings):
        return impl.loss(parameters, inputs, targets, **settings) + 3 * float(parameters["c"][0] - here)

    def shifted(gradients, _):
        gradients["c"][0] += 3

    (found,) = diagnose(EXAMPLE, faulty(shifted, loss=loss))
    assert (found.cause, found.parameter, found.entry) == ("another network", "c", (0,))
    assert "ours only at this instance" in str(found)


def test_a_subject_without_a_loss_is_still_diagnosed():
    subject = SimpleNamespace(gradients=faulty(in_one_entry(1e-4)).gradients)
    assert "offers no loss" in explain(EXAMPLE, subject)


def test_a_subject_without_gradients_lacks_them():
    with pytest.raises(Lacks, match="gradients"):
        diagnose(EXAMPLE, SimpleNamespace())


def test_the_right_implementation_is_left_alone():
    assert diagnose(EXAMPLE, impl) == []
    assert explain(EXAMPLE, impl).startswith("Every gradient agrees")


def test_on_drawn_nets_the_right_one_is_left_alone_and_a_wrong_factor_is_nothing_else():
    def off(gradients, _):
        gradients["W"] = gradients["W"] * (1 + 1e-8)

    @hypothesis.seed(4)
    @settings(
        max_examples=15, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(nets())
    def diagnosed(one):
        assert diagnose(one, impl) == []
        assert {(d.parameter, d.cause) for d in diagnose(one, faulty(off))} <= {("W", "wrong gradient")}

    diagnosed()


def blurred(net, name):
    right = balls(net, name)
    return Estimate(right.value, right.error + 1e-3)


def contradicting(net, name):
    right = balls(net, name)
    return Estimate(right.value * 1.01, right.error)


@pytest.mark.parametrize("subject", [impl, faulty(in_one_entry(1e-6))])
def test_a_noisy_reference_is_called_noisy_whatever_the_gradient(subject):
    found = diagnose(EXAMPLE, subject, ORACLES | {"balls": blurred})
    assert {one.cause for one in found} == {"noisy oracle"}
    assert "nothing can be said" in str(found[0])


def test_oracles_that_contradict_each_other_accuse_nobody():
    (found,) = diagnose(EXAMPLE, faulty(in_one_entry(1e-6)), ORACLES | {"mpmath": contradicting})
    assert found.cause == "noisy oracle"
    assert "The oracles disagree: mpmath says" in str(found)


def test_an_ill_conditioned_net_is_not_judged():
    sharp = net(W=[[4096]], U=[[0]], b=[-2048], h0=[[0.5]], inputs=[[0]] * 8, activation="sigmoid")
    assert "Nothing can be said at this precision" in explain(sharp, impl)
