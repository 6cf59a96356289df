"""The search uphill on the violation: what it finds is certified, meets the assumptions and reads well."""

import numpy as np
import pytest
from sympy import Abs, And, Eq, Ge, Gt, Implies, Le, Lt, MatrixSymbol, Ne, Or, Rational, Symbol, sqrt, tanh

from backproof.nodes import EuclideanNorm, FrobeniusNorm, Inner, SpectralNorm
from backproof.notation import h, n, t
from backproof.referee.directed import climb, symbols_of
from backproof.theory.evaluation.truth import decide
from backproof.theory.records.records import Assumption

A = MatrixSymbol("A", n, n)
B = MatrixSymbol("B", n, Symbol("m", integer=True, positive=True))
u, v = MatrixSymbol("u", n, 1), MatrixSymbol("v", n, 1)
x, y = Symbol("x", real=True), Symbol("y", real=True)
positive = Symbol("r", nonnegative=True)
j, q = Symbol("j", integer=True, nonnegative=True), Symbol("q", integer=True, positive=True)

FALSE = {
    "a bound": Le(Abs(x), 10),
    "a bound from below": Ge(x, -1),
    "an equation": Eq(x**2, x),
    "an inequation": Ne(x * y, y * x + x - x) | Gt(x, 1000),
    "either": Or(Le(x, 1), Le(y, 1)),
    "an implication": Implies(Gt(x, 1), Gt(x, Rational(3, 2))),
    "a strict one": Lt(x**2, x**2 + x),
    "four units": Le(FrobeniusNorm(A), sqrt(3) * SpectralNorm(A)),
    "a sharp constant": Le(Abs(Inner(u, v)), Rational(999, 1000) * EuclideanNorm(u) * EuclideanNorm(v)),
    "other sizes": Le(FrobeniusNorm(B), SpectralNorm(B)),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_found_and_certified(name):
    found = climb(FALSE[name], ())
    assert decide(FALSE[name], found.instance) is False
    assert found.closest > 0


@pytest.mark.parametrize("says", [Le(Abs(tanh(x)), 1), Le(2 * x * y, x**2 + y**2), Ge(x**2, 2 * x - 1)])
def test_of_what_is_true_it_finds_nothing_and_says_how_near_it_came(says):
    found = climb(says, ())
    assert found.instance is None
    assert found.closest <= 1 + 1e-9


def test_a_sharp_bound_is_approached_and_a_loose_one_is_not():
    assert climb(Le(2 * x * y, x**2 + y**2), ()).closest > 0.999
    assert climb(Le(Abs(tanh(x)), 3), ()).closest < 0.6


def test_a_counterexample_has_few_digits():
    (value,) = climb(Le(Abs(x), 10), ()).instance.values()
    assert abs(value) > 10
    assert value == int(value)
    case = climb(Le(Abs(x) + 0 * y, 10 + 0 * Abs(y)), ()).instance
    assert set(case) == {x}


def test_integers_run_from_0_or_from_1_and_nonnegative_numbers_stay_so():
    assert climb(Ge(j, 1), (), starts=40).instance[j] == 0
    assert climb(Ge(q, 2), (), starts=40).instance[q] == 1
    assert climb(Ge(q, 1), (), starts=40).instance is None
    assert climb(Ge(positive, 0), (), starts=10).instance is None
    assert climb(Le(j, 11), (), starts=60).instance[j] == 12


def test_the_assumptions_are_met():
    small = Assumption(name="small", text="x ≤ 20", holds=lambda case: case[x] <= 20, says=Le(x, 20))
    assert 10 < climb(Le(x, 10), (small,)).instance[x] <= 20
    never = Assumption(name="less", text="x ≤ 5", holds=lambda case: case[x] <= 5, says=Le(x, 5))
    assert climb(Le(x, 10), (never,)).instance is None


def test_each_part_of_a_conjunction_is_climbed():
    both = And(Le(x**2, x**2 + 1), Le(Abs(y), 3))
    assert abs(climb(both, ()).instance[y]) > 3


def test_what_is_no_matrix_or_number_is_left_alone():
    quantity = Le(SpectralNorm(A), Abs(Inner(h[t], h[t])))
    assert climb(Eq(Symbol("f")(x) if callable(Symbol("f")) else x, x, evaluate=False), ()).instance is None
    assert symbols_of(quantity) == {A, h[t]} or h[t] in symbols_of(quantity)
    assert symbols_of(Le(SpectralNorm(A), x)) == {A, x}
    assert n not in symbols_of(Le(SpectralNorm(A), n * x))


def test_the_same_seed_climbs_the_same_way():
    first, again, other = (climb(FALSE["a sharp constant"], (), seed=seed) for seed in (1, 1, 2))
    assert repr(first) == repr(again)
    assert np.isfinite(other.closest)
