"""The kernel and the rules of logic: each condition that they ask for is missing once, and the proof is open."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import And, Eq, Ge, Implies, Le, MatrixSymbol, Or, Symbol

from backproof.referee import proofs
from backproof.theory.language.nodes import TimeSum
from backproof.theory.language.notation import T, h, k, n, t, x
from backproof.theory.proving.kernel import Checked, Context, Proof, check, line
from backproof.theory.records import derivations
from backproof.theory.records.catalogue import theorem

assert derivations.REGISTERED  # the rules are in the register

a, b, c = (Symbol(name, real=True) for name in "abc")
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
SMALL, LARGE, OTHER = Le(a, 1, evaluate=False), Ge(b, 2, evaluate=False), Le(c, 3, evaluate=False)


def tried(*lines: Any, statement: Any = None, **context: Any) -> Checked:
    return check(Proof(lines=lines), lines[-1].says if statement is None else statement, Context(**context))


def test_a_proof_ends_in_the_statement() -> None:
    given = {"small": SMALL, "large": LARGE}
    lines = (line("it", SMALL, "part", "small"),)
    assert tried(*lines, assumptions=given).closed
    assert tried(*lines, statement=LARGE, assumptions=given).obstacle == "the last line is not the statement"
    assert not tried(*lines, statement=And(SMALL, LARGE), assumptions=given).closed


def test_an_implication_gives_its_conclusion_for_its_own_premise_alone() -> None:
    given = {"if": Implies(SMALL, LARGE, evaluate=False), "small": SMALL, "other": OTHER}
    assert tried(line("it", LARGE, "modus ponens", "if", "small"), assumptions=given).closed
    assert not tried(line("it", LARGE, "modus ponens", "if", "other"), assumptions=given).closed
    assert not tried(line("it", OTHER, "modus ponens", "if", "small"), assumptions=given).closed


@pytest.mark.parametrize(("shown", "closed"), [(("one", "two"), True), (("one", "one"), False)])
def test_every_case_is_covered(shown: tuple[str, str], closed: bool) -> None:
    given = {
        "either": Or(SMALL, OTHER, evaluate=False),
        "first": Implies(SMALL, LARGE, evaluate=False),
        "second": Implies(OTHER, LARGE, evaluate=False),
    }
    lines = (
        line("suppose one", SMALL, "supposition"),
        line("one", LARGE, "modus ponens", "first", "suppose one"),
        line("suppose two", OTHER, "supposition"),
        line("two", LARGE, "modus ponens", "second", "suppose two"),
        line("it", LARGE, "cases", "either", *shown),
    )
    assert tried(*lines, assumptions=given).closed is closed


def test_equals_are_not_put_under_a_sum_that_binds_their_index() -> None:
    """What is known of h_k at one k says nothing of every summand."""
    given = {"here": Eq(h[k], x[t], evaluate=False), "total": Eq(TimeSum(h[k], (k, 1, T)), h[T], evaluate=False)}
    said = Eq(TimeSum(x[t], (k, 1, T)), h[T], evaluate=False)
    assert not tried(line("it", said, "equals for equals", "here", "total"), assumptions=given).closed


def test_equals_are_put_where_nothing_binds() -> None:
    given = {"same": Eq(A, B, evaluate=False), "square": Eq(A * A, B, evaluate=False)}
    assert tried(
        line("it", Eq(B * B, B, evaluate=False), "equals for equals", "same", "square"), assumptions=given
    ).closed


def test_a_proof_that_closes_without_an_assumption_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded = theorem("jacobians/norm_bound")
    record = proofs.proved(bounded)
    assert record is not None
    assert record.closed
    monkeypatch.setattr(derivations, "without_each", lambda _: iter([("bound on W", False)]))
    record = proofs.proved(bounded)
    assert record is not None
    assert not record.closed
    assert record.obstacle == "the proof closes without the assumption 'bound on W'"


def test_each_assumption_breaks_its_proof() -> None:
    bounded = theorem("jacobians/norm_bound")
    assert dict(derivations.without_each(bounded)) == {"bound on W": True, "bound on the slopes": True}
