"""What is carried from step to step, means over listed outcomes, and quantities that are given at their times."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Eq, Integer, MatrixSymbol, Symbol

from backproof.theory.arithmetic import Rationals
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.random import Outcome
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.laws import FairSigns, UnderLaw
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Carried, Mean, TimeSum
from backproof.theory.language.notation import Sequence, n, t
from backproof.theory.language.times import times_in

u = Sequence("u", Integer(1))
A, z = MatrixSymbol("A", 1, 1), MatrixSymbol("z", 1, 1)
P, j = Symbol("P"), Symbol("j", integer=True)
sums = Carried(A * z + u[j], z, (j, 1, t))


def values():
    return Case({A: [[2]], u[1]: [[1]], u[2]: [[10]], u[3]: [[100]]})


@pytest.mark.parametrize(("last", "wanted"), [(0, 0), (1, 1), (2, 12), (3, 124)])
def test_what_is_carried_begins_as_zeros_and_is_put_anew_by_each_step(last, wanted):
    assert decide(Eq(sums.subs(t, last), wanted * MatrixSymbol("one", 1, 1), evaluate=False), _with_one()) is True


def _with_one():
    return values().with_({MatrixSymbol("one", 1, 1): [[1]]})


def test_what_is_carried_and_its_index_are_bound():
    assert sums.free_symbols >= {t, A}
    assert not sums.free_symbols & {z, j}
    assert sums.shape == (1, 1)
    assert sums.func(*sums.args) == sums
    assert {t, 1} <= set(times_in(sums))


def test_the_bound_name_does_not_reach_outside():
    """A value of ``z`` that the instance gives is what z means outside, and what is carried inside."""
    outside = values().with_({z: [[7]]})
    assert decide(Eq(sums.subs(t, 2) + z, 19 * MatrixSymbol("one", 1, 1)), outside.with_(_with_one())) is True


def test_a_mean_weighs_outcomes():
    law = (
        Outcome(probability=Fraction(1, 3), values={u[1]: [[3]]}),
        Outcome(probability=Fraction(2, 3), values={u[1]: [[-6]]}),
    )
    found = evaluate(Mean(u[1] * u[1], P), Rationals(), Environment({P: law}))
    assert found[0, 0] == 27  # 9/3 + 36 · 2/3


def test_a_mean_leaves_no_trace():
    environment = Environment({P: FairSigns(u, 1, 1)})
    evaluate(Mean(u[1], P), Rationals(), environment)
    assert set(environment) == {P}


def test_FairSigns_are_uncorrelated():
    v = Sequence("v", n)
    law = FairSigns(v, 2, 2)
    assert len(law) == 16
    assert sum(outcome.probability for outcome in law) == 1
    environment = Environment({P: law, n: 2})
    same, other = (evaluate(Mean(v[1] * v[s].T, P), Rationals(), environment) for s in (1, 2))
    assert same.tolist() == [[1, 0], [0, 1]]
    assert other.tolist() == [[0, 0], [0, 0]]


def test_a_quantity_is_found_at_the_number_of_its_time():
    total = TimeSum(u[j + 1], (j, 0, 2))
    assert evaluate(total, Rationals(), _exact(values()))[0, 0] == 111


def _exact(case):
    return Environment({symbol: Rationals().matrix(rows) for symbol, rows in case.given.items()})


def test_a_time_without_a_value_is_an_error():
    with pytest.raises(KeyError, match="u"):
        evaluate(u[j], Rationals(), Environment({j: 4}))


def test_plain_values_are_read_at_every_time_up_to_the_last():
    instance = UnderLaw(Case({A: [[1]]}), {P: FairSigns(u, 1, 3)}, 3)
    environments = list(instance.environments(Rationals(), Eq(u[t], u[t], evaluate=False)))
    assert [environment[t] for environment in environments] == [1, 2, 3]
    assert len(list(instance.environments(Rationals(), Eq(A, A, evaluate=False)))) == 1
    assert "8 outcomes" in instance.in_words
    assert "FairSigns(u, 1, 3)" in repr(instance)
