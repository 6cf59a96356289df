"""The comparison of gradient checkers: ours misses nothing and never cries wolf, and each is run as it says."""

import json

import pytest

from backproof import impl
from backproof.referee.comparison import catching, checkers, printable, timing
from backproof.referee.comparison.checkers import CHECKERS, OURS, Checker, Missing, framework
from backproof.referee.comparison.naming import naming
from backproof.referee.comparison.sensitivity import entries, planted, sensitivity, smallest_seen
from backproof.referee.comparison.sides import installed, side_by_side, subjects, threads
from backproof.referee.deviations import PROBES
from backproof.referee.zoo import apply
from backproof.referee.zoo.instances import FAINT, LOUD, net_at, random_net

NET = net_at("orthogonal", 3, 4, 1, 3)
INSTALLED = [checker for checker in CHECKERS if checker.missing is None]


@pytest.mark.parametrize("checker", INSTALLED, ids=lambda checker: checker.name)
def test_each_checker_accepts_right_code_and_sees_a_gross_fault(checker):
    assert checker(impl, NET) is False
    assert checker(apply("slope of another activation", impl), NET) is True


def test_ours_catches_every_fault_at_every_scale():
    table = catching.compare((*["0.001", "0.01", "1/√n", "orthogonal"], LOUD, FAINT), [OURS])
    assert table["live"] > 150
    assert table["totals"] == {"backproof": table["live"]}
    assert all(row["live"] for row in table["rows"])


def test_a_checker_that_is_not_installed_is_left_out_with_the_reason():
    absent = Checker(name="absent", package="no_such_package", how="-", objects=lambda subject, net: True)
    table = catching.compare(("0.01",), [OURS, absent])
    assert table["missing"] == {"absent": "no_such_package is not installed"}
    assert list(table["checkers"]) == ["backproof"]
    with pytest.raises(Missing, match="no_such_package is not installed"):
        framework("no_such_package.part")


def test_a_checker_that_breaks_has_not_caught_anything():
    def broken(subject, net):
        raise RuntimeError("no verdict")

    table = catching.compare(("0.01",), [Checker(name="broken", package=None, how="-", objects=broken)])
    assert table["totals"] == {"broken": 0}
    assert {v for row in table["rows"] for v in row["caught"]["broken"].values()} == {None}


def test_a_checker_that_objects_to_everything_has_not_caught_anything():
    table = catching.compare(("0.01",), [Checker(name="shy", package=None, how="-", objects=lambda *_: True)])
    assert table["objects_to_right"] == {"shy": ["0.01"]}
    assert table["totals"] == {"shy": 0}


def test_ours_is_silent_on_right_code():
    found = catching.false_alarms([OURS], count=40)
    assert found["backproof"]["alarms"] == 0
    assert found["backproof"]["nets"] - found["backproof"]["undecided"] >= 35


def test_sensitivity_is_what_planting_says():
    small = smallest_seen(OURS, impl, NET)
    assert small <= 1e-13
    for name, place in entries(impl.gradients(NET.parameters, NET.inputs, NET.targets, **NET.settings)):
        assert OURS(planted(impl, name, place, small), NET)
    blind = Checker(name="blind", package=None, how="-", objects=lambda subject, net: False)
    assert smallest_seen(blind, impl, NET) is None


@pytest.mark.parametrize("scale", ["0.01", FAINT])
def test_ours_sees_one_part_in_a_trillion_of_any_entry(scale):
    assert smallest_seen(OURS, impl, net_at(scale, 16, 50, 1)) <= 1e-12


def test_scipy_sees_coarsely():
    scipy = next(checker for checker in CHECKERS if checker.package == "scipy")
    seen = smallest_seen(scipy, impl, NET)
    assert seen is None or seen >= 1e-6


SOME_FAULTS = ("transposed W", "slope dropped", "mean for sum", "float32 carry", "target off by one", "last loss only")


def test_the_table_is_plain_data_and_can_be_printed(capsys):
    from rich.console import Console

    table = catching.compare(("0.01",), [OURS])
    table["false_alarms"] = catching.false_alarms([OURS], count=2)
    table["naming"] = naming(faults_of_zoo=SOME_FAULTS, cells=["minimal_rnn"])
    table["sensitivity"] = sensitivity([OURS], grid=[(2, 3)], scales=["orthogonal"])
    table["time"] = {"units": 1, "steps": 1, "seconds": {"backproof": 0.5}, "gradcheck_over_ours": {}}
    json.dumps(table)
    for part in printable(table):
        Console(width=120).print(part)
    printed = capsys.readouterr().out
    assert "transposed W" in printed
    assert "missed" not in printed
    nothing = dict.fromkeys(table["naming"]["kinds"], 0)
    assert table["naming"]["zoo"] == nothing | {"rightly": 5, "by what it does": 1}
    for found in table["naming"]["cells"].values():
        assert found == nothing | {"rightly": sum(found.values())}


def test_subjects_stand_side_by_side_at_every_probe():
    rows = side_by_side({"impl": impl, "bare": object()})
    assert [row["probe"] for row in rows] == [probe.name for probe in PROBES]
    asked = [row for row in rows if row["found"]["impl"]]
    assert len(asked) >= len(PROBES) - 1
    assert not any(row["found"]["impl"]["deviates"] for row in asked)
    assert all(row["found"]["bare"] is None for row in rows)
    assert all(row["expected"] is None for row in rows if row not in asked)
    json.dumps(rows)


def test_a_subject_that_does_not_load_is_named_with_the_reason():
    found = subjects(["no_such_module"])
    assert (found["names"], list(found["missing"])) == ([], ["no_such_module"])
    assert "cannot import" in found["missing"]["no_such_module"]


def test_versions_and_threads_are_those_of_what_is_there():
    assert {"backproof", "numpy"} <= installed().keys()
    assert threads()["OPENBLAS_NUM_THREADS"]


def test_random_nets_are_the_same_every_time():
    assert repr(random_net(3)) == repr(random_net(3))


@pytest.mark.parametrize("name", ["jax", "torch"])
def test_what_a_checker_does_to_its_framework_is_undone(name):
    module = pytest.importorskip(name)
    if name == "jax":
        before = module.config.jax_enable_x64
        assert checkers.jax_check_grads(impl, NET) is False
        assert module.config.jax_enable_x64 == before
    else:
        assert timing.torch_seconds(NET) > 0
