"""The pytest plugin: any module-level `Theorem` in a collected file becomes tests, one for each kind of evidence.

It works wherever backproof is installed: ``pytest my_theorem.py --subject mypkg.rnn``, or ``--subject my_rnn.py``.
Nothing of the theory is imported until a file is collected, so other projects' test runs pay nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from backproof.referee.judge import Bench

KINDS = ("proof", "property", "mutants", "assumptions", "certified", "measurement")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of a verification run."""
    group = parser.getgroup("backproof", "verification of theorems")
    what = "what is under test: impl, torch, jax, module, module:object, file.py or file.py:object (default: impl)"
    group.addoption("--subject", default="impl", help=what)
    group.addoption("--fault", default=None, help="a fault of the zoo to plant in the subject")
    group.addoption("--profile", default="ci", choices=("ci", "dev", "thorough"), help="how hard to search")
    group.addoption("--theorem-seed", type=int, default=None, help="seed of the search (default: 0; dev: random)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of theorem tests."""
    config.addinivalue_line("markers", "theorem: one kind of evidence for a theorem")


def bench(config: pytest.Config) -> Bench:
    """The bench that the command line asks for; what needs a framework that is not installed is skipped."""
    import random

    from backproof.referee.judge import Bench
    from backproof.referee.planting import under_test
    from backproof.referee.subjects import NotInstalledError, SubjectError

    profile, seed = config.getoption("--profile"), config.getoption("--theorem-seed")
    if seed is None:
        seed = random.SystemRandom().randrange(2**32) if profile == "dev" else 0
    name, fault = config.getoption("--subject"), config.getoption("--fault")
    try:
        return Bench(subject=under_test(name, fault), name=name, profile=profile, seed=seed, fault=fault)
    except NotInstalledError as missing:
        pytest.skip(str(missing))
    except SubjectError as error:
        raise pytest.UsageError(str(error)) from None


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

    def runtest(self) -> None:
        """Gather the evidence."""
        node = self.parent
        assert isinstance(node, TheoremNode)
        confirm(node.theorem_id, node.theorem, self.kind, bench(self.config))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """What was found wrong, without a traceback through the tool."""
        if isinstance(excinfo.value, EvidenceFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where it stands, for the summary."""
        return self.path, None, f"{self.parent.name if self.parent else ''}::{self.name}"


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
