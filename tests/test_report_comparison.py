"""The page of the comparison shows its table and nothing else."""

import json
import re

import pytest
from sample_run import HOSTILE, sample_run
from test_report_page import Elements

from backproof.reports import writer
from backproof.reports.comparison import SCALES, comparison_page, mark, ratios, relative, scientific
from backproof.reports.data import comparison_json, comparison_text
from backproof.reports.links import LINKS

BOTH = ["comparison.html", "comparison.json"]
ALL = [*BOTH, "index.html", "report.json"]


def fault(name: str, live: list, others: dict, **more: object) -> dict:
    ours = dict.fromkeys(live, True)
    row = {"fault": name, "family": "transposes", "what": "W for Wᵀ", "loss_agrees": False, "live": live}
    return row | {"caught": {"backproof": ours, "other": others}} | more


TABLE = {
    "subject": "impl",
    "scales": ["0.01", "faint"],
    "checkers": {"backproof": "balls and derived bounds", "other": "other.check(f)"},
    "missing": {"absent": "no_such_package is not installed"},
    "objects_to_right": {"backproof": [], "other": ["faint"]},
    "rows": [
        fault("transposed W", ["0.01", "faint"], {"0.01": True, "faint": None}),
        fault("slope dropped", ["0.01"], {"0.01": False}, family="slopes"),
        fault("wrong loss", ["0.01", "faint"], {"0.01": False, "faint": None}, family=HOSTILE, loss_agrees=True),
    ],
    "live": 5,
    "totals": {"backproof": 5, "other": 1},
    "seconds": {"backproof": 1.25, "other": 77.0},
    "net": {"units": 8, "steps": 6, "batch": 2, "words": 5},
    "false_alarms": {
        "backproof": {"nets": 43, "alarms": 0, "undecided": 2},
        "other": {"nets": 43, "alarms": 17, "undecided": 0},
    },
    "naming": {
        "kinds": ["rightly", "wrongly"],
        "zoo": {"rightly": 37, "wrongly": 0},
        "cells": {"mgu": {"rightly": 13, "wrongly": 0}},
    },
    "sensitivity": [
        {"scale": "0.01", "units": 2, "steps": 5, "seen": {"backproof": 1e-13, "other": 0.1}},
        {"scale": "0.01", "units": 4, "steps": 10, "seen": {"backproof": 1e-12, "other": None}},
    ],
    "time": {
        "units": 16,
        "steps": 50,
        "seconds": {"backproof": 0.02, "other": 0.5, "other of its own net": 5.0},
        "threads": {"torch.get_num_threads()": "3"},
        "load": 4.5,
    },
    "subjects": {
        "names": ["impl", "torch"],
        "missing": {"jax": "JAX is not installed"},
        "probes": [
            {
                "probe": "norm after clipping",
                "theorem": "clipping/by_norm",
                "textbook": "‖g‖ is min(‖g‖, ε).",
                "instance": "g = (3, 4)",
                "within": 1e-15,
                "expected": "1",
                "found": {
                    "impl": {"found": "1", "size": 0.0, "deviates": False},
                    "torch": {"found": "-9.5e-07", "size": 1.5, "deviates": True},
                },
            },
            {
                "probe": "the layer called GRU",
                "theorem": "gradients/recurrent_weights",
                "textbook": HOSTILE,
                "instance": "2 units",
                "within": 1e-15,
                "expected": "an error",
                "found": {"impl": None, "torch": {"found": "0.7", "size": None, "deviates": True}},
            },
        ],
    },
    "versions": {"numpy": "2.4", "torch": "2.13"},
    "machine": {"date": "2026-01-02", "python": "3.11", "seconds": "99.5"},
}


def section(text: str, name: str) -> str:
    return text[text.index(f'id="{name}"') :].split("</section>")[0]


@pytest.fixture(scope="module")
def text() -> str:
    return comparison_page(TABLE)


def test_the_page_is_well_formed_and_asks_for_nothing(text: str) -> None:
    elements = Elements(text)
    assert not elements.tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not re.search(r"https?://|@import|url\((?!#)", text)
    anchors = elements.values("id")
    assert len(anchors) == len(set(anchors))
    assert {value[1:] for value in elements.values("href")} <= set(anchors)
    assert "&lt;script&gt;" in text


def test_tables_can_be_read_aloud(text: str) -> None:
    tables = re.findall(r"<table.*?</table>", text, flags=re.DOTALL)
    assert len(tables) == 9
    for table in tables:
        assert "<caption>" in table
        assert re.findall(r"<th(?![^>]*scope=)[ >]", table) == []
    signs = re.findall(r'<td class="mark [^"]*"><span aria-hidden="true">.</span><span class="hidden">([a-z ]+)<', text)
    assert len(signs) == 3 * 2 * 2


def test_marks_and_totals_are_those_of_the_data(text: str) -> None:
    faults = section(text, "faults")
    words = {kind: faults.count(f'<span class="hidden">{kind}<') for kind in ("caught", "missed", "cannot say")}
    assert words == {"caught": 5 + 1, "missed": 2, "cannot say": 2}
    assert faults.count('<span class="hidden">not live<') == 2
    for total in ("5 of 5", "1 of 5", "1.25", "77", "Caught out of 2 places: backproof 2, other 0"):
        assert f"{total}<" in faults or f"{total}." in faults
    assert faults.count("†") == 3  # the legend, the fault and the note
    assert mark(TABLE["rows"][1], "other", "faint") == "not live"
    assert re.findall(r"<td>(\d)</td>", faults) == [*"32", *"10", *"32", *"32"]


def test_the_other_numbers_are_those_of_the_data(text: str) -> None:
    alarms = re.sub(r"<[^>]+>", " ", section(text, "false-alarms")).split()
    assert alarms[-8:] == ["backproof", "43", "0", "2", "other", "43", "17", "0"]
    seen = section(text, "sensitivity")
    for shown in ("10⁻¹³", "10⁻¹²", "10⁻¹", '<td class="figure never">never', "<svg"):
        assert shown in seen
    assert "median" not in seen
    timed = section(text, "time")
    for shown in (
        "16 units",
        "50 steps",
        "25 ×",
        "250 ×",
        "is 3",
        "4.5 processes",
        "“other of its own net” is no check of",
    ):
        assert shown in timed
    assert "absent is left out: no_such_package is not installed" in text
    assert "at the scale faint" in section(text, "checkers")
    assert all(SCALES[scale] in text for scale in TABLE["scales"])
    assert "2026-01-02" in section(text, "this-run")
    assert "2026-01-02" not in text.split('id="this-run"')[0]


def test_subjects_stand_side_by_side(text: str) -> None:
    sides = section(text, "subjects")
    assert sides.count("not offered") == 1
    assert sides.count('class="differs"') == 2
    assert sides.count('class="agrees"') == 1
    for shown in ("−9.5 × 10⁻⁷", "off by 1.5", "where an error belongs", "JAX is not installed"):
        assert shown in sides


def test_ours_may_be_missing_from_the_times() -> None:
    assert ratios({"other": 1.0}) == {}
    assert ratios({"backproof": 2.0, "other": 1.0}) == {"other": "0.5 ×"}


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "never"), (1.0, "1"), (0.1, "10⁻¹"), (1e-15, "10⁻¹⁵"), (2e-7, "2.00 × 10⁻⁷")]
)
def test_relative_errors_read_well(value: float | None, shown: str) -> None:
    assert relative(value) == shown


def test_numbers_as_text_read_well() -> None:
    assert [scientific(t) for t in ("-1.5e-17", "1e+30", "an error")] == ["−1.5 × 10⁻¹⁷", "1 × 10³⁰", "an error"]


def test_the_data_are_strict_and_keep_results_apart() -> None:
    data = json.loads(comparison_text({**TABLE, "live": float("inf")}), parse_constant=lambda c: pytest.fail(c))
    assert data["schema"] == 1
    assert data.keys() == {"schema", "subject", "versions", "machine", "times", "results"}
    assert data["results"]["live"] == "Infinity"
    assert data["times"]["all_faults"] == TABLE["seconds"]
    assert not {"seconds", "time", "versions", "machine"} & data["results"].keys()
    with pytest.raises(TypeError, match=r"comparison\.results\.live is a object"):
        comparison_json({**TABLE, "live": object()})


def test_both_pages_have_the_line_that_links_them(text: str) -> None:
    assert text.count(LINKS["comparison.html"].alone) == 1
    assert writer.page(sample_run()).count(LINKS["index.html"].alone) == 1
