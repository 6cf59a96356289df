"""The documentation is run: its examples do what the text says, its commands parse, and it names what there is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import MARK, ROOT, commands, examples
from sympy import MatrixExpr, Symbol

import backproof
from backproof import cells, impl, nodes, notation, strategies
from backproof.referee import plugin
from backproof.referee.command import main
from backproof.referee.gradcheck import gradcheck
from backproof.referee.judge import Bench, judge
from backproof.referee.subjects import load_subject
from backproof.reports.record import TheoremRecord
from backproof.theory.records.catalogue import load_file

PAGES = {
    str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in sorted((ROOT / "docs").rglob("*.md"))
}
ALOUD = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")}
EXAMPLES = {name: (page, code) for page, text in PAGES.items() for name, code in examples(text).items()}
REFERENCE = "\n".join(text for page, text in PAGES.items() if page.startswith("docs/reference"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with every example of the documentation, entered."""
    for name, (_, code) in EXAMPLES.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_example_is_tested() -> None:
    assert sum(text.count(MARK) for text in PAGES.values()) == len(EXAMPLES)
    assert set(EXAMPLES) == {
        "reading_list.py",
        "my_layer.py",
        "test_my_layer.py",
        "my_model.py",
        "test_my_model.py",
        "kept_lengths.py",
        "clipped_entries.py",
    }


@pytest.mark.parametrize(("name", "verdict"), [("kept_lengths", "proved"), ("clipped_entries", "tested")])
def test_the_theorems_stand(folder: Path, name: str, verdict: str) -> None:
    ((id, found),) = load_file(folder / f"{name}.py").items()
    record = judge(id, found, Bench(subject=impl))
    assert isinstance(record, TheoremRecord)
    assert record.problems == ()
    assert record.verdict == verdict
    assert all(mutant.killed for mutant in record.mutants)


def test_the_proof_rests_on_its_assumption(folder: Path) -> None:
    """Its line cites it, and does not hold without."""
    file = folder / "kept_lengths.py"
    file.write_text(
        EXAMPLES[file.name][1].replace('"matrix algebra", "orthogonal"', '"matrix algebra"'), encoding="utf-8"
    )
    ((id, found),) = load_file(file).items()
    record = judge(id, found, Bench(subject=impl))
    assert record.verdict == "failed"  # type: ignore[union-attr]


def test_a_subject_that_does_not_clip_is_not_offered(folder: Path) -> None:
    ((id, found),) = load_file(folder / "clipped_entries.py").items()
    record = judge(id, found, Bench(subject=object()))
    assert "clip_by_value" in record.why  # type: ignore[union-attr]


def test_a_wrong_clipping_is_caught(folder: Path) -> None:
    class Doubled:
        @staticmethod
        def clip_by_value(gradients, threshold):  # type: ignore[no-untyped-def]
            return impl.clip_by_value(gradients, 2 * threshold)

    ((id, found),) = load_file(folder / "clipped_entries.py").items()
    assert judge(id, found, Bench(subject=Doubled)).verdict == "failed"  # type: ignore[union-attr]


def test_the_test_of_the_model_passes(folder: Path) -> None:
    pytest.importorskip("torch")
    call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_model.py"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_tests_of_the_layer_pass(folder: Path) -> None:
    call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_layer.py"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_the_layer_is_a_subject(folder: Path) -> None:
    gradcheck(load_subject("my_layer.py:Layer"), backproof.net(**LINEAR))


LINEAR = {
    "W": [[0.5, -1], [1, 0.5]],
    "inputs": [[1, 2], [-1, 0.5]],
    "activation": "identity",
    "loss": "squared_error",
    "reduction": "mean",
}


def test_the_reading_list_prints_what_does_not_hold(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claims = {id: {"verdict": id, "words": f"words of {id}", "why": "for a reason"} for id in ("holds", "refuted")}
    (folder / "reports/out").mkdir(parents=True)
    (folder / "reports/out/report.json").write_text(json.dumps({"claims": claims}), encoding="utf-8")
    exec(EXAMPLES["reading_list.py"][1], {})
    assert capsys.readouterr().out == "refuted: refuted: words of refuted\n    for a reason\n"


CALLS = [(page, words) for page, text in (PAGES | ALOUD).items() for words in commands(text, "backproof")]


@pytest.mark.parametrize(("page", "words"), CALLS, ids=[f"{page}: {' '.join(words)}" for page, words in CALLS])
def test_the_commands_parse(page: str, words: list[str]) -> None:
    command = main.commands[words[0]]
    command.make_context(words[0], list(words[1:]))


def test_every_target_of_make_exists() -> None:
    targets = set(re.findall(r"^([a-z]+(?: [a-z]+)*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    known = {name for line in targets for name in line.split()}
    asked = {words[0] for text in (PAGES | ALOUD).values() for words in commands(text, "make")}
    assert asked
    assert asked <= known


def test_every_option_of_pytest_exists() -> None:
    known: set[str] = set()

    class Group:
        def addoption(self, *names: str, **_: object) -> None:
            known.update(names)

    class Parser(Group):
        def getgroup(self, *_: str) -> Group:
            return self

    plugin.pytest_addoption(Parser())  # type: ignore[arg-type]
    mentioned = {option for text in (PAGES | ALOUD).values() for option in re.findall(r"--backproof-[a-z]+", text)}
    assert mentioned <= known


def test_what_it_names_exists() -> None:
    """Paths in backticks, from the root of the repository."""
    folders = "theory|impl|tests|reports|docs"
    for page, text in (PAGES | ALOUD).items():
        if page == "CHANGELOG.md":
            continue
        for path in re.findall(rf"`((?:{folders})/[\w./]*)`", text):
            made = path.startswith(("reports/out", "docs/_build")) or "my_" in path
            assert made or (ROOT / path).exists(), (page, path)


@pytest.mark.parametrize("module", [backproof, cells, nodes, notation, strategies], ids=lambda module: module.__name__)
def test_the_reference_names_all_that_is_public(module: object) -> None:
    names = [name for name in module.__all__ if not name.startswith("__")]  # type: ignore[attr-defined]
    listed = set(re.findall(r"^\.\. auto\w+:: backproof\.(?:\w+\.)?(\w+)", REFERENCE, re.MULTILINE))
    listed |= set(re.findall(r"`(\w+)`", REFERENCE)) | {"cells", "nodes", "notation", "strategies"}
    missing = {name: getattr(module, name) for name in names if name not in listed}
    symbols = (MatrixExpr, Symbol, notation.Sequence)  # in a table that is made from the module
    assert [name for name, value in missing.items() if not isinstance(value, symbols)] == []
