"""Where a step of plain descent overshoots and raises the loss, the same step with its gradient clipped lowers it.

A clipped step is no longer than η ε. From w ≥ 1 it stays on the side of the minimum where it began if η ε ≤ w − 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq
from hypothesis import strategies as st
from sympy import Abs, And, Ge, Integer, Le, Max, Min, Or, Symbol

from backproof.theory.arithmetic import Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.subject import answer, offered
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.values import Case
from backproof.theory.nets.rounding import tolerances
from backproof.theory.proving.builders import bounded, by_fact, equal
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import PASCANU, ZHANG
from backproof.theory.theorems.learning._power_loss import (
    T,
    exact_slope,
    lag,
    loss,
    slope,
    slope_of_a_subject,
    unit,
    w,
    y,
)

eta, epsilon = (Symbol(name, positive=True) for name in ("eta", "epsilon"))
plain, shortened = w - eta * slope, w - eta * Min(slope, epsilon)
before = loss(w)


def _lowers(after: Any) -> Any:
    return Le(loss(after), before, evaluate=False)


def _raises(after: Any) -> Any:
    return Ge(loss(after), before, evaluate=False)


def _says(clipped: Any, unclipped: Any) -> Any:
    return And(clipped, unclipped, evaluate=False)


def _assumed(name: str, text: str, says: Any) -> Assumption:
    return Assumption(name=name, text=text, holds=certainly(says), says=says)


not_negative = _assumed("target from 0", "y ≥ 0", Ge(y, 0, evaluate=False))
small = _assumed("target at most 1", "y ≤ 1", Le(y, 1, evaluate=False))
room = _assumed("room", "η ε ≤ w − 1", Le(eta * epsilon, w - 1, evaluate=False))
overshoot = _assumed("overshoot", "η f′(w) ≥ 2w", Ge(eta * slope, 2 * w, evaluate=False))

far, close = Symbol("w'", real=True), Symbol("w''", real=True)
DEFINITIONS = {"plain step": equal(far, plain), "clipped step": equal(close, shortened)}
size = Abs(far)


def _monotone(name: str, low: Any, high: Any, power: Any, *by: str) -> Line:
    return by_fact(name, bounded(low**power, high**power), "powers are monotone", *by, a=low, b=high, s=power)


PROOF = Proof(
    lines=(
        line("beyond 1", bounded(Integer(1), w), "real arithmetic", "room", why="There is room for a step"),
        line("1 from 0", Ge(Integer(1), 0, evaluate=False), "real arithmetic"),
        line("w from 0", Ge(w, 0, evaluate=False), "real arithmetic", "beyond 1"),
        _monotone("power of w", Integer(1), w, lag, "1 from 0", "beyond 1"),
        _monotone("last state", Integer(1), w, T, "1 from 0", "beyond 1"),
        line(
            "uphill",
            Ge(slope, 0, evaluate=False),
            "real arithmetic",
            *("beyond 1", "power of w", small.name),
            why="At w ≥ 1 the last state is not below y, and f grows",
        ),
        line(
            "not past 1",
            bounded(Integer(1), close),
            "real arithmetic",
            *("clipped step", "room", "uphill"),
            why="The clipped step is no longer than η ε",
        ),
        line("back", bounded(close, w), "real arithmetic", "clipped step", "uphill"),
        line("from 0", Ge(close, 0, evaluate=False), "real arithmetic", "not past 1"),
        _monotone("still beyond", Integer(1), close, T, "1 from 0", "not past 1"),
        _monotone("nearer", close, w, T, "from 0", "back"),
        line(
            "lower",
            _lowers(close),
            "real arithmetic",
            *("still beyond", "nearer", small.name),
            why="The last state comes nearer to y, and stays above it",
        ),
        line(
            "past −w",
            bounded(far, -w),
            "real arithmetic",
            *("plain step", "overshoot"),
            why="The plain step ends at −w or beyond",
        ),
        line("as large", bounded(w, size), "real arithmetic", "past −w"),
        _monotone("farther", w, size, T, "w from 0", "as large"),
        by_fact(
            "either sign",
            Or(equal(far**T, size**T), equal(far**T, -(size**T)), evaluate=False),
            "power of a modulus",
            a=far,
            s=T,
        ),
        line(
            "higher",
            _raises(far),
            "real arithmetic",
            *("either sign", "farther", "last state", not_negative.name, small.name),
            why="The last state is as large as before or larger, with either sign",
        ),
        line("clipped", _lowers(shortened), "equals for equals", "clipped step", "lower"),
        line("plain", _raises(plain), "equals for equals", "plain step", "higher"),
        line("both", _says(_lowers(shortened), _raises(plain)), "together", "clipped", "plain"),
    )
)


@st.composite
def steps(draw: Any) -> Case:
    """A weight above 1, a rate 2^{-k} at which a plain step overshoots, and a threshold that leaves room."""
    weight, goal = 1 + draw(st.integers(1, 12)) / 4, draw(st.integers(0, 4)) / 4
    case = Case({w: weight, y: goal, lag: draw(st.integers(0, 4))})
    rate = 1.0
    while rate / 2 * exact_slope(case) >= 2 * Fraction(weight):
        rate /= 2
    while rate * exact_slope(case) < 2 * Fraction(weight):
        rate *= 2
    return case.with_({eta: rate, epsilon: (weight - 1) / rate / 2 ** draw(st.integers(0, 4))})


def steps_of_a_subject(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The statement; and the subject's gradient, half of f′, as it is and clipped by half of ε.

    Clipping takes a norm, a quotient and a product of what has the gradient's own error: seven roundings more.
    """
    yield from settled(statement, subject, case)
    yield from slope_of_a_subject(subject, case)
    trained = unit(case)
    threshold, gradient = case[epsilon] / 2, answer(subject, "gradients", trained)["W"]
    clipped = offered(subject, "clip_by_norm")({"W": gradient}, threshold).gradients["W"]
    expected = min(exact_slope(case) / 2, Fraction(threshold))
    with precision(BITS):
        reference = arb_mat([[arb(fmpq(expected.numerator, expected.denominator))]])
    bound = tolerances(trained).gradients["W"] + Roundoff.of(np.float64).gamma(7) * float(expected)
    yield agree("the clipped gradient", clipped, reference, bound)


def _case(weight: float, goal: float, T: int, rate: Any, threshold: float) -> Case:
    return Case({w: weight, y: goal, lag: T - 2, eta: rate, epsilon: threshold})


THEOREM = Theorem(
    title="Clipped descent where plain descent overshoots",
    words="Let f(w) = (w^T − y)² for a linear unit, with T ≥ 2, 0 ≤ y ≤ 1 and w > 1. If η f′(w) ≥ 2w, a plain step of "
    "descent does not lower the loss; with the gradient clipped by ε it does not raise it, if η ε ≤ w − 1.",
    sources=(ZHANG.at("clipped gradient descent against a fixed step"), PASCANU.at("section 3.2")),
    statement=_says(_lowers(shortened), _raises(plain)),
    instances=steps(),
    check=steps_of_a_subject,
    proof=PROOF,
    definitions=DEFINITIONS,
    assumptions=(not_negative, small, room, overshoot),
    without={
        not_negative: _case(2, -1, 3, Fraction(1, 54), 1),
        small: _case(1.5, 2, 2, 2, 0.25),
        room: _case(2, 0, 2, 1, 32),
        overshoot: _case(2, 0, 2, 2**-6, 1),
    },
    certified=(_case(2, 1, 2, 0.5, 2), _case(4, 0, 6, 1, 3), _case(1.25, 1, 3, 1, 0.25)),
    mutants={
        "the clipped step raises it": _says(_raises(shortened), _raises(plain)),
        "the plain step lowers it": _says(_lowers(shortened), _lowers(plain)),
        "clipped uphill": _says(_lowers(w + eta * Min(slope, epsilon)), _raises(plain)),
        "the longer of both": _says(_lowers(w - eta * Max(slope, epsilon)), _raises(plain)),
        "half the plain step": _says(_lowers(shortened), _raises(w - eta * slope / 2)),
    },
    examples=100,
)
