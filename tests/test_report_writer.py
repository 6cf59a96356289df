"""A report is replaced as a whole or not at all, and its data keep their contract."""

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from sample_run import PROVED, sample_run

from backproof.reports import writer
from backproof.reports.data import report_json, report_text
from backproof.reports.errors import ReportError
from backproof.reports.record import Run
from backproof.reports.writer import check, write

NAMES = ["index.html", "report.json"]


@pytest.fixture(autouse=True)
def short_page(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "whole_page" not in request.fixturenames:
        monkeypatch.setattr(writer, "page", lambda run: f"page of {run.subject}\n")


@pytest.fixture
def whole_page() -> None:
    """Render the page in full."""


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def renamed(subject: str) -> Run:
    return dataclasses.replace(sample_run(), subject=subject)


def test_contract_of_the_data() -> None:
    report = report_json(sample_run())
    assert report["schema"] == 1
    assert {"subject", "seed", "profile", "versions", "theorems", "claims", "machine"} <= report.keys()
    theorem = report["theorems"]["adjoint/recursion"]
    assert theorem["mutants"]["killed"] == theorem["mutants"]["total"] == 2
    assert theorem["sharp"] == {"shared weights": "$W_1 = 1$, $W_2 = 2$ with one unit"}
    assert (theorem["verdict"], theorem["examples"], theorem["worst_margin"]) == ("proved", 1234, 0.0431)
    keys = {
        "title",
        "scope",
        "seconds",
        "sources",
        "claims",
        "proof",
        "problems",
        "tight",
        "measured",
        "uses",
    }
    assert keys <= theorem.keys()
    claim = report["claims"]["A6"]
    assert (claim["verdict"], claim["theorems"]) == ("corrected", ["jacobian/bound", "adjoint/recursion"])
    assert claim["witness"].startswith("$W =")
    assert report["claims"]["A5"]["witness"] is None
    assert [at["outcome"] for at in claim["depends"][0]["grid"]] == ["fails", "holds"]
    assert claim["depends"][0]["picture"]["kind"] == "over_setting"
    assert claim["readings"][0]["correction"]["added"] == ["‖W‖ < 1"]


def test_data_count_the_lines_that_a_second_engine_agrees_with() -> None:
    report = report_json(sample_run())
    assert report["second_engine"] == {"lines": 2, "agreed": 1, "share": 0.5}
    assert report["theorems"][PROVED.id]["second_engine"] == report["second_engine"]
    assert [line["second"] for line in report["theorems"][PROVED.id]["proof"]["lines"]] == ["agreed", "not looked at"]
    assert None in [theorem["second_engine"] for theorem in report["theorems"].values()]


def test_json_is_strict_and_sorted() -> None:
    text = report_text(sample_run())

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    report = json.loads(text, parse_constant=refuse)
    assert report["theorems"]["jacobian/product"]["worst_margin"] == "Infinity"
    assert list(report) == sorted(report)
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        ("\ud800", "\\ud800"),
        ((1, None, True), [1, None, True]),
        (np.array([[1, 2]]), [[1, 2]]),
        (np.float64(0.5), 0.5),
    ],
)
def test_json_writes_what_json_lacks_as_strings(value: object, written: object) -> None:
    picture = dataclasses.replace(PROVED.pictures[0], data={"x": value})
    run = dataclasses.replace(sample_run(), theorems=(dataclasses.replace(PROVED, pictures=(picture,)),))
    assert json.loads(report_text(run))["theorems"][PROVED.id]["pictures"][0]["data"]["x"] == written


def test_json_refuses_other_objects_and_says_where() -> None:
    run = dataclasses.replace(sample_run(), machine={"lock": object()})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match=r"report\.machine\.lock is a object"):
        report_json(run)


def test_json_refuses_two_records_of_one_id() -> None:
    with pytest.raises(ValueError, match="adjoint/recursion"):
        report_json(dataclasses.replace(sample_run(), theorems=(PROVED, PROVED)))


@pytest.mark.usefixtures("whole_page")
def test_same_run_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(sample_run(), tmp_path / folder)
    for name in NAMES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_write_makes_folders_and_leaves_nothing_else(tmp_path: Path) -> None:
    write(renamed("first"), tmp_path / "deep" / "out")
    write(renamed("second"), tmp_path / "deep" / "out")
    assert names(tmp_path / "deep") == ["out"]
    assert names(tmp_path / "deep" / "out") == NAMES
    assert (tmp_path / "deep" / "out" / "index.html").read_text() == "page of second\n"


@pytest.mark.parametrize("failing", ["write_bytes", "rename"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("at_call", [0, 1])
def test_an_interrupted_write_leaves_the_old_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, error: type[BaseException], at_call: int
) -> None:
    write(renamed("old"), tmp_path / "out")
    real, calls = getattr(Path, failing), iter(range(9))

    def fail_once(path: Path, *arguments: object) -> object:
        if next(calls) == at_call:
            raise error
        return real(path, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Path, failing, fail_once)
        with pytest.raises(KeyboardInterrupt if error is KeyboardInterrupt else ReportError):
            write(renamed("new"), tmp_path / "out")
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "index.html").read_text() == "page of old\n"
    assert json.loads((tmp_path / "out" / "report.json").read_text())["subject"] == "old"


def test_a_page_that_cannot_be_made_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(renamed("old"), tmp_path / "out")

    def fail(run: Run) -> str:
        raise RuntimeError(run.subject)

    monkeypatch.setattr(writer, "page", fail)
    with pytest.raises(RuntimeError, match="new"):
        write(renamed("new"), tmp_path / "out")
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "index.html").read_text() == "page of old\n"


def test_a_run_killed_within_its_swap_loses_nothing(tmp_path: Path) -> None:
    write(renamed("old"), tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / "out.previous-report")
    (tmp_path / "out.note").write_text("mine")
    write(renamed("new"), tmp_path / "out")
    assert names(tmp_path) == ["out", "out.note"]


def test_a_file_in_the_way_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    for folder in (tmp_path / "out", tmp_path / "out" / "below"):
        with pytest.raises(ReportError, match="is a file, not a folder"):
            check(folder)
    with pytest.raises(ReportError, match="is a file"):
        write(sample_run(), tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(ReportError, match=r"holds other files \(thesis\.tex\)"):
        write(sample_run(), tmp_path)
    assert names(tmp_path) == ["thesis.tex"]
    for name in "abcd":
        (tmp_path / name).touch()
    with pytest.raises(ReportError, match=r"holds other files \(a, b, c\)"):
        write(sample_run(), tmp_path)


def test_a_folder_that_may_not_be_written_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer.os, "access", lambda *_: False)
    with pytest.raises(ReportError, match="is not writable"):
        check(tmp_path / "out")
    assert names(tmp_path) == []
