"""Broken calls of everything public: each returns what makes sense, or raises one clear line that names the argument.

`BACKPROOF_FUZZ=thorough pytest tests/test_fuzz.py` makes a hundred times as many calls, from another seed each day.
"""

import os
import time
import warnings

import fuzz_impl
import fuzz_impl_cells
import fuzz_impl_tools
import fuzz_records
import fuzz_strategies
import fuzz_theory
import numpy as np
import pytest
from fuzz_kinds import Target, integer, text
from fuzzing import judged, tried

import backproof
from backproof import cells, impl, strategies

THOROUGH = os.environ.get("BACKPROOF_FUZZ") == "thorough"
CALLS, SEED = (6000, int(time.time()) // 86400) if THOROUGH else (60, 0)
OF_IMPL = [*fuzz_impl.TARGETS, *fuzz_impl_tools.TARGETS, *fuzz_impl_cells.TARGETS]
OF_THEORY = [*fuzz_theory.TARGETS, *fuzz_records.TARGETS, *fuzz_strategies.TARGETS]
TARGETS = [*OF_IMPL, *OF_THEORY]


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("target", TARGETS, ids=[f"{i}-{target.name}" for i, target in enumerate(TARGETS)])
def test_a_broken_call_is_refused_in_one_clear_line(target):
    assert judged(target, []).verdict == "fine"
    found = [(places, outcome) for places, outcome in tried(target, CALLS, SEED) if outcome.verdict != "fine"]
    assert found[:3] == []


def names(listed):
    return {name for line in listed for name in line.split()}


@pytest.mark.parametrize(
    ("public", "targets", "others"),
    [
        (impl.__all__, OF_IMPL, fuzz_impl.NOT_CALLED),
        ({*backproof.__all__, *cells.__all__, *strategies.__all__}, OF_THEORY, fuzz_theory.NOT_CALLED),
    ],
    ids=["impl", "theory"],
)
def test_everything_public_is_called_or_said_not_to_be(public, targets, others):
    called = {target.name for target in targets}
    assert set(public) - called - names(others) == set()
    assert names(others) <= set(public)
    assert not called & names(others)


def obscure(size):
    return np.zeros(3)[size]


def accepting(size):
    return size


def unnamed(size):
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise ValueError("that will not do")


def endless(size):
    while size != 1:
        pass


@pytest.mark.parametrize(
    ("call", "verdict"),
    [(obscure, "obscure"), (accepting, "accepted"), (unnamed, "obscure"), (endless, "endless")],
)
def test_a_function_that_does_not_check_is_seen(call, verdict, monkeypatch):
    monkeypatch.setattr("fuzzing.SECONDS", 0.01)
    monkeypatch.setattr("fuzzing.OURS", ("/tests/",))
    target = Target(name="size", call=call, kinds={"size": integer(1)})
    assert verdict in {outcome.verdict for _, outcome in tried(target, 40, 0)}


def test_an_error_of_many_lines_is_seen(monkeypatch):
    monkeypatch.setattr("fuzzing.OURS", ("/tests/",))

    def wordy(name):
        raise TypeError(f"name: one line\nand another, {name}")

    target = Target(name="wordy", call=wordy, kinds={"name": text("a")})
    assert {outcome.verdict for _, outcome in tried(target, 5, 0)} == {"obscure"}
