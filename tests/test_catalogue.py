"""Every theorem of the catalogue as ordinary tests, and every claim with the verdict that its run gives."""

from __future__ import annotations

import pytest

from backproof.referee.plugin import bench, confirm, kinds_of
from backproof.theory.records.catalogue import claims, theorem, theorem_ids

EVIDENCE = [(id, kind) for id in theorem_ids() for kind in kinds_of(theorem(id))]


@pytest.mark.theorem
@pytest.mark.parametrize(("id", "kind"), EVIDENCE, ids=[f"{id}-{kind}" for id, kind in EVIDENCE])
def test_theorem(id: str, kind: str, request: pytest.FixtureRequest) -> None:
    confirm(id, theorem(id), kind, bench(request.config))


def test_every_statement_of_the_ledger_is_judged() -> None:
    sources = {"A": 19, "B": 16, "C": 9, "D": 12, "E": 6}
    assert set(claims()) == {f"{source}{number}" for source, last in sources.items() for number in range(1, last + 1)}
    answered = {question for id in theorem_ids() for question in theorem(id).ledger}
    assert answered == {f"F{number}" for number in range(1, 16)}


def test_used_theorems_exist() -> None:
    known = set(theorem_ids())
    missing = {(id, used) for id in known for used in theorem(id).uses if used not in known}
    assert not missing


def test_nothing_is_used_in_a_circle() -> None:
    def reach(id: str, path: tuple[str, ...]) -> None:
        assert id not in path, f"circle: {' → '.join((*path, id))}"
        for used in theorem(id).uses:
            reach(used, (*path, id))

    for id in theorem_ids():
        reach(id, ())
