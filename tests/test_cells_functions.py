"""Functions in a cell, h = φ(W h + U x + b): said in every arithmetic, derived, and checked against code by hand."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy.special import erf as scipy_erf
from scipy.special import erfc, expit
from sympy import (
    Abs,
    Lambda,
    Max,
    Min,
    Piecewise,
    Rational,
    Symbol,
    cos,
    erf,
    exp,
    log,
    pi,
    sin,
    sqrt,
    tanh,
)
from sympy.codegen.cfunctions import expm1

from backproof import WrongGradient, gradcheck
from backproof.cells import affine, cell
from backproof.notation import h, t
from backproof.referee.cellcheck import by_equations, climbed
from backproof.referee.cellladder import ladder
from backproof.referee.cellwords import verified
from backproof.theory.arithmetic import (
    Balls,
    Floats,
    Multiprecision,
    NotOffered,
    Rationals,
    precision,
)
from backproof.theory.language.functions import logistic, softplus
from backproof.theory.nets.faults import faults
from backproof.theory.nets.layered_passes import gradients_in
from backproof.theory.nets.layered_rounding import layered_tolerances

v = Symbol("v")
half = Rational(1, 2)
inner = sqrt(2 / pi) * (v + Rational(44715, 10**6) * v**3)


def bell(a):
    """The density of the normal distribution."""
    return np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi)


def gelu_tanh(a):
    return np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3))


def gelu_tanh_slope(a):
    s, inside = gelu_tanh(a), np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * a**2)
    return (1 + s) / 2 + a * (1 - s**2) * inside / 2


FUNCTIONS = {
    "softplus": (softplus, lambda a: np.logaddexp(0, a), expit),
    "SiLU": (Lambda(v, v * logistic(v)), lambda a: a * expit(a), lambda a: expit(a) * (1 + a * expit(-a))),
    "GELU": (
        Lambda(v, v * (1 + erf(v / sqrt(2))) / 2),
        lambda a: a * erfc(-a / np.sqrt(2)) / 2,
        lambda a: erfc(-a / np.sqrt(2)) / 2 + a * bell(a),
    ),
    "GELU, as PyTorch sums it": (
        Lambda(v, v * (1 + erf(v / sqrt(2))) / 2),
        lambda a: a * 0.5 * (1 + scipy_erf(a * np.sqrt(0.5))),
        lambda a: 0.5 * (1 + scipy_erf(a * np.sqrt(0.5))) + a * bell(a),
    ),
    "GELU, by tanh": (Lambda(v, v * (1 + tanh(inner)) / 2), lambda a: a * (1 + gelu_tanh(a)) / 2, gelu_tanh_slope),
    "ELU": (
        Lambda(v, Max(v, 0) + expm1(Min(v, 0))),
        lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))),
        lambda a: np.where(a > 0, 1, np.exp(np.minimum(a, 0))),
    ),
    "ELU, by cases": (
        Lambda(v, Piecewise((v, v > 0), (exp(v) - 1, True))),
        lambda a: np.where(a > 0, a, np.exp(np.minimum(a, 0)) - 1),
        lambda a: np.where(a > 0, 1, np.exp(np.minimum(a, 0))),
    ),
    "leaky ReLU": (
        Lambda(v, Max(v, v / 100)),
        lambda a: np.where(a > 0, a, 0.01 * a),
        lambda a: np.where(a > 0, 1, 0.01),
    ),
    "hard tanh": (Lambda(v, Max(-1, Min(1, v))), lambda a: np.clip(a, -1, 1), lambda a: np.where(np.abs(a) < 1, 1, 0)),
    "hard sigmoid": (
        Lambda(v, Max(0, Min(1, v / 6 + half))),
        lambda a: np.clip(a / 6 + 0.5, 0, 1),
        lambda a: np.where(np.abs(a) < 3, 1 / 6, 0),
    ),
    "softsign": (Lambda(v, v / (1 + Abs(v))), lambda a: a / (1 + np.abs(a)), lambda a: 1 / (1 + np.abs(a)) ** 2),
    "sin": (sin, np.sin, np.cos),
    "cos": (cos, np.cos, lambda a: -np.sin(a)),
    "the g of minGRU": (
        Lambda(v, Max(v, 0) + logistic(Min(v, 0))),
        lambda a: np.where(a > 0, a + 0.5, expit(a)),
        lambda a: np.where(a > 0, 1, expit(a) * expit(-a)),
    ),
    "exp": (exp, np.exp, np.exp),
    "log": (Lambda(v, log(1 + v**2)), lambda a: np.log(1 + a**2), lambda a: 2 * a / (1 + a**2)),
    "a root of a constant": (
        Lambda(v, sqrt(2) * tanh(v) / 3),
        lambda a: np.sqrt(2) * np.tanh(a) / 3,
        lambda a: np.sqrt(2) * (1 - np.tanh(a) ** 2) / 3,
    ),
}
"""The function as an expression; as code, and its slope."""


def net(name):
    return cell(name, {h[t]: affine("", h[t - 1]).applyfunc(FUNCTIONS[name][0])})


def by_hand(function, slope):
    """The backward pass of an Elman net that somebody wrote."""

    def gradients(params, inputs, upstream, last):
        W, U, b = (params[name] for name in "WUb")
        states, a = [params["h0"]], []
        for x in inputs:
            a.append(states[-1] @ W.T + x @ U.T + b)
            states.append(function(a[-1]))
        found = {name: np.zeros_like(params[name]) for name in "WUb"} | {"inputs": np.zeros_like(inputs)}
        delta = last.get("h", np.zeros_like(params["h0"]))
        for s in reversed(range(len(inputs))):
            alpha = slope(a[s]) * (delta + upstream[s])
            found["W"] += alpha.T @ states[s]
            found["U"] += alpha.T @ inputs[s]
            found["b"] += alpha.sum(axis=0)
            found["inputs"][s] = alpha @ U
            delta = alpha @ W
        return found | {"h0": delta}

    return gradients


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_derived_and_code_by_hand_is_right(name):
    assert verified(net(name), runs=2) == (72, [])
    _, function, slope = FUNCTIONS[name]
    found = {rung: wrong for rung, _, wrong in climbed(by_hand(function, slope), net(name))}
    undecided = {"past 64 steps", "past 256 steps"} if name == "exp" else set()  # its states grow past every float
    assert found == {rung: None if rung in undecided else [] for rung in found}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_slope_that_is_off_by_a_part_in_a_million_million_is_seen(name):
    _, function, slope = FUNCTIONS[name]
    with pytest.raises(WrongGradient):
        gradcheck(by_hand(function, lambda a: slope(a) * (1 + 1e-12)), net(name))


@pytest.mark.parametrize("name", ["GELU", "sin", "hard sigmoid", "ELU, by cases"])
def test_every_fault_of_a_net_with_the_function_is_caught(name):
    for faulty in faults(net(name)):
        with pytest.raises(WrongGradient):
            gradcheck(by_equations(faulty), net(name))


WRONG = {
    "the exact slope for the approximation by tanh": ("GELU, by tanh", FUNCTIONS["GELU"][2]),
    "the approximation's slope for the exact one": ("GELU", gelu_tanh_slope),
    "SiLU's slope without its second summand": ("SiLU", expit),
    "Keras' slope of the hard sigmoid, 1/5": ("hard sigmoid", lambda a: np.where(np.abs(a) < 3, 0.2, 0)),
    "ELU's slope by its value, plus 1 everywhere": (
        "ELU",
        lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))) + 1,
    ),
    "no sign in the slope of cos": ("cos", np.sin),
    "ReLU's slope for a leaky one": ("leaky ReLU", lambda a: np.where(a > 0, 1, 0)),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_slope_of_another_function_is_wrong(what):
    name, slope = WRONG[what]
    with pytest.raises(WrongGradient):
        gradcheck(by_hand(FUNCTIONS[name][1], slope), net(name))


UNITS = {Floats(): 2.0**-53, Floats(np.longdouble): float(np.finfo(np.longdouble).eps) / 2, Multiprecision(): 2.0**-169}
"""The unit roundoff of each arithmetic; mpmath's at 169 bits."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_arithmetic_evaluates_it_to_its_own_precision(name):
    """The first-order bound is proportional to the unit roundoff, but for underflow, which these runs do not meet."""
    _, run = list(ladder(net(name)))[1]
    radii = layered_tolerances(run)
    with precision(256), mpmath.workprec(169):
        balls = {
            one: [exactly(ball.mid()) for ball in value.entries()] for one, value in gradients_in(run, Balls()).items()
        }
        for arithmetic, unit in UNITS.items():
            for one, value in gradients_in(run, arithmetic).items():
                entries = list(value) if isinstance(arithmetic, Multiprecision) else np.ravel(value)
                for entry, true, radius in zip(entries, balls[one], np.ravel(radii[one]), strict=True):
                    assert abs(true - in_full(entry)) <= radius * unit * 2**53, (arithmetic, one)


def exactly(ball):
    mantissa, exponent = ball.man_exp()
    return mpmath.ldexp(int(mantissa), int(exponent))


def in_full(value):
    """A number of any of the arithmetics in mpmath, every digit of it."""
    return (
        value if isinstance(value, mpmath.mpf) else mpmath.mpf(float(value)) + mpmath.mpf(float(value - float(value)))
    )


EXACT = {"leaky ReLU", "hard tanh", "hard sigmoid", "softsign"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_rationals_have_what_is_rational_and_refuse_the_rest_by_name(name):
    _, run = next(ladder(net(name)))
    if name not in EXACT:
        with pytest.raises(NotOffered, match="exact rationals have no "):
            gradients_in(run, Rationals())
        return
    exact, floats = gradients_in(run, Rationals()), gradients_in(run, Floats())
    for one, value in exact.items():
        np.testing.assert_allclose(
            [float(q.p) / float(q.q) for q in value.entries()], np.ravel(floats[one]), rtol=1e-13
        )


@pytest.mark.parametrize("arithmetic", [Balls(), Multiprecision(), Rationals()])
def test_a_fraction_in_a_function_is_that_fraction(arithmetic):
    with precision(256), mpmath.workdps(60):
        one = arithmetic.matrix([[1]])
        found = arithmetic.entry(arithmetic.apply(Lambda(v, v / 100 + Rational(1, 3) + half), one), 0, 0)
        off = found - arithmetic.number(Fraction(253, 300))
        if isinstance(arithmetic, Balls):
            assert off.contains(0)
            assert off.rad() < 2.0**-250
        else:
            assert off == 0 if isinstance(arithmetic, Rationals) else abs(off) < 2 * mpmath.eps


def test_a_number_times_a_matrix_may_be_a_root():
    one = cell("scaled", {h[t]: (sqrt(2) / pi * affine("", h[t - 1])).applyfunc(tanh)})
    assert verified(one)[1] == []
    assert all(wrong == [] for _, _, wrong in climbed(by_equations(one), one))
