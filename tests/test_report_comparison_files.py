"""The comparison's files: written whole or not at all, and linked with the report's page."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sample_run import sample_run
from test_report_comparison import ALL, BOTH, TABLE

from backproof.referee import comparison
from backproof.referee.command import main
from backproof.reports import writer
from backproof.reports.errors import ReportError
from backproof.reports.links import LINKS
from backproof.reports.writer import write, write_comparison


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of one line, and the line that links to the other page."""
    monkeypatch.setattr(writer, "page", lambda run: f"{run.subject} {LINKS['index.html'].alone}\n")
    monkeypatch.setattr(writer, "comparison_page", lambda table: f"{table['live']} {LINKS['comparison.html'].alone}\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_pages_link_to_each_other_whichever_came_first(tmp_path: Path) -> None:
    write(sample_run(), tmp_path / "one")
    assert 'href="comparison.html"' not in (tmp_path / "one" / "index.html").read_text()
    assert "<code>backproof compare</code>" in (tmp_path / "one" / "index.html").read_text()
    write_comparison(TABLE, tmp_path / "one")
    write_comparison(TABLE, tmp_path / "two")
    assert sorted(contents(tmp_path / "two")) == BOTH
    assert 'href="index.html"' not in (tmp_path / "two" / "comparison.html").read_text()
    write(sample_run(), tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert sorted(contents(tmp_path / "one")) == ALL
    assert 'href="comparison.html"' in (tmp_path / "one" / "index.html").read_text()
    assert 'href="index.html"' in (tmp_path / "one" / "comparison.html").read_text()


@pytest.mark.usefixtures("short")
def test_a_link_goes_when_its_page_is_gone(tmp_path: Path) -> None:
    write(sample_run(), tmp_path / "out")
    write_comparison(TABLE, tmp_path / "out")
    (tmp_path / "out" / "index.html").unlink()
    write_comparison(TABLE, tmp_path / "out")
    assert LINKS["comparison.html"].alone in (tmp_path / "out" / "comparison.html").read_text()


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("failing", ["write_bytes", "rename"])
@pytest.mark.parametrize("at_call", [0, 1])
def test_an_interrupted_comparison_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, at_call: int
) -> None:
    write(sample_run(), tmp_path / "out")
    write_comparison(TABLE, tmp_path / "out")
    before = contents(tmp_path / "out")
    real, calls = getattr(Path, failing), iter(range(9))

    def fail_once(path: Path, *arguments: object) -> object:
        if next(calls) == at_call:
            raise OSError
        return real(path, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Path, failing, fail_once)
        with pytest.raises(ReportError):
            write_comparison({**TABLE, "live": 6}, tmp_path / "out")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    assert contents(tmp_path / "out") == before


@pytest.mark.usefixtures("short")
def test_a_comparison_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="machine"):
        write_comparison({key: TABLE[key] for key in TABLE if key != "machine"}, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("short")
def test_a_comparison_survives_a_report_killed_within_its_swap(tmp_path: Path) -> None:
    write_comparison(TABLE, tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / "out.previous-report")
    write(sample_run(), tmp_path / "out")
    assert sorted(contents(tmp_path / "out")) == ALL


@pytest.mark.usefixtures("short")
def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    write_comparison(TABLE, tmp_path / "out")
    (tmp_path / "out" / "thesis.tex").write_text("mine")
    for attempt in (lambda: write(sample_run(), tmp_path / "out"), lambda: write_comparison(TABLE, tmp_path / "out")):
        with pytest.raises(ReportError, match=r"holds other files \(thesis\.tex\)"):
            attempt()
    assert sorted(contents(tmp_path / "out")) == [*BOTH, "thesis.tex"]


@pytest.mark.usefixtures("short")
def test_the_command_writes_and_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def main_table(**settings: object) -> dict:
        asked.update(settings)
        return TABLE

    monkeypatch.setattr(comparison, "main_table", main_table)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["compare", "--right-nets", "3"])
    assert done.exit_code == 0, done.output
    assert asked["right_nets"] == 3
    assert sorted(contents(tmp_path / "reports" / "out")) == BOTH
    assert "transposed W" in done.stdout
    assert "comparison.html" in done.stdout


def test_the_command_asks_for_the_folder_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "main_table", lambda **_: pytest.fail("ran"))
    (tmp_path / "thesis.tex").write_text("mine")
    done = CliRunner().invoke(main, ["compare", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "thesis.tex" in done.stderr
