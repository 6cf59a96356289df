"""Values for symbols have the structure that is asked for, by construction, and are drawn from far and near."""

import pytest
from sympy import Eq, Identity, Le, Lt, Matrix, MatrixSymbol, Rational, Symbol, ZeroMatrix, eye, zeros
from test_tools_strategies import drawn

from backproof.theory.instances.symbols import (
    assumed,
    cases,
    commuting,
    defective,
    nilpotent,
    normal,
    orthogonal,
    projection,
    rank_one,
    same_as,
    skew,
    stable,
    symmetric,
)
from backproof.theory.language.nodes import SpectralRadius
from backproof.theory.language.notation import R, S, V, n, s

A, B, Q = (MatrixSymbol(name, n, n) for name in "ABQ")
PROMISED = {
    orthogonal: lambda M: eye(M.rows) == M.T * M,
    symmetric: lambda M: M.T == M,
    nilpotent: lambda M: M**M.rows == zeros(M.rows, M.rows),
    defective: lambda M: len(M.eigenvals()) == 1,
    stable: lambda M: all(abs(complex(value)) < 1 for value in M.eigenvals()),
    rank_one: lambda M: M.rank() <= 1,
    skew: lambda M: M.T == -M,
    projection: lambda M: M * M == M,
    normal: lambda M: M * M.T == M.T * M,
}


def exact(rows):
    return Matrix([[Rational(entry) for entry in row] for row in rows])


@pytest.mark.parametrize("structure", PROMISED, ids=lambda structure: structure.__name__)
def test_a_matrix_has_the_structure_that_it_is_asked_for(structure):
    found = drawn(cases(structure(Q), A, units=(1, 4)), 100)
    assert all(PROMISED[structure](exact(case[Q])) for case in found)
    assert len({repr(case[Q]) for case in found}) > 10
    assert any(not PROMISED[structure](exact(case[A])) for case in found)


SAID = {
    orthogonal: [Eq(Q.T * Q, Identity(n)), Eq(Identity(n), Q * Q.T)],
    symmetric: [Eq(Q.T, Q), Eq(Q, Q.T)],
    nilpotent: [Eq(SpectralRadius(Q), 0), Eq(Q**3, ZeroMatrix(n, n))],
    stable: [Lt(SpectralRadius(Q), 1)],
    skew: [Eq(Q.T, -Q), Eq(Q, -Q.T)],
    projection: [Eq(Q**2, Q), Eq(Q, Q * Q)],
    normal: [Eq(Q.T * Q, Q * Q.T, evaluate=False)],
}


@pytest.mark.parametrize(
    ("structure", "says"),
    [(structure, says) for structure, them in SAID.items() for says in them],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_a_structure_is_recognised_in_what_a_proposition_says(structure, says):
    assert assumed([Q, A], [says]) == [structure(Q), A]


def test_nothing_is_asked_by_an_equation_between_other_things():
    others = [Eq(A * B, Q), Eq(A.T, B), Eq(A + B, Q), Eq(SpectralRadius(A * B), 0), Eq(A.T * B, Identity(n))]
    assert assumed([A, B, Q], others) == [A, B, Q]


def test_matrices_commute_that_are_to():
    assert assumed([A, B], [Eq(A * B, B * A, evaluate=False)]) == [A, commuting(B, A)]
    found = drawn(cases(commuting(B, A), A, units=(2, 3)), 60)
    for case in found:
        first, second = exact(case[A]), exact(case[B])
        assert first * second == second * first
    assert any(exact(case[A]) != exact(case[B]) != exact(case[B])[0, 0] * eye(len(case[B])) for case in found)


def test_a_structure_is_for_square_matrices():
    with pytest.raises(ValueError, match="V is p by n; only a square matrix is orthogonal"):
        drawn(cases(orthogonal(V)), 1)


def test_wide_draws_reach_far_and_stay_small_as_often():
    found = drawn(cases(A, s, wide=True), 300)
    sizes, powers = [len(case[A]) for case in found], [case[s] for case in found]
    entries = [abs(float(entry)) for case in found for row in case[A] for entry in row if entry]
    assert max(sizes) > 8
    assert max(powers) > 16
    assert min(entries) < 1e-16
    assert max(entries) > 1e16
    assert sum(size <= 3 for size in sizes) > 100


def test_an_assumption_is_met_by_construction():
    small = Symbol("x", positive=True)
    says = [Eq(Q.T * Q, Identity(n)), Eq(A, B), Lt(SpectralRadius(R), 1), Eq(S.T, S), Le(small, 1)]
    found = drawn(cases(*assumed([Q, A, B, R, S, small], says), wide=True), 60)
    for case in found:
        assert PROMISED[orthogonal](exact(case[Q]))
        assert PROMISED[symmetric](exact(case[S]))
        assert PROMISED[stable](exact(case[R])) or len(case[R]) > 4
        assert exact(case[A]) == exact(case[B])
        assert case[small] > 0
    assert {len(case[Q]) for case in found} > {1, 2, 3}


@pytest.mark.parametrize("ring", [[Eq(A, B), Eq(B, Q)], [Eq(Q, B), Eq(B, A)], [Eq(A, B), Eq(B, A)]])
def test_symbols_that_equal_each_other_in_a_row_or_a_ring_are_drawn(ring):
    assert len(drawn(cases(*assumed([A, B, Q], ring), wide=True), 5)) == 5


def test_values_of_a_symbol_that_has_none_are_refused():
    with pytest.raises(ValueError, match="A is to be drawn beside B, which is given no values"):
        drawn(cases(same_as(A, B)), 1)
