"""Siblings that the referee makes itself: what they are, and what accepts a false one is found out and named."""

import pytest
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, MatrixSymbol, Ne, Or, Rational, Symbol, oo
from test_tools_judge import BENCH, FIELDS, NORMS, A, made

from backproof import impl
from backproof.referee.by_kind import problems_of
from backproof.referee.judge import judge
from backproof.referee.siblings import CHANCES, machine_siblings
from backproof.theory.arithmetic import Balls, Undecided
from backproof.theory.confronting.comparison import at_most, truth
from backproof.theory.confronting.reading import reads
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import FrobeniusNorm, LossGradient, SpectralNorm, StateJacobian, TimeSum
from backproof.theory.language.notation import W, alpha, h, k, t
from backproof.theory.records import derivations
from backproof.theory.records.catalogue import theorem
from backproof.theory.records.siblings import machine_made

x, y = Symbol("x", real=True), Symbol("y", real=True)


def kinds(statement):
    return [(sibling.kind, sibling.statement) for sibling in machine_made(statement)]


def test_each_part_turns_into_its_opposite_and_each_bound_around_and_tighter():
    assert kinds(Le(x, y)) == [
        ("opposite", Gt(x, y, evaluate=False)),
        ("sign", Ge(x, y, evaluate=False)),
        ("constant", Le(x, Rational(999, 1000) * y, evaluate=False)),
    ]
    assert ("constant", Ge(x, 1001 * y / 1000, evaluate=False)) in kinds(Ge(x, y))
    assert ("constant", Lt(x, -3 * Rational(1001, 1000), evaluate=False)) in kinds(Lt(x, -3))
    assert kinds(Eq(x, y)) == [("opposite", Ne(x, y)), ("sign", Eq(x, -y))]
    assert kinds(Gt(x, 0)) == [("opposite", Le(x, 0)), ("sign", Lt(x, 0))]


def test_the_parts_are_those_of_conjunctions_and_conclusions():
    joined = And(Le(x, y), Implies(Gt(x, 0), Eq(x, y)))
    changed = [whole for kind, whole in kinds(joined) if kind == "opposite"]
    assert And(Gt(x, y), Implies(Gt(x, 0), Eq(x, y)), evaluate=False) in changed
    assert And(Le(x, y), Implies(Gt(x, 0), Ne(x, y)), evaluate=False) in changed
    either = Or(Le(x, 1), Ge(x, y))
    assert ("sign", Or(Ge(x, 1), Ge(x, y))) in kinds(either)
    assert len([kind for kind, _ in kinds(either) if kind == "opposite"]) == 1


def test_each_time_is_off_by_one_in_one_place_alone():
    backward = Eq(LossGradient(W), TimeSum(alpha[t] * h[t - 1].T, t, 1, 5), evaluate=False)
    shifted = [whole.rhs for kind, whole in kinds(backward) if kind == "index"]
    assert shifted == [
        TimeSum(alpha[t] * h[t - 1].T, t, 2, 5),
        TimeSum(alpha[t] * h[t - 1].T, t, 1, 6),
        TimeSum(alpha[t + 1] * h[t - 1].T, t, 1, 5),
        TimeSum(alpha[t] * h[t].T, t, 1, 5),
    ]
    bound = Le(SpectralNorm(StateJacobian(t, k)), 1)
    left = [whole.lhs.args[0] for kind, whole in kinds(bound) if kind == "index"]
    assert left == [StateJacobian(t + 1, k), StateJacobian(t, k + 1)]


def test_a_proof_that_holds_rejects_every_sibling_that_is_false_somewhere():
    record = judge("x", made(), BENCH)
    assert record.verdict == "proved"
    assert {m.kind: m.outcome for m in record.machine_made} == {
        "opposite": "rejected",
        "sign": "rejected",
        "constant": "rejected",
    }
    assert all(m.instance for m in record.machine_made)


def test_a_true_sibling_is_undecided_and_fails_nothing():
    squares = Le(SpectralNorm(A), 1 + FrobeniusNorm(A))  # not sharp: a thousandth less holds as well
    record = judge("x", made(statement=squares, proof=None, examples=20), BENCH)
    assert record.verdict == "tested"
    assert {m.kind for m in record.machine_made if m.outcome == "undecided"} == {"constant"}


# Functions of a record's own that answer without looking.

CHEATS = {
    "a decision that always agrees": ({"decide": lambda *_: True}, "accepted by the decide: the opposite"),
    "a decision on the statement without the instance": (
        {"decide": lambda statement, _: statement == NORMS},
        "The theorem's own 'decide' says yes without reading the instance",
    ),
    "a decision on the instance without the statement": (
        {"decide": lambda _, case: decide(NORMS, case)},
        "accepted by the decide: the opposite",
    ),
    "a check that always agrees": ({"check": lambda *_: [truth("x", True)]}, "accepted by the check: the opposite"),
    "a check that compares the statement with itself": (
        {"check": lambda statement, *_: [truth("itself", statement == NORMS)]},
        "The theorem's own 'check' says yes without reading the instance",
    ),
    "a check on the instance without the statement": (
        {"check": lambda _, subject, case: [truth("norms", decide(NORMS, case) is not False)]},
        "The theorem's own 'check' says yes without reading the statement",
    ),
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_function_that_does_not_look_is_found_out_and_named(name):
    changes, says = CHEATS[name]
    cheat = made(certified=(Case({A: [[1, 2], [0, 1]]}),), examples=20, **changes)
    record = judge("x", cheat, BENCH)
    assert record.verdict == "failed"
    assert any(says in problem for problem in record.problems), record.problems
    assert any(says in problem for problem in problems_of("x", cheat, "mutants", BENCH))


def test_a_check_may_miss_within_rounding_what_it_has_read_and_at_a_few_instances_alone():
    def coarse(statement, subject, case):
        here = next(case.environments(Balls(), statement))
        yield at_most("norm", *(float(evaluate(side, Balls(), here)) for side in statement.args), slack=0.01)

    def accepting(check, count):
        near = [Case({A: [[1, 0], [0, entry / 1024]]}) for entry in range(count)]
        found = machine_siblings(made(check=check), impl, near, ())
        return {record.kind: record.accepted_by for record in found}["constant"]

    assert accepting(coarse, CHANCES - 1) == ()
    assert accepting(coarse, CHANCES) == ("check",)
    assert accepting(lambda *_: [truth("x", True)], 1) == ("check",)


def test_a_proof_that_would_say_anything_is_found_out(monkeypatch):
    monkeypatch.setattr(derivations, "proves_each", lambda *_: True)
    record = judge("x", made(check=FIELDS["check"], examples=20), BENCH)
    assert any(problem.startswith("Certainly false, and accepted by the proof") for problem in record.problems)


# What let false siblings of the catalogue through.


def test_a_check_says_nothing_of_a_relation_that_it_does_not_read():
    @reads(Eq, times=(t,))
    def check(statement, subject, instance):
        yield truth("always", True)

    assert list(check(Eq(h[t], alpha[t]), None, None))
    for other in (Ne(h[t], alpha[t]), Le(x, y), Eq(h[t + 1], alpha[t], evaluate=False), Eq(x, 1) & Ne(x, y)):
        with pytest.raises(Undecided):
            list(check(other, None, None))


def test_nothing_is_at_most_a_negative_limit_by_being_positive():
    assert not at_most("x", 1.0, -1.0).passes
    assert at_most("x", -2.0, -1.0).passes
    assert not at_most("x", float("nan"), -1.0).passes
    assert not at_most("x", -float(1), -float(oo)).passes


@pytest.mark.parametrize("id", ["clipping/by_norm", "spectra/defective_growth", "gradients/initial_state"])
def test_no_false_sibling_of_the_catalogue_gets_through(id):
    record = judge(id, theorem(id), BENCH)
    assert record.problems == ()
    assert sum(m.outcome == "rejected" for m in record.machine_made) >= 4
    assert not [m for m in record.machine_made if m.outcome == "accepted"]


def test_a_matrix_symbol_keeps_its_sizes():
    sized = MatrixSymbol("M", t, t)
    assert all(kind != "index" for kind, _ in kinds(Eq(sized, 2 * sized, evaluate=False)))
