"""Sides that meet: a difference counts as 0 only if finer balls shrink around 0, and quantifiers are what they say."""

from __future__ import annotations

import pytest
from flint import arb
from sympy import Abs, Eq, Ge, MatrixSymbol, Symbol

from backproof.theory.evaluation.meeting import BITS, DIGITS_A_BIT, FINER, digits_met, judged
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import ForEveryEigenvalue, ForSomeEigenvalue, SpectralNorm, SpectralRadius
from backproof.theory.language.notation import A

mu = Symbol("mu", complex=True)
FAR = 2.0 ** -(FINER - BITS)


@pytest.mark.parametrize(
    ("before", "after", "met"),
    [
        (arb(0, 1e-70), arb(0), True),
        (arb(0, 1e-70), arb(0, 1e-70 * FAR), True),
        (arb(0, 1e-70), arb(0, 1e-71), False),  # finer arithmetic hardly narrows it: it may hide a difference
        (arb(0, 1), arb(2.0**-1000, 2.0**-1030), False),  # certainly another number, however small
        (arb(0), arb(0, 1e-300), False),
    ],
)
def test_a_difference_is_zero_if_balls_shrink_around_it(before: arb, after: arb, met: bool) -> None:
    found = digits_met(before, after)
    assert (found is not None) is met
    assert found is None or found >= BITS * DIGITS_A_BIT


def test_every_eigenvalue_and_some_eigenvalue() -> None:
    two = Case({A: [[1, 0], [0, 2]]})
    one = Eq(mu, 1)
    assert decide(ForSomeEigenvalue(A, mu, one), two) is True
    assert decide(ForEveryEigenvalue(A, mu, one), two) is False
    assert decide(ForSomeEigenvalue(A, mu, Eq(mu, 3)), two) is False
    assert decide(ForEveryEigenvalue(A, mu, Ge(Abs(mu), 1)), two) is not False


def test_the_eigenvalue_that_attains_the_radius_meets_it() -> None:
    turning = Case({A: [[1, -2], [3, 1]]})
    verdict, digits = judged(ForSomeEigenvalue(A, mu, Ge(Abs(mu), SpectralRadius(A))), turning)
    assert verdict is True
    assert digits is None or digits > 70


def test_sides_that_differ_far_down_are_told_apart() -> None:
    tiny = Symbol("tiny", real=True)
    B = MatrixSymbol("B", 2, 2)
    case = Case({B: [[1, 2], [3, 4]], tiny: 2.0**-500})
    assert judged(Eq(SpectralNorm(B) * (1 + tiny), SpectralNorm(B.T), evaluate=False), case)[0] is False
