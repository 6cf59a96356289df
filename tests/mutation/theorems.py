"""The catalogue and the zoo as quick tests of `impl`: what the mutants of `make mutants` have to get past.

`test_catalogue.py` asks more of each theorem, and takes longer: proofs, wrong siblings, many more instances.
"""

from __future__ import annotations

import pytest

from backproof import impl
from backproof.referee.property import search
from backproof.referee.zoo.checks import CHECKS
from backproof.theory.confronting.settling import settled
from backproof.theory.records.catalogue import theorem, theorem_ids

INSTANCES = 5
# What `settled` decides it decides without asking any subject.
OF_A_SUBJECT = [id for id in theorem_ids() if theorem(id).check is not settled]


@pytest.mark.parametrize("id", OF_A_SUBJECT)
def test_the_theorem_holds_on_a_few_instances(id: str) -> None:
    """The property search alone, without proofs and wrong siblings."""
    found = search(theorem(id), theorem(id).statement, impl, count=INSTANCES, shrink=False)
    if not found.offered:
        pytest.skip(f"not offered: {found.lacking}")
    assert found.passes, found.message


@pytest.mark.parametrize("id", CHECKS)
def test_the_check_passes_wherever_the_zoo_looks(id: str) -> None:
    """Fixed instances against balls."""
    check = CHECKS[id]
    assert all(comparison.passes for scale in check.scales for comparison in check.confront(impl, scale))
