"""Functions in a cell where they are odd: kinks, jumps, cases, places without a value, and what cannot be said."""

from fractions import Fraction

import numpy as np
import pytest
from sympy import (
    Abs,
    And,
    Eq,
    Heaviside,
    Lambda,
    Max,
    Min,
    Piecewise,
    Rational,
    Symbol,
    exp,
    floor,
    gamma,
    log,
    sign,
    sqrt,
)
from test_cells_functions import by_hand

from backproof import gradcheck
from backproof.cells import CellError, affine, cell, recurrent
from backproof.notation import h, t
from backproof.referee.cellcheck import by_equations, climbed, wrong_at
from backproof.referee.cellwords import verified
from backproof.theory.arithmetic import Balls, Duals, Floats, Multiprecision, Rationals, Undecided
from backproof.theory.arithmetic import Dual as Moving
from backproof.theory.nets.layered_passes import gradients_in

v = Symbol("v")

ODD = {
    "a maximum of three": Lambda(v, Max(v, 0, -v / 2)),
    "a minimum of three": Lambda(v, Min(v, 1, 2 - v)),
    "a jump": Lambda(v, v * Heaviside(v)),
    "three cases": Lambda(v, Piecewise((v**2, v >= 1), (exp(v - 1), v > -1), (0, True))),
    "a constant": Lambda(v, sqrt(2)),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_functions_are_derived_and_right(name):
    one = cell("odd", {h[t]: affine("", h[t - 1]).applyfunc(ODD[name])})
    assert verified(one, runs=2)[1] == []
    assert all(wrong == [] for _, _, wrong in climbed(by_equations(one), one))


@pytest.mark.parametrize("function", [log, sqrt])
def test_where_a_function_has_no_value_nothing_is_said(function):
    one = cell("partial", {h[t]: affine("", h[t - 1]).applyfunc(Lambda(v, function(v)))})
    below, above = (recurrent(one, U=[[1]], W=[[0]], inputs=[[x]], upstream=[[1]]) for x in (-1, 4))
    with np.errstate(invalid="ignore"), pytest.raises(Undecided):
        wrong_at(by_equations(one), below)
    assert wrong_at(by_equations(one), above) == []


FROM_THE_LEFT = {
    "max(z, 0) at 0": (Max(v, 0), 0, 0),
    "min(z, 1) at 1": (Min(v, 1), 1, 1),
    "hard tanh at −1": (Max(-1, Min(1, v)), -1, 0),
    "hard tanh at 1": (Max(-1, Min(1, v)), 1, 1),
    "leaky ReLU at 0": (Max(v, v / 4), 0, Fraction(1, 4)),
    "max(0, −z) at 0": (Max(0, -v), 0, -1),
    "|z| at 0": (Abs(v), 0, -1),
    "cases that hold at 0": (Piecewise((2 * v, v >= 0), (v, True)), 0, 2),
    "cases that do not": (Piecewise((2 * v, v > 0), (v, True)), 0, 1),
}


@pytest.mark.parametrize("what", FROM_THE_LEFT)
@pytest.mark.parametrize("arithmetic", [Floats(), Rationals(), Balls(), Multiprecision()])
def test_at_a_kink_the_slope_is_that_from_the_left_in_every_arithmetic(what, arithmetic):
    function, place, slope = FROM_THE_LEFT[what]
    moving = Moving(arithmetic.matrix([[place]]), arithmetic.matrix([[1]]))
    found = Duals(arithmetic).apply(Lambda(v, function), moving).tangent
    assert float(arithmetic.entry(found, 0, 0) * 4) == 4 * slope
    one = cell("kink", {h[t]: affine("", h[t - 1]).applyfunc(Lambda(v, function))})
    run = recurrent(one, U=[[1]], W=[[0]], inputs=[[place]], upstream=[[1]])
    assert float(gradients_in(run, Floats())["b"].item()) == slope
    gradcheck(
        by_hand(lambda a: np.array(float(function.subs(v, int(a.item())))).reshape(1, 1), lambda _: float(slope)),
        run,
    )


REFUSED = {
    "a step": (floor(v), "floor is not understood; the functions of one number that are understood are tanh, exp, log"),
    "a sign": (v * sign(v), r"sign is not understood; write Piecewise\(\(1, x > 0\)"),
    "a function of whole numbers": (gamma(v), "gamma is not understood"),
    "cases that are joined": (
        Piecewise((v, And(v > 0, v < 1)), (0, True)),
        "is not understood as a case of a function",
    ),
    "cases that are equal": (Piecewise((v, Eq(v, 0)), (0, True)), r"Eq\(v, 0\) is not understood as a case"),
    "nothing elsewhere": (Piecewise((v, v > 0)), r"has no value elsewhere; write \(…, True\) as the last case"),
    "a cubic root": (v ** Rational(1, 3), "is a root that cannot be evaluated"),
    "a float": (0.5 * v, r"0\.5 is not an exact number"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_said_is_refused_by_name(what):
    function, says = REFUSED[what]
    with pytest.raises(CellError, match=says):
        cell("mine", {h[t]: affine("", h[t - 1]).applyfunc(Lambda(v, function))})
