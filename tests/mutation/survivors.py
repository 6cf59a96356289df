"""What a run over mutants found: the figures by module, and the survivors that no reason explains."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

KILLED = ("killed", "timeout")
Explained = set[tuple[str, str]]


@dataclass(frozen=True)
class Mutant:
    """A mutant that was run: `function` as in backproof.impl.training.train, `change` the lines that are new in it."""

    module: str
    function: str
    change: str
    status: str


def explained(file: Path) -> Explained:
    """The survivors that the file lists, by function and changed line, each with a reason."""
    reasons = tomllib.loads(file.read_text(encoding="utf-8"))["because"]
    return {
        (function, change) for reason in reasons for function, changes in reason["in"].items() for change in changes
    }


def change(diff: Iterable[str]) -> str:
    """Return the lines that a diff adds, or those that it removes if it adds none."""
    lines = list(diff)[2:]
    added = [line[1:].strip() for line in lines if line.startswith("+")]
    return "\n".join(added or [f"without {line[1:].strip()}" for line in lines if line.startswith("-")])


def unexplained(mutants: list[Mutant], known: Explained, *, all_ran: bool) -> bool:
    """Print what is left to explain, and what the list explains in vain; whether there is any."""
    survived = {(mutant.function, mutant.change) for mutant in mutants if mutant.status == "survived"}
    holes = [m for m in mutants if m.status not in KILLED and (m.function, m.change) not in known]
    stale = sorted(known - survived) if all_ran else []
    for hole in holes:
        print(f"{hole.status}: {hole.function}\n    {hole.change}")
    for function, line in stale:
        print(f"listed as equivalent, but no such mutant survived: {function}\n    {line}")
    return bool(holes or stale)


def table(mutants: list[Mutant], known: Explained) -> str:
    """How many mutants of each module were killed, and how."""
    rows = Counter[tuple[str, str]]()
    for mutant in mutants:
        equivalent = mutant.status == "survived" and (mutant.function, mutant.change) in known
        status = "equivalent" if equivalent else mutant.status if mutant.status in KILLED else "left"
        for module in (mutant.module, "all"):
            rows[module, status] += 1
            rows[module, "mutants"] += 1
    columns = ("mutants", "killed", "timeout", "equivalent", "left")
    modules = [*sorted({mutant.module for mutant in mutants}), "all"]
    lines = [
        f"| {module} | " + " | ".join(str(rows[module, column]) for column in columns) + " |" for module in modules
    ]
    return "\n".join(["| | " + " | ".join(columns) + " |", "|---" + "|---:" * len(columns) + "|", *lines, ""])
