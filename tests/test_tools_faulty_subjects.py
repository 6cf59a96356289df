"""Subjects with a planted fault: the theorem on that gradient catches each, with a short counterexample."""

from types import SimpleNamespace

import numpy as np
import pytest
from test_tools_judge import BENCH

from backproof import impl
from backproof.referee.diagnosis import explain
from backproof.referee.judge import Bench
from backproof.theory.nets.networks import net
from backproof.theory.records.catalogue import theorem


def faulty(change):
    def gradients(parameters, inputs, targets, **settings):
        right = impl.gradients(parameters, inputs, targets, **settings)
        change(right, (parameters, inputs, targets), settings)
        return right

    return SimpleNamespace(gradients=gradients, loss=impl.loss, contributions=impl.contributions)


def transposed(gradients, arrays, settings):
    gradients["W"] = gradients["W"].T.copy()


def oldest_step_dropped(gradients, arrays, settings):
    gradients["W"] -= impl.contributions(*arrays, **settings)["W"][0]


def one_entry_off(gradients, arrays, settings):
    gradients["W"].ravel()[-1] *= 1 + 1e-9


def detached(gradients, arrays, settings):
    steps = range(1, len(arrays[1]) + 1)
    gradients["W"] = sum(impl.contributions_by_distance(*arrays, step=t, **settings)["W"][-1] for t in steps)


def carried_in_single_precision(gradients, arrays, settings):
    if gradients["W"].dtype == np.float64:
        with np.errstate(all="ignore"):
            gradients["W"] = gradients["W"].astype(np.float32).astype(np.float64)


def summed_for_the_mean(gradients, arrays, settings):
    gradients["W"] *= arrays[1].shape[0] if settings["reduction"] == "mean" else 1


FAULTS = [
    transposed,
    oldest_step_dropped,
    one_entry_off,
    detached,
    carried_in_single_precision,
    summed_for_the_mean,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_faulty_subject_is_caught_by_the_theorem_on_that_gradient_alone(fault):
    bench, one = Bench(subject=faulty(fault)), theorem("gradients/recurrent_weights")
    caught = bench.search(one, one.statement, shrink=False)
    assert caught.counterexample is not None
    assert caught.message.startswith("∂L/∂W in float")
    other = theorem("gradients/hidden_bias")
    assert bench.search(other, other.statement, only=5).passes


def test_the_counterexample_to_a_faulty_subject_is_short():
    bench, one = Bench(subject=faulty(one_entry_off)), theorem("gradients/recurrent_weights")
    caught = bench.search(one, one.statement)
    assert len(caught.counterexample) < 250
    assert "times the derived bound" in caught.message


@pytest.mark.parametrize("fault", [*FAULTS[:4], FAULTS[5]], ids=lambda fault: fault.__name__)
def test_and_is_diagnosed(fault):
    one = net(
        W=[[0.5, -1], [1, 0.5]],
        U=[[1, 0.5], [-0.5, 1]],
        V=[[1, -1], [0.5, 1]],
        h0=[[0.5, -0.5]],
        inputs=[[1, 0], [0.5, -1], [0.25, 1]],
        targets=[0, 1, 1],
        reduction="mean",
    )
    text = explain(one, faulty(fault))
    assert text.startswith("∂L/∂W[")
    assert "the gradient is wrong" in text


def test_the_right_subject_passes_where_the_faulty_ones_fail():
    one = theorem("gradients/recurrent_weights")
    assert BENCH.search(one, one.statement, only=40).passes
