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
    """Print what is left to explain, and what the list explains in vain; whether there is any.

    Unless all have run, only functions of which a mutant did are looked up in the list.
    """
    survived = {(mutant.function, mutant.change) for mutant in mutants if mutant.status == "survived"}
    holes = [m for m in mutants if m.status not in KILLED and (m.function, m.change) not in known]
    ran = {mutant.function for mutant in mutants}
    stale = sorted(entry for entry in known - survived if all_ran or entry[0] in ran)
    for hole in holes:
        print(f"{hole.status}: {hole.function}\n    {hole.change}")
    for function, line in stale:
        print(f"listed as equivalent, but no such mutant survived: {function}\n    {line}")
    return bool(holes or stale)


COLUMNS = ("mutants", "killed", "timeout", "equivalent", "left")


def table(mutants: list[Mutant], known: Explained, before: str = "") -> str:
    """How many mutants of each module were killed, and how; those that did not run keep their lines of before."""
    rows = Counter[tuple[str, str]]()
    now = {mutant.module for mutant in mutants}
    for line in before.splitlines():
        module, *figures = (cell.strip() for cell in line.strip("| ").split("|"))
        if len(figures) == len(COLUMNS) and figures[0].isdigit() and module not in (*now, "all"):
            for column, figure in zip(COLUMNS, figures, strict=True):
                rows[module, column] += int(figure)
                rows["all", column] += int(figure)
    for mutant in mutants:
        equivalent = mutant.status == "survived" and (mutant.function, mutant.change) in known
        status = "equivalent" if equivalent else mutant.status if mutant.status in KILLED else "left"
        for module in (mutant.module, "all"):
            rows[module, status] += 1
            rows[module, "mutants"] += 1
    modules = [*sorted({module for module, _ in rows} - {"all"}), "all"]
    lines = [
        f"| {module} | " + " | ".join(str(rows[module, column]) for column in COLUMNS) + " |" for module in modules
    ]
    return "\n".join(["| | " + " | ".join(COLUMNS) + " |", "|---" + "|---:" * len(COLUMNS) + "|", *lines, ""])
