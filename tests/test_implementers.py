"""Mistakes of implementers: each is one, `gradcheck` sees it from the README's own net, and describes it rightly."""

from __future__ import annotations

import re

import pytest
from implementers.baseline import at_net
from implementers.differing import differences
from implementers.faults import FAULTS
from implementers.nets import NETS
from implementers.own import OWN
from implementers.right import RIGHT, Right, changed

ALL = (*RIGHT, *FAULTS, *OWN)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("code", [*FAULTS, *OWN], ids=lambda code: code.name)
def test_every_mistake_shows_at_its_net(code):
    assert differences(code)


@pytest.mark.parametrize("code", ALL, ids=lambda code: code.name)
def test_it_is_judged_and_described_rightly_from_the_net_of_the_readme(code):
    found = at_net(code, "README's own")
    assert found.right_for(code), found


@pytest.mark.parametrize("at", NETS)
def test_right_code_does_not_differ(at):
    assert differences(RIGHT[0].__class__(name="right", make=changed(), at=at)) == []


def test_every_code_has_a_name_of_its_own_and_its_words_can_be_looked_for():
    assert len({code.name for code in ALL}) == len(ALL)
    for code in ALL:
        assert code.at in NETS
        assert re.compile(code.says), re.compile(code.never)
        assert (code.verdicts[0] == "passes") == (code in RIGHT)
        assert isinstance(code.make(), Right) or code in RIGHT
