"""Bounds on rounding: they cover what correct floats do, and not much more."""

from functools import cache

import numpy as np
import pytest
from test_theory_arithmetic import DOUBLE, SINGLE, drawn, exact

from backproof import impl
from backproof.theory.arithmetic import (
    Approximate,
    Rounded,
    Roundoff,
    Undecided,
)
from backproof.theory.confronting.comparison import agree, midpoints
from backproof.theory.confronting.formats import in_dtype
from backproof.theory.instances.strategies import EVERY, LOSS_NAMES
from backproof.theory.nets.networks import net
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled


@pytest.mark.parametrize("activation", EVERY)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_radius_of_rounded_arithmetic_covers_the_error_and_not_a_hundred_times_more(activation, dtype):
    worst = 0.0
    for seed in range(10):
        one = drawn(seed, activation=activation)
        rounded, reference = Unrolled(one, Rounded(Roundoff.of(dtype))).backward(), exact(one)
        got = impl.gradients(
            {name: array.astype(dtype) for name, array in one.parameters.items()},
            one.inputs.astype(dtype),
            one.targets,
            **one.settings,
        )
        for name, matrix in reference.items():
            radius = rounded[name].radius
            column = got[name].reshape(radius.shape).astype(np.float64)
            found = agree(name, column, matrix, radius)
            assert found.passes
            assert not agree(name, column + 100 * radius, matrix, radius).passes
            worst = max(worst, found.margin)
    assert 1e-3 < worst < 1


def test_each_rounded_operation_covers_what_floats_do():
    rng = np.random.default_rng(0)
    A = Rounded(SINGLE)
    left, right = (rng.normal(size=(50, 6, 6)).astype(np.float32) for _ in range(2))
    exactly = left.astype(np.float64) @ right.astype(np.float64)
    product = A.matmul(A.matrix(left), A.matrix(right))
    assert np.all(np.abs(left @ right - exactly) <= product.radius)
    assert np.all(product.radius < 1e-5 * (np.abs(left) @ np.abs(right)))
    entries = A.hadamard(A.matrix(left), A.matrix(right))
    assert np.all(np.abs(left * right - left.astype(np.float64) * right) <= entries.radius)


def test_a_radius_that_comes_in_goes_out_at_least_as_large():
    A = Rounded(DOUBLE)
    sure, unsure = (Approximate(np.ones((1, 1)), np.full((1, 1), radius), DOUBLE) for radius in (0.0, 1e-3))
    for operate in (A.add, A.matmul, A.hadamard):
        assert operate(sure, unsure).radius >= 1e-3
    assert (sure / unsure).radius >= 1e-3
    assert (unsure * unsure).radius >= 2e-3


def worst_margins(one, dtype):
    """By parameter, the worst error ÷ bound of impl on a net, with the bound and the reference value."""
    bounds = tolerances(one, dtype).gradients
    cast = in_dtype(one, dtype)
    got, reference = impl.gradients(cast.parameters, cast.inputs, cast.targets, **cast.settings), exact(one)
    for name, bound in bounds.items():
        value = midpoints(reference[name])[0].reshape(bound.shape)
        error = np.abs(got[name].astype(np.float64) - value)
        ratio = np.divide(error, bound, out=np.where(error > 0, np.inf, 0.0), where=bound > 0)
        yield float(np.max(ratio)), bound, value


@cache
def margins(dtype):
    """Worst error ÷ bound of impl for each of 100 nets, and how large the bound is beside the gradient."""
    found, sizes = [], []
    for seed in range(100):
        largest = seed % 10 == 0
        units, steps = (16, 50) if largest else (1 + seed % 8, 1 + seed % 13)
        one = drawn(seed, units, steps, EVERY[seed % 4], LOSS_NAMES[seed // 4 % 2], gain=0.9)
        try:
            for margin, bound, value in worst_margins(one, dtype):
                found.append(margin)
                if largest:
                    sizes.append(np.median(bound) / np.linalg.norm(value))
        except Undecided:
            continue
    return np.array(found), np.array(sizes)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_correct_implementation_stays_within_its_bounds_on_a_hundred_nets(dtype):
    found, _ = margins(dtype)
    assert len(found) >= 500
    assert np.max(found) < 1
    assert np.max(found) > 0.01  # a bound that nothing comes near would let errors through


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("units", "steps"), [(64, 60), (4, 500)])
def test_and_on_large_nets(units, steps, dtype):
    found = list(worst_margins(drawn(0, units, steps, "tanh", "cross_entropy", gain=0.3), dtype))
    assert max(margin for margin, _, _ in found) < 1
    assert all(np.median(bound) < 1e7 * Roundoff.of(dtype).unit * np.linalg.norm(value) for _, bound, value in found)


def test_the_bounds_at_16_units_and_50_steps_say_something():
    _, sizes = margins(np.float64)
    assert len(sizes) >= 50
    assert np.median(sizes) < 1e-10


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_bound_is_a_few_thousand_roundoffs_of_the_gradient_at_most(dtype):
    one = drawn(2)
    bound, value = tolerances(one, dtype).gradients["W"], midpoints(exact(one)["W"])[0]
    unit = Roundoff.of(dtype).unit
    assert np.all(bound < 1e4 * unit * np.linalg.norm(value))
    assert np.all(bound > 0)


@pytest.mark.parametrize("scale", [2.0**-664, 2.0**400])
def test_bounds_scale_with_the_gradient(scale):
    one = drawn(2, loss="squared_error", activation="tanh").with_(reduction="sum")
    moved = one.with_(V=one.V * scale, c=one.c * scale, targets=one.targets * scale)
    ratio = tolerances(moved).gradients["c"] / tolerances(one).gradients["c"]
    assert np.allclose(ratio, scale, rtol=1e-6)


def test_an_ill_conditioned_net_is_undecided_and_a_mild_one_is_not():
    sharp = net(W=[[4096]], U=[[0]], b=[-2048], h0=[[0.5]], inputs=[[0]] * 8, activation="sigmoid")
    with pytest.raises(Undecided, match="ill-conditioned in this precision"):
        tolerances(sharp)
    mild = sharp.with_(W=np.array([[4.0]]), b=np.array([-2.0]))
    tolerances(mild)
    with pytest.raises(Undecided):
        tolerances(sharp.with_(W=np.array([[64.0]]), b=np.array([-32.0])), np.float32)
