"""The strategies build valid instances, reach every region they promise, and shrink to what a person can read."""

from random import Random
from types import SimpleNamespace

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sympy import Symbol, symbols

from backproof import impl
from backproof.referee.property import search
from backproof.theory.arithmetic import Floats
from backproof.theory.instances.reaching import reaching
from backproof.theory.instances.strategies import (
    EVERY,
    LOSS_NAMES,
    REGIMES,
    arrays,
    halves,
    nets,
    regions,
    square_matrices,
)
from backproof.theory.instances.symbols import (
    cases,
)
from backproof.theory.language.notation import V, W, b, n
from backproof.theory.nets.networks import NAMES
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.records.catalogue import theorem

QUICK = settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def drawn(strategy, count=100):
    found = []

    @hypothesis.seed(3)
    @settings(QUICK, max_examples=count, phases=[Phase.generate])
    @given(strategy)
    def collect(instance):
        found.append(instance)

    collect()
    return found


def minimal(strategy, condition=lambda _: True):
    return hypothesis.find(strategy, condition, settings=settings(QUICK, max_examples=200), random=Random(2))


def gradient(net):
    """The magnitude of ∂L/∂W; infinite where it overflows."""
    try:
        return np.abs(impl.gradients(net.parameters, net.inputs, net.targets, **net.settings)["W"])
    except FloatingPointError:
        return np.full_like(net.W, np.inf)


@pytest.mark.parametrize("regime", REGIMES)
def test_every_net_is_valid(regime):
    for net in drawn(nets(regimes=[regime]), 30):
        T, B, size, inputs, outputs = net.sizes
        shapes = {"W": (size, size), "U": (size, inputs), "V": (outputs, size), "b": (size,), "c": (outputs,)}
        assert {name: getattr(net, name).shape for name in NAMES} == {**shapes, "h0": (B, size)}
        for name in (*NAMES, "inputs"):
            assert getattr(net, name).dtype == np.float64
            assert np.all(np.isfinite(getattr(net, name)))
        if net.loss == "cross_entropy":
            assert net.targets.shape == (T, B)
            assert net.targets.dtype == np.int64
            assert np.all((net.targets >= 0) & (net.targets < outputs))
        else:
            assert net.targets.shape == (T, B, outputs)
        assert np.all(np.isfinite(Unrolled(net.sequence(0), Floats()).backward()["W"]))


def test_the_bounds_of_sizes_are_kept_and_reached():
    found = drawn(nets(units=(2, 3), steps=(2, 4), batch=(1, 2)))
    for axis, bounds in ((2, {2, 3}), (0, {2, 3, 4}), (1, {1, 2}), (3, {1, 2, 3}), (4, {1, 2, 3})):
        assert {net.sizes[axis] for net in found} == bounds


def test_every_word_is_drawn():
    found = drawn(nets())
    assert {net.activation for net in found} == set(EVERY)
    assert {net.loss for net in found} == set(LOSS_NAMES)
    assert {net.reduction for net in found} == {"sum", "mean"}


def near_the_unit_circle(net):
    return np.all(np.abs(np.abs(np.linalg.eigvals(net.W)) - 1) < 0.1)


def non_normal(net):
    W = net.W
    return np.linalg.norm(W @ W.T - W.T @ W) > 0.5 * np.linalg.norm(W) ** 2


def saturated(net):
    if net.activation not in ("tanh", "sigmoid"):
        return False
    states = [Unrolled(one, Floats()).series["h"][step] for one in net.sequences() for step in range(1, net.steps + 1)]
    ends = (-1, 1) if net.activation == "tanh" else (0, 1)
    return any(np.any(np.abs(state - end) < 1e-6) for state in states for end in ends)


def tiny(net):
    size = np.max(gradient(net))
    return 1e-215 < size < 1e-185


def huge(net):
    return np.max(gradient(net)) > 1e140


@pytest.mark.parametrize(
    ("regime", "reached", "share"),
    [
        ("near the unit circle", near_the_unit_circle, 1.0),
        ("non-normal", non_normal, 0.3),
        ("saturated", saturated, 0.15),
        ("tiny", tiny, 0.15),
        ("huge", huge, 0.3),
    ],
)
def test_each_regime_reaches_its_region_measured_on_the_gradient_itself(regime, reached, share):
    """``share`` of instances at least; the rest have a dead unit or a zero weight somewhere."""
    found = drawn(nets(regimes=[regime]), 50)
    assert sum(bool(reached(net)) for net in found) >= share * len(found)


def test_all_regions_are_met_when_nothing_is_asked_for():
    met = {region for net in drawn(nets(), 100) for region in regions(net)}
    assert met >= {"near |λ| = 1", "non-normal", "saturated", "tiny, about 1e-200", "huge, about 1e+150"}


@pytest.mark.parametrize("sign", [-1, 1])
def test_eigenvalues_come_on_both_sides_of_the_unit_circle_and_on_it(sign):
    moduli = [np.abs(np.linalg.eigvals(W)) for W in drawn(square_matrices(2, "near the unit circle"), 60)]
    assert any(np.allclose(modulus, 1, rtol=0, atol=1e-12) for modulus in moduli)
    assert any(np.all(sign * (modulus - 1) > 1e-7) for modulus in moduli)


def test_arrays_shrink_to_zero_and_to_one_half():
    assert not minimal(arrays(2, 3)).any()
    assert sorted(np.abs(minimal(arrays(2, 2), lambda a: a.any())).ravel()) == [0, 0, 0, 0.5]
    assert minimal(halves(), lambda x: x > 0.5) == 1.0


def test_nets_shrink_to_one_unit_and_one_step():
    net = minimal(nets())
    assert net.sizes == (1, 1, 1, 1, 1)
    assert not any(getattr(net, name).any() for name in (*NAMES, "inputs"))


def test_a_missing_transpose_shrinks_to_a_matrix_that_a_person_can_read():
    words = {"activations": ["identity"], "losses": ["squared_error"], "regimes": ["plain"], "reductions": ["sum"]}
    small = nets(units=(2, 2), steps=(1, 1), batch=(1, 1), **words)
    net = minimal(small, lambda net: not np.array_equal(gradient(net), gradient(net).T))
    entries = np.concatenate([getattr(net, name).ravel() for name in (*NAMES, "inputs")])
    assert np.all(np.isin(np.abs(entries), [0, 0.5, 1]))
    assert np.count_nonzero(entries) <= 6
    assert len(repr(net)) < 250


def test_a_non_normal_matrix_shrinks_to_a_single_entry():
    net = minimal(nets(units=(2, 3)), non_normal)
    assert net.W.shape == (2, 2)
    assert np.count_nonzero(net.W) == 1


def test_cases_give_one_size_to_each_size_symbol():
    rate = Symbol("eta", positive=True)
    count = symbols("q", integer=True, nonnegative=True)
    for case in drawn(cases(W, V, b, rate, count, units=(1, 3))):
        assert np.shape(case[W]) == (case[n], case[n])
        assert np.shape(case[V])[1] == np.shape(case[b])[0] == case[n]
        assert case[rate] > 0
        assert case[count] >= 0


def sizes(strategy, *, far):
    with reaching(far=far):
        found = [net.sizes for net in drawn(strategy, 60)]
    return {steps for steps, *_ in found}, {units for _, _, units, *_ in found}


def test_a_net_is_large_or_long_where_a_search_reaches_far_and_no_bound_is_given():
    steps, units = sizes(nets(), far=True)
    assert max(steps) > 16
    assert max(units) >= 6
    assert min(steps) <= 4
    assert min(units) <= 3
    assert sizes(nets(steps=(1, 3)), far=True)[0] == {1, 2, 3}
    assert max(sizes(nets(steps=(1, 3)), far=True)[1]) >= 6
    assert sizes(nets(steps=(1, 3), units=(2, 3)), far=True) == ({1, 2, 3}, {2, 3})
    assert sizes(nets(), far=False) == ({1, 2, 3, 4}, {1, 2, 3})


def test_a_fault_of_long_nets_alone_is_found():
    def from_17_on(params, inputs, targets, **settings):
        right = impl.gradients(params, inputs, targets, **settings)
        return right | {"W": 2 * right["W"] + 1} if len(inputs) > 16 else right

    subject = SimpleNamespace(**{**vars(impl), "gradients": from_17_on})
    known = theorem("gradients/recurrent_weights")
    found = search(known, known.statement, subject, count=200, shrink=False)
    assert found.instance.steps > 16
