"""Comparisons let nothing through: NaN, infinities, wrong shapes, an error just beyond its bound, balls."""

import numpy as np
import pytest
from flint import arb, arb_mat

from backproof.theory.arithmetic import Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most, midpoints, truth

NAN, INF = float("nan"), float("inf")
SIZES = [1e-200, 1.0, 1e150]


def ball(middle, radius=0.0):
    return arb_mat([[arb(middle, radius)]])


def single(value):
    return np.array([[value]])


@pytest.mark.parametrize("got", [NAN, INF, -INF])
@pytest.mark.parametrize("bound", [0.0, 1.0, 1e300, INF, NAN])
def test_what_is_no_number_never_agrees_with_a_number(got, bound):
    assert not agree("x", single(got), single(1.0), single(bound)).passes
    assert not agree("x", single(got), ball(1.0), single(bound)).passes


@pytest.mark.parametrize("reference", [NAN, INF])
def test_nor_does_a_number_with_a_reference_that_is_none(reference):
    assert not agree("x", single(1.0), single(reference), single(1.0)).passes
    assert not agree("x", single(1.0), ball(reference), single(1.0)).passes


def test_a_nan_among_right_entries_is_found_and_named():
    found = agree("x", np.array([[1.0, NAN], [1.0, 1.0]]), np.ones((2, 2)), np.ones((2, 2)))
    assert not found.passes
    assert found.detail.startswith("x[0, 1] is nan")


@pytest.mark.parametrize("shape", [(2, 3), (3,), (6,), (1, 3, 2), ()])
def test_another_shape_never_agrees(shape):
    found = agree("x", np.zeros(shape), np.zeros((3, 2)), np.ones((3, 2)))
    assert found.margin == INF
    assert f"has shape {shape}, expected (3, 2)" in found.detail


def test_a_bias_may_stand_for_a_column_but_a_row_may_not():
    for column in (arb_mat([[1], [2]]), np.array([[1.0], [2.0]])):
        assert agree("b", np.array([1.0, 2.0]), column, np.zeros(2)).passes
        assert not agree("b", np.array([2.0, 1.0]), column, np.zeros(2)).passes
        assert not agree("b", np.array([[1.0, 2.0]]), column, np.zeros((1, 2))).passes


@pytest.mark.parametrize("size", SIZES)
def test_an_error_passes_at_its_bound_and_fails_two_roundoffs_beyond(size):
    ulp = np.spacing(size)
    for reference in (single(size), ball(size)):
        assert agree("x", single(size + 4 * ulp), reference, single(4 * ulp)).passes
        assert not agree("x", single(size + 6 * ulp), reference, single(4 * ulp)).passes
        assert not agree("x", single(size - 6 * ulp), reference, single(4 * ulp)).passes


@pytest.mark.parametrize("size", SIZES)
def test_tiny_and_huge_values_are_checked_as_strictly_as_one(size):
    margins = [agree("x", single(s * (1 + 1e-9)), single(s), single(s * 1e-12)).margin for s in (1.0, size)]
    assert margins[1] == pytest.approx(margins[0], rel=1e-3)
    assert margins[1] > 900
    assert not agree("x", single(0.0), ball(size), single(size * 1e-12)).passes


@pytest.mark.parametrize("size", [0.0, *SIZES])
def test_a_bound_of_zero_asks_for_equality(size):
    assert agree("x", single(size), single(size), single(0.0)).margin == 0
    assert agree("x", single(size), ball(size), single(0.0)).passes
    assert not agree("x", single(np.nextafter(size, 1e300)), single(size), single(0.0)).passes


def test_the_radius_of_a_ball_neither_passes_nor_convicts():
    assert agree("x", single(1.0), ball(1.0, 1e-10), single(2e-10)).margin == pytest.approx(0.5)
    for reference, bound in ((ball(1.0, 1e-10), 0.5e-10), (ball(1.0, 1e-10), 0.0), (arb_mat([["+/- inf"]]), 1.0)):
        with pytest.raises(Undecided, match="not known well enough"):
            agree("x", single(1.0), reference, single(bound))
    assert not agree("x", single(1.0 + 3e-10), ball(1.0, 1e-10), single(1e-10)).passes


def test_a_gradient_that_is_exactly_zero_is_not_convicted_for_the_radius_of_the_reference():
    with pytest.raises(Undecided):
        agree("x", single(0.0), ball(0.0, 1e-77), single(0.0))
    assert not agree("x", single(1e-70), ball(0.0, 1e-77), single(0.0)).passes
    one_off = np.array([[0.0], [1.0]])
    assert not agree("x", one_off, arb_mat([[arb(0, 1e-77)], [0]]), 0 * one_off).passes


def test_the_part_of_a_midpoint_that_no_float_holds_counts_too():
    with precision(128):
        third = arb_mat([[arb(1) / 3]])
    near, rest, radius = midpoints(third)
    assert near[0, 0] == 1 / 3
    assert 0 < abs(rest[0, 0]) <= np.spacing(1 / 3) / 2
    assert radius[0, 0] < 1e-16
    assert agree("x", single(1 / 3), third, single(abs(rest[0, 0]) + 2 * radius[0, 0])).passes
    assert not agree("x", single(1 / 3), third, single(0.0)).passes


def test_the_worst_entry_is_named_by_its_ratio_and_not_by_its_error():
    got, bound = np.array([[1.1, 1e-200 + 1e-204]]), np.array([[1.0, 1e-212]])
    found = agree("x", got, np.array([[1.0, 1e-200]]), bound)
    assert found.detail.startswith("x[0, 1] is 1.0001")
    assert "1e+08 times the derived bound 1e-212" in found.detail


def test_nothing_to_compare_is_no_error():
    assert agree("x", np.zeros((0, 2)), np.zeros((0, 2)), np.zeros((0, 2))).margin == 0


@pytest.mark.parametrize(
    ("value", "limit", "slack", "passes"),
    [
        (1.0, 1.0, 0.0, True),
        (np.nextafter(1.0, 2.0), 1.0, 0.0, False),
        (1.0 + 1e-12, 1.0, 2e-12, True),
        (1.0 + 3e-12, 1.0, 2e-12, False),
        (0.0, 0.0, 0.0, True),
        (5e-324, 0.0, 0.0, False),
        (2e-200, 1e-200, 0.0, False),
        (NAN, 1.0, 0.0, False),
        (1.0, NAN, 0.0, False),
        (1.0, 1.0, NAN, False),
        (INF, 1.0, 0.0, False),
        (INF, INF, 0.0, False),
        (-1.0, 0.5, 0.0, True),
    ],
)
def test_at_most(value, limit, slack, passes):
    assert at_most("x", value, limit, slack).passes is passes


@pytest.mark.parametrize(("value", "limit", "slack"), [(1.0, 0.5, 1.0), (1e-300, 0.0, 1e-299), (0.0, -1.0, 2.0)])
def test_what_may_be_rounding_alone_is_neither_within_a_limit_nor_beyond(value, limit, slack):
    with pytest.raises(Undecided, match="rounding may be all of it"):
        at_most("x", value, limit, slack)
    assert at_most("x", limit, value, slack).passes


@pytest.mark.parametrize(
    ("verdict", "passes"), [(True, True), (False, False), (None, False), (1, False), ("yes", False)]
)
def test_only_true_is_a_truth(verdict, passes):
    assert truth("x", verdict).passes is passes


def test_a_margin_that_is_no_number_does_not_pass():
    assert not Comparison(what="x", margin=NAN).passes
