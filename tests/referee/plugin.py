"""The pytest plugin: any module-level `Theorem` in a collected file becomes tests, one for each kind of evidence.

It works wherever backproof is installed: ``pytest my_theorem.py --backproof-subject mypkg.rnn``, or ``my_rnn.py``.
Nothing of the theory is imported until a theorem is collected or a subject named, so other projects' test runs pay
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from backproof.referee.judge import Bench

KINDS = ("proof", "property", "mutants", "assumptions", "certified", "measurement")
THE_BENCH = pytest.StashKey["Bench"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of a verification run; each carries the project's name, for they are everybody's."""
    group = parser.getgroup("backproof", "verification of theorems")
    what = "what is under test: impl, torch, jax, module, module:object, file.py or file.py:object (default: impl)"
    group.addoption("--backproof-subject", default="impl", metavar="NAME", help=what)
    group.addoption("--backproof-fault", metavar="NAME", help="a fault of the zoo to plant in the subject")
    profiles = ("ci", "dev", "thorough")
    group.addoption("--backproof-profile", default="ci", choices=profiles, help="how hard to search (default: ci)")
    seed = "seed of the search (default: 0; in the profile dev: random)"
    group.addoption("--backproof-seed", type=int, metavar="N", help=seed)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of theorem tests, and refuse the call if what it puts under test cannot be loaded."""
    config.addinivalue_line("markers", "theorem: one kind of evidence for a theorem")
    asked = (config.getoption("--backproof-subject"), config.getoption("--backproof-fault"))
    if asked != ("impl", None) and not hasattr(config, "workerinput"):  # a worker of xdist has been asked before
        bench(config)


def bench(config: pytest.Config) -> Bench:
    """The bench that the command line asks for, the same for every test of a run.

    Raises
    ------
    pytest.UsageError
        If there is no such subject or fault, or the subject's framework is not installed; the message is one line.
    """
    if THE_BENCH in config.stash:
        return config.stash[THE_BENCH]
    import random

    from backproof.referee.judge import Bench
    from backproof.referee.planting import under_test
    from backproof.referee.subjects import SubjectError

    profile, seed = config.getoption("--backproof-profile"), config.getoption("--backproof-seed")
    if seed is None:
        seed = random.SystemRandom().randrange(2**32) if profile == "dev" else 0
    name, fault = config.getoption("--backproof-subject"), config.getoption("--backproof-fault")
    try:
        subject = under_test(name, fault)
    except SubjectError as error:
        raise pytest.UsageError(str(error)) from None
    made = config.stash[THE_BENCH] = Bench(subject=subject, name=name, profile=profile, seed=seed, fault=fault)
    return made


def pytest_exception_interact(node: Any, call: pytest.CallInfo[Any], report: Any) -> None:
    """A file that imports something of ours under a name of the past is told the name of today, in one line."""
    cause = getattr(call.excinfo and call.excinfo.value, "__cause__", None)
    if isinstance(report, pytest.CollectReport) and isinstance(cause, ImportError):
        from backproof.referee.moved import in_one_line, new_name

        if new_name(cause):
            report.longrepr = f"{node.nodeid}: {type(cause).__name__}: {in_one_line(cause)}"


def pytest_pycollect_makeitem(collector: Any, name: str, obj: object) -> Any:
    """A `Theorem` in a module becomes a collector of its evidence."""
    if type(obj).__name__ != "Theorem" or type(obj).__module__ != "backproof.theory.records.records":
        return None
    return TheoremNode.from_parent(collector, name=name, theorem=obj)


class TheoremNode(pytest.Collector):
    """One theorem."""

    def __init__(self, *, theorem: Any, **rest: Any) -> None:
        super().__init__(**rest)
        self.theorem = theorem

    @cached_property
    def line(self) -> int:
        """Where the record is assigned, counted from 0; the first line if that is not found, as for an import."""
        lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        return next((number for number, line in enumerate(lines) if re.match(rf"{self.name}\b[^=]*=", line)), 0)

    @property
    def theorem_id(self) -> str:
        """Its id in the catalogue, or the name of its file."""
        from backproof.theory.records.catalogue import id_of

        return id_of(self.path)

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each kind of evidence that the theorem has."""
        for kind in kinds_of(self.theorem):
            yield EvidenceItem.from_parent(self, name=kind, kind=kind)


class EvidenceItem(pytest.Item):
    """One kind of evidence for one theorem."""

    def __init__(self, *, kind: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.kind = kind
        self.add_marker(pytest.mark.theorem)

    @property
    def theorem_node(self) -> TheoremNode:
        """The theorem that the evidence is for."""
        assert isinstance(self.parent, TheoremNode)
        return self.parent

    def runtest(self) -> None:
        """Gather the evidence."""
        node = self.theorem_node
        confirm(node.theorem_id, node.theorem, self.kind, bench(self.config))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """What was found wrong, without a traceback through the tool."""
        if isinstance(excinfo.value, EvidenceFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Where the theorem stands, for the summary and for what is skipped there."""
        return self.path, self.theorem_node.line, f"{self.theorem_node.name}::{self.name}"


class EvidenceFailed(AssertionError):
    """A theorem lacks what this kind of evidence should give."""


def kinds_of(theorem: Any) -> list[str]:
    """Which kinds of evidence a theorem has something to show for."""
    present = {
        "proof": theorem.proof is not None,
        "property": True,
        "mutants": True,
        "assumptions": bool(theorem.assumptions),
        "certified": bool(theorem.certified),
        "measurement": theorem.measurement is not None,
    }
    return [kind for kind in KINDS if present[kind]]


def confirm(id: str, theorem: Any, kind: str, on: Bench) -> None:
    """Gather one kind of evidence for the theorem of that id.

    Raises
    ------
    EvidenceFailed
        If it does not speak for the theorem; the message says what was found.
    """
    from backproof.referee.by_kind import problems_of

    problems = problems_of(id, theorem, kind, on)
    if problems is None:
        pytest.skip(f"not offered by {on.name}")
    if problems:
        raise EvidenceFailed("\n".join(problems))
    deviation = on.known_deviation(id) if kind == "property" else None
    if deviation is not None:
        pytest.xfail(f"{on.name} deviates: {deviation}")
