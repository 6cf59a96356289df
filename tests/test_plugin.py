"""The pytest plugin: beside other plugins, in every way of choosing tests, and one line for a wrong call."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backproof.referee import by_kind, planting

pytest_plugins = "pytester"

SOURCE = Path(__file__).parent.parent / "src"
OTHERS = ("pytest_profiling", "xdist", "pytest_randomly", "pytest_cov", "pytest_benchmark")
PARTS = ("property", "mutants", "assumptions")

THEOREM = '''
"""A step never stretches more than its matrix."""

from sympy import Le, Lt
from backproof import Assumption, Case, Source, Theorem
from backproof.nodes import SpectralNorm
from backproof.notation import W
from backproof.strategies import cases

small = Assumption(name="small", text="W is small.", holds=lambda c: sum(abs(e) for row in c[W] for e in row) <= 2)
THEOREM = Theorem(
    title="Small", words="Small entries, small norm.", sources=(Source(key="x", title="X").at("1"),),
    statement=Le(SpectralNorm(W), 2), instances=cases(W, units=(2, 2)).map(lambda case: Case({W: [[0, 1], [1, 0]]})),
    mutants={"half": Le(SpectralNorm(W), 0), "less": Lt(SpectralNorm(W), 1)}, examples=2,
    assumptions=(small,), without={small: Case({W: [[3, 0], [0, 3]]})},
)
'''

LOADED = (by_kind, planting)  # once, for NumPy cannot be loaded again by a run in this process
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run in a project of one theorem and one other test, with warnings as errors; in this process if not told."""
    monkeypatch.setattr(sys, "path", [place for place in sys.path if Path(place).resolve() != SOURCE.parent])
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # a run of its own, whatever runs these tests
    (pytester.path / "my_theorem.py").write_text(THEOREM, encoding="utf-8")
    (pytester.path / "test_other.py").write_text("def test_other():\n    assert True\n", encoding="utf-8")

    def in_project(*args: str, alone: bool = False) -> pytest.RunResult:
        command = ("-W", "error", "-v", *args)
        if not alone:
            return pytester.runpytest_inprocess(*command)
        monkeypatch.setenv("PYTHONPATH", str(SOURCE))
        return pytester.run(sys.executable, "-W", "error", "-m", "pytest", *command)

    return in_project


def outcomes(done: pytest.RunResult) -> dict[str, str]:
    """The word for each test of the run."""
    lines = [line.split() for line in done.outlines if "::" in line]
    pairs = [(words[0], words[1]) for words in lines if len(words) > 1 and words[0].endswith(("other", *PARTS))]
    return {test.rpartition("::")[2]: outcome for test, outcome in pairs}


@pytest.mark.parametrize(
    "args",
    [("--cov=.", "--profile", "--junitxml=report.xml"), ("-n", "1")],
    ids=["alone", "a worker"],
)
def test_it_runs_beside_the_other_plugins(run: Run, args: tuple[str, ...]) -> None:
    for plugin in OTHERS:
        pytest.importorskip(plugin)
    done = run("my_theorem.py", "test_other.py", *args, alone=True)
    assert done.ret == 0
    done.assert_outcomes(passed=4)
    assert "--randomly-seed" in done.stdout.str()


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("-k", "assumptions"), {"assumptions"}),
        (("-m", "theorem and not slow", "-k", "assumptions or other"), {"assumptions"}),
        (("my_theorem.py::THEOREM::assumptions",), {"assumptions"}),
        (("--lf", "-k", "assumptions"), {"assumptions"}),
        (("-m", "not theorem"), {"test_other"}),
        (("--collect-only",), set()),
    ],
)
def test_tests_are_chosen_as_usual(run: Run, args: tuple[str, ...], expected: set[str]) -> None:
    files = () if args[0].startswith("my_theorem") else ("my_theorem.py", "test_other.py")
    done = run(*files, *args)
    assert done.ret == 0
    assert outcomes(done) == dict.fromkeys(expected, "PASSED")


def test_evidence_stands_at_the_line_of_its_record(run: Run, pytester: pytest.Pytester) -> None:
    items, _ = pytester.inline_genitems("my_theorem.py")
    place = THEOREM.splitlines().index("THEOREM = Theorem(")
    assert {item.location for item in items} == {("my_theorem.py", place, f"THEOREM::{part}") for part in PARTS}


@pytest.mark.parametrize("how", ["mark", "benchmark"])
def test_what_is_skipped_is_reported(run: Run, pytester: pytest.Pytester, how: str) -> None:
    pytest.importorskip("pytest_benchmark")
    file = pytester.path / "my_theorem.py"
    skip = 'import pytest\npytestmark = pytest.mark.skip(reason="later")\n'
    file.write_text(file.read_text(encoding="utf-8") + (skip if how == "mark" else ""), encoding="utf-8")
    done = run("my_theorem.py", "-rs", "--no-fold-skipped", *(["--benchmark-only"] if how == "benchmark" else []))
    assert done.ret == 0
    assert outcomes(done) == dict.fromkeys(PARTS, "SKIPPED")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--backproof-subject", "tourch"), "subject 'tourch': cannot import 'tourch' (No module named 'tourch')"),
        (("--backproof-subject", "my_rnn.py"), "subject 'my_rnn.py': there is no file 'my_rnn.py'"),
        (("--backproof-subject", "old.py"), "ours is backproof.theory now"),
        (("--backproof-fault", "transposd W"), "did you mean 'transposed W'"),
    ],
)
def test_a_wrong_call_is_refused_in_one_line(
    run: Run, pytester: pytest.Pytester, args: tuple[str, ...], said: str
) -> None:
    (pytester.path / "old.py").write_text("from theory.nets import net\n", encoding="utf-8")
    done = run("my_theorem.py", *args)
    assert done.ret == 4
    (line,) = [line for line in done.errlines if "ERROR" in line]
    assert said in line


def test_a_framework_that_is_missing_is_a_wrong_call(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # as if not installed
    monkeypatch.delitem(sys.modules, "backproof.impl.adapters.torch", raising=False)
    done = run("my_theorem.py", "--backproof-subject", "torch")
    assert done.ret == 4
    assert "PyTorch is not installed: pip install torch" in done.stderr.str()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from theory import Theorem", "ours is backproof.theory now"),
        ("from reports.record import Run", "ours is backproof.reports now"),
        ("from backproof.theory.nodes import SpectralNorm", "import backproof.nodes instead"),
        ("from backproof.theory import unroll", "import backproof.theory.nets.unrolled instead"),
        ("from backproof.theory.records import Theorem", "use `from backproof import Theorem` instead"),
    ],
)
def test_a_file_of_the_past_is_told_the_name_of_today(
    run: Run, pytester: pytest.Pytester, text: str, said: str
) -> None:
    (pytester.path / "test_old.py").write_text(text + "\n", encoding="utf-8")
    done = run("test_old.py", "-p", "no:randomly")
    assert done.ret == 2
    (line,) = [line for line in done.outlines if line.startswith("test_old.py: ")]
    assert said in line
    assert "Traceback" not in done.stdout.str()


def test_other_errors_are_left_as_they_are(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "test_broken.py").write_text("import nothing_of_the_kind\n", encoding="utf-8")
    done = run("test_broken.py")
    assert done.ret == 2
    assert "Traceback" in done.stdout.str()
    assert "backproof." not in done.stdout.str()


def test_runs_without_a_theorem_load_nothing_of_ours(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "look.py").write_text(
        "import sys\n\n\ndef pytest_sessionfinish():\n"
        "    ours = [name for name in sys.modules if name.startswith('backproof.')]\n"
        "    print('\\nloaded', *sorted(ours), *({'sympy', 'mpmath', 'flint'} & set(sys.modules)))\n",
        encoding="utf-8",
    )
    done = run("test_other.py", "-p", "look", "-s", alone=True)
    assert done.ret == 0
    assert "loaded backproof.referee backproof.referee.plugin" in done.outlines
