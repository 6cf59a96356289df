"""The README is run: its examples do what it says they do, and what it names exists."""

from __future__ import annotations

import re
import sys
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from documents import MARK, ROOT, examples

from backproof import impl
from backproof.referee.gradcheck import WrongGradient, gradcheck
from backproof.referee.judge import Bench, judge
from backproof.referee.property import EXAMPLES as COUNTS
from backproof.referee.subjects import load_subject
from backproof.reports.record import TheoremRecord
from backproof.theory.records.catalogue import load_file, theorem

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = examples(README)


@pytest.fixture
def example(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    file = tmp_path / request.param
    file.write_text(EXAMPLES[request.param], encoding="utf-8")
    return file


def test_every_example_is_tested() -> None:
    assert README.count(MARK) == len(EXAMPLES)
    assert set(EXAMPLES) == {"my_theorem.py", "my_rnn.py", "test_my_rnn.py", "my_cell.py"}


@pytest.mark.parametrize("example", ["my_theorem.py"], indirect=True)
def test_the_theorem_stands(example: Path) -> None:
    ((id, found),) = load_file(example).items()
    record = judge(id, found, Bench(subject=impl))
    assert isinstance(record, TheoremRecord)
    assert record.problems == ()
    assert record.verdict == "tested"
    assert all(mutant.killed for mutant in record.mutants)


@pytest.mark.parametrize("example", ["my_rnn.py"], indirect=True)
def test_the_rnn_stands(example: Path) -> None:
    assert len(EXAMPLES[example.name].splitlines()) <= 35
    assert len([line for line in EXAMPLES[example.name].splitlines() if line]) < 30
    bench = Bench(subject=load_subject(str(example)), name=str(example), profile="dev")
    for id in ("gradients/recurrent_weights", "gradients/initial_state"):
        record = judge(id, theorem(id), bench)
        assert isinstance(record, TheoremRecord)
        assert record.problems == ()
        assert record.property.offered
        assert record.property.examples >= COUNTS["dev"]
    record = judge("clipping/by_norm", theorem("clipping/by_norm"), bench)
    assert isinstance(record, TheoremRecord)
    assert not record.property.offered


@pytest.mark.parametrize("example", ["my_rnn.py"], indirect=True)
def test_the_bug_that_the_text_names_is_diagnosed(example: Path) -> None:
    right, wrong = (re.search(pattern, README)[1] for pattern in (r"for `(p.*?)`", r"Write `(p.*?)`"))  # type: ignore[index]
    text = example.read_text(encoding="utf-8")
    assert right in text
    example.write_text(text.replace(right, wrong), encoding="utf-8")
    bench = Bench(subject=load_subject(str(example)), name=str(example), profile="dev")
    record = judge("gradients/recurrent_weights", theorem("gradients/recurrent_weights"), bench)
    said = "\n".join(record.problems)
    assert record.verdict == "failed"
    assert "∂L/∂W[" in said
    assert "1 step before the last" in said
    assert "'transposed W'" in said


@pytest.mark.parametrize("example", ["test_my_rnn.py"], indirect=True)
@pytest.mark.parametrize("factor", [1.0, 1 + 1e-12])
def test_the_test_of_the_rnn_passes_and_fails(example: Path, monkeypatch: pytest.MonkeyPatch, factor: float) -> None:
    rnn: Any = ModuleType("my_rnn")
    found: dict[str, Any] = {}
    exec(EXAMPLES["my_rnn.py"], vars(rnn))
    right = rnn.gradients
    rnn.gradients = lambda *at: {**right(*at), "U": right(*at)["U"] * factor}
    monkeypatch.setitem(sys.modules, "my_rnn", rnn)
    exec(example.read_text(encoding="utf-8"), found)
    with nullcontext() if factor == 1 else pytest.raises(WrongGradient, match=r"∂L/∂U\["):
        found["test_gradients"]()


def test_what_it_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


def test_the_figures_on_mutants_are_those_of_the_last_run() -> None:
    figures = (ROOT / "tests" / "mutation" / "figures.md").read_text(encoding="utf-8")
    row = next(line for line in figures.splitlines() if line.startswith("| all "))
    mutants, killed, _, equivalent, left = re.findall(r"\d+", row)
    assert f"Of {mutants} mutants, {killed} are killed and {equivalent} equivalent" in README
    assert left == "0"


def test_the_cell_is_derived_and_its_code_stands() -> None:
    found: dict[str, Any] = {}
    exec(EXAMPLES["my_cell.py"], found)
    assert len([line for line in EXAMPLES["my_cell.py"].splitlines() if line]) <= 60
    gradcheck(found["gradients"], found["CELL"])


def test_the_fault_that_the_text_names_is_found_in_the_cell() -> None:
    found: dict[str, Any] = {}
    right = 'grad[f"p_{j}"] += (alpha[j] * seen).sum(axis=0)'
    assert right in EXAMPLES["my_cell.py"]
    exec(EXAMPLES["my_cell.py"].replace(right, right.replace("seen", "c_before")), found)
    with pytest.raises(WrongGradient, match=r"∂L/∂p_q\[.*\n.*∂L/∂p_q: c\[t - 1\] for c\[t\]"):
        gradcheck(found["gradients"], found["CELL"])
