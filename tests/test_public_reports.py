"""Every public report of a wrong recurrent gradient is caught where it is planted, or the reason stands beside it."""

import pytest
from public_reports import REPORTS

from backproof import WrongGradient, gradcheck
from backproof.referee.cellcheck import by_equations
from backproof.referee.zoo import FAULTS
from backproof.theory.nets.layered import Layered

PLANTED = [(one.at, make) for one in REPORTS for make in one.planted]


@pytest.mark.parametrize(("at", "make"), PLANTED, ids=[f"{at} {number}" for number, (at, _) in enumerate(PLANTED)])
def test_what_was_reported_is_caught(at, make):
    net, wrong = make()
    gradcheck(by_equations(net.of if isinstance(net, Layered) else net), net)
    with pytest.raises(WrongGradient):
        gradcheck(wrong, net)


@pytest.mark.parametrize("one", REPORTS, ids=lambda one: one.at)
def test_every_report_is_covered_or_says_why_not(one):
    assert set(one.zoo) <= set(FAULTS)
    assert bool(one.planted or one.zoo) != bool(one.reason)


def test_how_many_are_covered():
    covered = [one for one in REPORTS if not one.reason]
    assert (len(covered), len(REPORTS)) == (57, 61)
