"""The referee on statements of strangers: true ones are tested or better, false ones certainly refuted."""

from __future__ import annotations

import pytest
from statements import FALSE, TRUE
from sympy import Not, Symbol

from backproof import Source, Theorem
from backproof.referee.directed import symbols_of
from backproof.referee.property import search
from backproof.strategies import cases
from backproof.theory.evaluation.meeting import judged

NOTES = (Source(key="notes", title="Notes of a researcher").at("page 1"),)


def theorem(statement):
    """A record as `backproof new` would have it, with the default instances."""
    return Theorem(
        title="A statement",
        words="As a researcher would write it.",
        sources=NOTES,
        statement=statement,
        instances=cases(*symbols_of(statement)),
        mutants={"not so": Not(statement, evaluate=False), "something else": Symbol("p", real=True) > 3},
    )


@pytest.mark.parametrize("name", TRUE)
def test_true_statements_stand(name):
    found = search(theorem(TRUE[name]), TRUE[name], None, count=60)
    assert found.passes, found.message


@pytest.mark.parametrize("name", FALSE)
def test_false_statements_are_refuted_at_a_certified_point(name):
    found = search(theorem(FALSE[name]), FALSE[name], None, count=200)
    assert found.counterexample is not None
    assert not found.crashed, found.message
    assert judged(FALSE[name], found.instance)[0] is False
