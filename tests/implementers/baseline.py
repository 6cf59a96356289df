"""What the checks make of the code in this folder.

Run ``python tests/implementers/baseline.py``, with some of ``faults``, ``own``, ``right`` and ``--check``.
``gradcheck`` is asked at the README's own net, and at the one where a mistake shows; with ``--check`` also
`backproof check gradients/recurrent_weights`, which takes seconds for each.
"""

from __future__ import annotations

import contextlib
import io
import re
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from backproof import gradcheck
from backproof.referee.judge import Bench, judge
from backproof.referee.shown import verdict
from backproof.referee.subjects import fitted
from backproof.theory.records.catalogue import theorem
from implementers.differing import net_for
from implementers.faults import FAULTS
from implementers.own import OWN
from implementers.right import RIGHT, Code

CODES = {"faults": FAULTS, "own": OWN, "right": RIGHT}
SAID = ("passes", "WrongGradient", "SubjectError", "NothingChecked", "Undecided")
"""What may come of a check; any other exception is raw, out of its inside."""
THEOREM = "gradients/recurrent_weights"


@dataclass(frozen=True)
class Outcome:
    """What came of a check: "passes" or the name of an exception, and what it said."""

    verdict: str
    words: str = ""

    @property
    def raw(self) -> bool:
        """Whether it is an exception that says nothing to a user."""
        return self.verdict not in SAID

    @property
    def seen(self) -> bool:
        """Whether it is an alarm that was meant to be one."""
        return self.verdict in SAID[1:4]

    def right_for(self, code: Code) -> bool:
        """Whether it is what should come of this code, in verdict and in words."""
        if self.verdict not in code.verdicts:
            return False
        return self.verdict == "passes" or bool(
            re.search(code.says, self.words, re.DOTALL) and not re.search(code.never, self.words, re.DOTALL)
        )


def at_net(code: Code, name: str) -> Outcome:
    """What `gradcheck` says at a net."""
    made = code.make()
    return outcome(
        lambda: gradcheck(
            made, net_for(made, name), dtype=None if code.format == "float64" else code.format, seconds=60
        )
    )


def in_the_command(code: Code) -> Outcome:
    """What `backproof check` says of one theorem."""

    def run() -> None:
        bench = Bench(subject=fitted(code.make(), "code"), name="code", profile="dev")
        record: Any = judge(THEOREM, theorem(THEOREM), bench)
        if record.verdict != "proved":
            raise AssertionError(verdict(record))

    found = outcome(run)
    return Outcome("WrongGradient", found.words) if found.verdict == "AssertionError" else found


def outcome(check: Callable[[], Any], seconds: int = 60) -> Outcome:
    """What comes of a check, in the time that it is given."""
    try:
        with _undisturbed(), _limited(seconds):
            check()
    except Exception as error:
        return Outcome(type(error).__name__, str(error))
    return Outcome("passes")


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """What code does to NumPy's settings, warnings and output stays inside."""
    with np.errstate(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _limited(seconds: int) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def table(codes: tuple[Code, ...], check: bool) -> Iterator[str]:
    """A row for each code, and how many there were of each kind."""
    ways: dict[str, Callable[[Code], Outcome]] = {
        "README's net": lambda code: at_net(code, "README's own"),
        "its own net": lambda code: at_net(code, code.at),
    }
    if check:
        ways["check"] = in_the_command
    yield "| code | " + " | ".join(ways) + " |\n|---" + "|---" * len(ways) + "|"
    found: dict[str, list[tuple[Code, Outcome]]] = {way: [] for way in ways}
    for code in codes:
        for way, ask in ways.items():
            found[way].append((code, ask(code)))
        yield f"| {code.name} | " + " | ".join(_cell(*found[way][-1]) for way in ways) + " |"
    for way, each in found.items():
        seen, raw, right = (
            sum(getattr(one, word) for _, one in each) if word else sum(one.right_for(code) for code, one in each)
            for word in ("seen", "raw", "")
        )
        passed = sum(one.verdict == "passes" for _, one in each)
        yield f"\n{way}: {len(each)} tried, {seen} seen, {passed} passed, {raw} raw, {right} as should be"


def _cell(code: Code, one: Outcome) -> str:
    if one.right_for(code):
        return f"{one.verdict}, right"
    return f"**{one.verdict}**" + (f": {' '.join(one.words.split())[:160]}" if one.words else "")


if __name__ == "__main__":
    for group in [name for name in sys.argv[1:] if name in CODES] or list(CODES):
        print(f"\n## {group}\n")
        for line in table(CODES[group], "--check" in sys.argv):
            print(line, flush=True)
