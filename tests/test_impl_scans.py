"""The associative scan against exact rationals and against steps one after the other, each within its own bound."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from impl_twins import DIAGONAL, EQUATIONS

from backproof.impl import CELLS, in_parallel, layered_back, layered_forward
from backproof.impl.scans import scan
from backproof.referee.cellladder import drawn
from backproof.theory.arithmetic import Roundoff
from backproof.theory.nets.layered_rounding import layered_tolerances

ROUNDOFF = Roundoff.of(np.float64)


def stepped(decays, writes, first):
    """The recurrence as it is written, in whatever arithmetic the entries have."""
    states, state = [], first
    for d, w in zip(decays, writes, strict=True):
        state = d * state + w
        states.append(state)
    return np.array(states)


def exact(array):
    return np.array([[Fraction(float(entry)) for entry in row] for row in np.atleast_2d(array)])


def bounds(decays, writes, first):
    """How far scan and steps may be off: the roundings on a term's way, times the sum of the terms' magnitudes."""
    steps = len(decays)
    size = stepped(np.abs(decays), np.abs(writes), np.abs(first))
    in_parallel = steps + 2 * int(np.ceil(np.log2(steps))) + 1
    # A product may underflow as well, and what is lost then passes decays of at most 1.
    return [ROUNDOFF.gamma(count) * size + count * steps * ROUNDOFF.tiny for count in (in_parallel, 2 * steps)]


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 7, 8, 17, 64])
@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e180, 5e-324])
def test_a_scan_is_the_recurrence(steps, scale):
    rng = np.random.default_rng(steps)
    decays = np.where(rng.random((steps, 3)) < 0.3, rng.choice([0.0, 1e-300, 1.0], (steps, 3)), rng.random((steps, 3)))
    writes, first = scale * rng.normal(size=(steps, 3)), scale * rng.normal(size=3)
    reference = stepped(exact(decays), exact(writes), exact(first)[0])
    of_scan, of_steps = bounds(decays, writes, first)
    for found, bound in ((scan(decays, writes, first), of_scan), (stepped(decays, writes, first), of_steps)):
        assert np.all(np.abs(exact(found) - reference) <= exact(bound))


def test_the_bound_of_a_scan_sees_a_mistake():
    rng = np.random.default_rng(0)
    decays, writes, first = rng.random((8, 3)), rng.normal(size=(8, 3)), rng.normal(size=3)
    reference, bound = stepped(decays, writes, first), sum(bounds(decays, writes, first))
    shifted = scan(np.roll(decays, 1, axis=0), writes, first)
    for wrong in (shifted, scan(decays, writes, 0 * first), scan(decays, writes, first) * (1 + 1e-13)):
        assert np.any(np.abs(wrong - reference) > bound)


def no_steps(*_):
    raise AssertionError("a scan takes no steps")


@pytest.mark.parametrize("name", DIAGONAL)
def test_in_parallel_and_step_by_step_agree(name):
    run = drawn(EQUATIONS[name], np.random.default_rng(1), steps=33, batch=2, size=3)
    allowed = layered_tolerances(run)
    at_once = replace(in_parallel(CELLS[name]), forward=no_steps, back=no_steps)
    there = [layered_forward(cell, run.passed, run.inputs) for cell in (CELLS[name], at_once)]
    values = there[0].runs[0][0].values
    (state,) = CELLS[name].states
    bound = sum(bounds(values["decay"], values["write"], run.arrays[f"{state}0"]))
    states = [one.runs[0][0].values[state] for one in there]
    assert np.all(np.abs(states[0] - states[1]) <= bound)
    one_by_one, together = (layered_back(one, run.targets, run.asked) for one in there)
    for key, gradient in one_by_one.items():
        assert np.all(np.abs(together[key] - gradient) <= 2 * allowed[key]), key


def test_a_scan_writes_to_nothing_that_it_is_given():
    decays, writes, first = np.full((5, 1), 0.5), np.ones((5, 1)), np.ones(1)
    for array in (decays, writes, first):
        array.flags.writeable = False
    np.testing.assert_array_equal(scan(decays, writes, first)[:, 0], [1.5, 1.75, 1.875, 1.9375, 1.96875])
