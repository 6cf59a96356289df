"""The loss (w^T − y)² of a linear unit whose last state should be y, and a subject's gradient of it.

With T = l + 2 for l = 0, 1, 2, … every power in its first two derivatives has an exponent from 0 on.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, fmpq
from sympy import Rational, Symbol

from backproof.theory.arithmetic import precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.values import Case
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.rounding import tolerances

w, y = Symbol("w", real=True), Symbol("y", real=True)
lag = Symbol("l", integer=True, nonnegative=True)
T = lag + 2


def loss(weight: Any) -> Any:
    """``(w^T − y)²``."""
    return (weight**T - y) ** 2


slope = 2 * T * w ** (lag + 1) * (w**T - y)
"""``f′(w)``."""
curvature = 2 * T * ((lag + 1) * w**lag * (w**T - y) + T * w ** (2 * lag + 2))
"""``f″(w)``."""


def unit(case: Case) -> Net:
    """The linear unit from h_0 = 1; before the last step its targets are its own states. Its loss is half of f."""
    steps, weight = case[lag] + 2, case[w]
    own = [[weight**step] for step in range(1, steps)]
    return net(
        W=[[weight]],
        h0=[[1]],
        inputs=[[0]] * steps,
        targets=[*own, [case[y]]],
        activation="identity",
        loss="squared_error",
    )


def exact_slope(case: Case) -> Fraction:
    """``f′(w)``."""
    values = {symbol: Rational(Fraction(case[symbol])) for symbol in (w, y)}
    found = slope.subs(lag, case[lag]).xreplace(values)
    return Fraction(int(found.p), int(found.q))


def slope_of_a_subject(subject: Any, case: Case) -> Iterator[Comparison]:
    """Half of f′(w) is the subject's gradient of the unit's weight."""
    trained, half = unit(case), exact_slope(case) / 2
    with precision(BITS):
        reference = arb_mat([[arb(fmpq(half.numerator, half.denominator))]])
    yield agree("f′(w)/2", answer(subject, "gradients", trained)["W"], reference, tolerances(trained).gradients["W"])
