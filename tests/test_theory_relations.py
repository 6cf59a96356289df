"""Conjunctions taken apart, and truth with three values."""

from itertools import product

import pytest
from sympy import And, Eq, Ge, Gt, Ne, Symbol, true

from backproof.theory.language.relations import all_of, any_of, implies, negation, parts, together

TRUTHS = (True, False, None)
x = Symbol("x")


def completions(verdicts):
    """The verdicts with every unknown settled in every way."""
    return product(*((True, False) if verdict is None else (verdict,) for verdict in verdicts))


def test_parts_of_a_conjunction_and_of_a_single_relation():
    equation, bound = Eq(x, 1, evaluate=False), Gt(x, 0, evaluate=False)
    assert set(parts(And(equation, bound, evaluate=False))) == {equation, bound}
    assert parts(bound) == (bound,)


def test_relations_are_joined_as_sympy_joins_them_and_without_a_look_inside():
    equation, bound, opposite = Eq(x, 1, evaluate=False), Gt(x, 0, evaluate=False), Ne(x, 1, evaluate=False)
    for relations in ((equation,), (equation, bound), (bound, equation, bound), (And(bound, equation), Ge(x, 2))):
        plainly = And(*relations, evaluate=False)
        assert together(relations) == plainly
        assert (together(relations).args, hash(together(relations))) == (plainly.args, hash(plainly))
    assert set(parts(together((equation, opposite)))) == {equation, opposite}
    assert together(()) is true


@pytest.mark.parametrize("verdicts", [v for size in range(4) for v in product(TRUTHS, repeat=size)])
@pytest.mark.parametrize(("connective", "classical"), [(all_of, all), (any_of, any)])
def test_a_connective_says_what_every_way_to_settle_the_unknown_agrees_on(connective, classical, verdicts):
    found = {classical(settled) for settled in completions(verdicts)}
    assert connective(verdicts) is (found.pop() if len(found) == 1 else None)


@pytest.mark.parametrize(("premise", "conclusion"), list(product(TRUTHS, repeat=2)))
def test_an_implication_likewise(premise, conclusion):
    found = {not first or second for first, second in completions((premise, conclusion))}
    assert implies(premise, conclusion) is (found.pop() if len(found) == 1 else None)


def test_what_is_unknown_stays_unknown_when_negated():
    assert [negation(verdict) for verdict in TRUTHS] == [False, True, None]


def test_nothing_is_asked_for_after_a_part_that_settles_the_whole():
    asked = []
    assert all_of(asked.append(verdict) or verdict for verdict in (True, False, None)) is False
    assert len(asked) == 2
