"""What single nodes are worth: gradients, limits, slices, open functions; and when a number equals a matrix."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, arb_mat, fmpq, fmpq_mat
from sympy import And, Eq, Limit, MatrixSymbol, Not, Symbol, oo

from backproof import net
from backproof.nodes import Gradient, SpectralNorm
from backproof.notation import A
from backproof.theory.evaluation.meeting import judged
from backproof.theory.evaluation.relations import equal
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes.base import phi, phi_prime

x, q = Symbol("x", real=True), Symbol("q", real=True)
k = Symbol("k", integer=True, positive=True)
column = MatrixSymbol("v", 2, 1)
TWO = Case({A: [[2, 1], [0, 3]], column: [[1], [-2]]})


def test_a_gradient_is_that_of_the_value_by_its_column():
    """v ↦ vᵀ A v has the gradient (A + Aᵀ) v, an entry for each of v."""
    square = column.T * A * column
    assert decide(Eq(Gradient(square, column), (A + A.T) * column, evaluate=False), TWO) is True
    assert decide(Eq(Gradient(square, column), A * column, evaluate=False), TWO) is False


def test_powers_vanish_in_the_limit_and_closed_limits_are_taken():
    half, two = Case({q: Fraction(1, 2), x: 3}), Case({q: 2, x: 3})
    powers = Eq(Limit(x * q**k, k, oo), 0, evaluate=False)
    assert decide(powers, half) is True
    assert decide(Eq(Limit(x * q**k, k, oo), 1, evaluate=False), half) is False
    assert decide(powers, two) is None
    closed = Limit((x + 1 / k) * (1 - 1 / k), k, oo)
    assert decide(Eq(closed, 3, evaluate=False), half) is True
    assert decide(Eq(closed, 4, evaluate=False), half) is False


def test_a_slice_has_the_rows_and_columns_that_are_named():
    row = MatrixSymbol("r", 1, 2)
    for values, is_it in (([[0, 3]], True), ([[2, 1]], False), ([[3, 0]], False)):
        assert decide(Eq(A[1:2, 0:2], row, evaluate=False), TWO.with_({row: values})) is is_it


@pytest.mark.parametrize(("function", "value"), [(phi, 0), (phi_prime, 1)])
def test_an_open_function_is_that_of_the_activation_at_its_argument(function, value):
    at = NetWithValues(net(W=[[2]], inputs=[[1]], activation="identity", loss="squared_error"), {x: 0.0})
    assert decide(Eq(function(x), value, evaluate=False), at) is True
    assert decide(Eq(function(x), 2, evaluate=False), at) is False
    other = NetWithValues(at.net, {x: 2.0})
    assert decide(Eq(phi(x), 2, evaluate=False), other) is True


def test_a_number_equals_a_matrix_of_one_entry_and_no_other():
    assert equal(fmpq_mat([[fmpq(1, 2)]]), fmpq(1, 2)) is True
    assert equal(fmpq(1, 2), fmpq_mat([[fmpq(1, 3)]])) is False
    assert equal(arb(1), arb_mat([[1]])) is True
    assert equal(arb_mat([[2]]), arb(1)) is False
    assert equal(fmpq_mat([[1, 0], [0, 1]]), fmpq(1)) is False
    assert equal(fmpq(1), fmpq_mat([[1, 0], [0, 1]])) is False
    assert equal(arb(1), arb_mat([[1, 1]])) is False


def test_a_denial_is_judged_where_what_it_denies_is_certain():
    """Beside sides that only meet: both norms are the same number, and balls cannot tell."""
    at = TWO.with_({x: 2})
    meet = Eq(SpectralNorm(A), SpectralNorm(A.T), evaluate=False)
    assert judged(And(meet, Not(Eq(x, 1)), evaluate=False), at)[0] is True
    assert judged(And(meet, Not(Eq(x, 2)), evaluate=False), at)[0] is False
    assert judged(And(meet, Not(Not(Eq(x, 2), evaluate=False), evaluate=False), evaluate=False), at)[0] is True
