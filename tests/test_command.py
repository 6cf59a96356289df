"""The command line: exit status, one clear line for a wrong call, and theorems in files outside the project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backproof.referee.command import main
from backproof.theory.records.catalogue import claims, theorem_ids

ROOT = Path(__file__).parent.parent

FALSE = '''
"""A false statement."""
from sympy import Le
from backproof import Source, Theorem
from backproof.theory.language.nodes import SpectralNorm, SpectralRadius
from backproof.theory.language.notation import W
from backproof.theory.instances.symbols import cases

bound = lambda share: Le(SpectralNorm(W), SpectralRadius(W) / share)
THEOREM = Theorem(
    title="The norm is at most the spectral radius",
    words="Every matrix stretches by its largest eigenvalue at most.",
    sources=(Source(key="none", title="A common belief").at("everywhere"),),
    statement=bound(1),
    instances=cases(W, units=(2, 3)),
    mutants={"half": bound(2), "third": bound(3)},
)
'''


@pytest.fixture
def backproof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command, run in an empty folder, and where `python -m pytest` has put this repository, without it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if Path(place).resolve() != ROOT])
    return lambda *args: CliRunner().invoke(main, args)


def test_help_needs_no_heavy_import(tmp_path: Path) -> None:
    code = "import sys; from backproof.referee.command import main; main(['--help'], standalone_mode=False); "
    code += "print('sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "False", done.stderr


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["check", "no/such"], "no/such"),
        (["check", "spectra/har"], "did you mean 'spectra/haar'"),
        (["check", "haar"], "did you mean 'spectra/haar'?"),
        (["show", "a5"], "did you mean 'A5'?"),
        (["check", "--subject", "tourch", "spectra/haar"], "did you mean 'torch'?"),
        (["check", "--fault", "transposd W", "spectra/haar"], "did you mean 'transposed W'"),
        (["check", "no_such.py"], "no_such.py"),
        (["check", "gradients/hidden_bias", "--subject", "no_such_module"], "no_such_module"),
        (["check", "--profile", "lazy"], "lazy"),
        (["show", "Z9"], "Z9"),
        (["new", "Not An Id"], "Not An Id"),
        (["frobnicate"], "frobnicate"),
        (["derive", "--units", "0"], "units"),
    ],
)
def test_a_wrong_call_is_one_line_and_status_2(
    args: list[str], word: str, tmp_path: Path, backproof: Callable[..., Result]
) -> None:
    done = backproof(*args)
    assert done.exit_code == 2
    assert word in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_false_theorem_outside_the_project_is_refuted_readably(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(FALSE, encoding="utf-8")
    command = [sys.executable, "-m", "backproof.referee.command", "check", "mine.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Case({W: [[0, 0], [0.5, 0]]})" in done.stdout
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "mine.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert tests.returncode == 1
    assert "Case({W: [[0, 0], [0.5, 0]]})" in tests.stdout


def test_new_writes_a_true_theorem_and_never_overwrites(backproof: Callable[..., Result]) -> None:
    assert backproof("new", "my_bound").exit_code == 0
    assert backproof("check", "my_bound.py").exit_code == 0
    again = backproof("new", "my_bound")
    assert again.exit_code == 2
    assert "exists" in again.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nTHEOREM = Theorm()\n", "mine.py: line 2: NameError: name 'Theorm' is not defined"),
        ("x = (1\n", "mine.py: line 1: SyntaxError: '(' was never closed"),
        ("from theory import Theorem\n", "No module named 'theory'; ours is backproof.theory now"),
        ("import backproof.theory.nodes\n", "import backproof.nodes instead"),
    ],
)
def test_a_file_that_does_not_run_is_one_line(
    tmp_path: Path, backproof: Callable[..., Result], text: str, said: str
) -> None:
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    done = backproof("check", "mine.py")
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_malformed_record_names_file_and_field(tmp_path: Path, backproof: Callable[..., Result]) -> None:
    (tmp_path / "odd.py").write_text(FALSE.replace("title=", "tittle="), encoding="utf-8")
    done = backproof("check", "odd.py")
    assert done.exit_code == 2
    assert "odd.py" in done.stderr
    assert "tittle" in done.stderr


def test_show_and_derive_print_checked_lines(backproof: Callable[..., Result]) -> None:
    shown = backproof("show", "gradients/recurrent_weights")
    assert shown.exit_code == 0
    assert "Wrong siblings" in shown.stdout
    derived = backproof("derive", "--units", "2", "--steps", "3")
    assert derived.exit_code == 0
    assert "all checked" in derived.stdout
    assert "DOES NOT HOLD" not in derived.stdout


def test_json_is_all_that_is_printed(tmp_path: Path, backproof: Callable[..., Result]) -> None:
    (tmp_path / "mine.py").write_text(FALSE, encoding="utf-8")
    (tmp_path / "chatty.py").write_text("print('Hello')\n", encoding="utf-8")
    done = backproof("check", "mine.py", "--subject", "chatty.py", "--json")
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    assert report["sound"] is False
    assert report["fault"] is None
    assert report["theorems"]["mine"]["verdict"] == "failed"
    assert "Hello" in done.stderr
    wrong = backproof("check", "no/such", "--json")
    assert (wrong.exit_code, wrong.stdout) == (2, "")


def test_list_and_show_as_json(backproof: Callable[..., Result]) -> None:
    found = json.loads(backproof("list", "--json").stdout)
    assert set(found["theorems"]) == set(theorem_ids())
    assert set(found["claims"]) == set(claims())
    assert all(set(claim["theorems"]) <= set(found["theorems"]) for claim in found["claims"].values())
    shown = json.loads(backproof("show", "gradients/recurrent_weights", "--json").stdout)
    assert shown["id"] == "gradients/recurrent_weights"
    assert shown["derivation"]["closed"] is True
    assert all(line["holds"] for line in shown["derivation"]["lines"])
    assert len(shown["mutants"]) >= 2
    claim = json.loads(backproof("show", "A5", "--json").stdout)
    assert claim["readings"]
    assert {reading["theorem"] for reading in claim["readings"]} <= set(theorem_ids())


def test_a_terminal_of_ascii_changes_no_status(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "backproof", "list"]
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert "\\u03bb" in done.stdout


def test_a_reader_who_leaves_changes_no_status(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(FALSE, encoding="utf-8")
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "backproof", "check", "mine.py"]
    done = subprocess.run(command, cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_new_where_nothing_can_be_written_is_one_line(tmp_path: Path, backproof: Callable[..., Result]) -> None:
    (tmp_path / "spectra").write_text("a file in the way", encoding="utf-8")
    done = backproof("new", "spectra/my_bound")
    assert done.exit_code == 2
    assert "spectra/my_bound.py cannot be written" in done.stderr
    assert len(done.stderr.splitlines()) == 1
