"""The verdicts of a run on the console."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from backproof.reports.record import SOUND, ClaimRecord, DeviationRecord, Run, TheoremRecord
from backproof.reports.wording import GLYPHS, count, number

STYLES = {"failed": "bold red", "vacuous": "bold red", "corrected": "yellow", "refuted": "yellow"}
THEOREM_COLUMNS = ("theorem", "verdict", "scope", "instances", "worst margin", "mutants", "machine-made")
CLAIM_COLUMNS = ("claim", "verdict", "why")
DEVIATION_COLUMNS = ("deviates at", "by", "instance", "found")
NOT_OFFERED_COLUMNS = ("not offered", "why")
RIGHT = frozenset({"instances", "worst margin", "mutants", "machine-made", "by"})


def print_verdicts(run: Run, console: Console) -> None:
    """Print tables of theorems, claims, deviations and what is not offered, then what failed and why.

    Off a terminal every row is one line.
    """
    _print_table(console, THEOREM_COLUMNS, [_theorem(theorem) for theorem in run.theorems])
    _print_table(console, CLAIM_COLUMNS, [_claim(claim) for claim in run.claims])
    _print_table(console, DEVIATION_COLUMNS, [_deviation(found) for found in run.deviations])
    _print_table(console, NOT_OFFERED_COLUMNS, [(lacking.id, _brief(lacking.why)) for lacking in run.not_offered])
    records: tuple[TheoremRecord | ClaimRecord, ...] = (*run.theorems, *run.claims)
    failures = [record for record in records if _failed(record)]
    for record in failures:
        _line(console, f"{GLYPHS['failed']} {record.id}: {record.verdict}", "bold red")
        for problem in _problems(record):
            for part in problem.splitlines():
                _line(console, f"    {part}")
    if run.claiming:
        share = f"{100 * run.agreed / run.claiming:.1f} %"
        _line(console, f"a second engine agrees with {run.agreed:,} of {run.claiming:,} lines of proofs, {share}")
    total = f"{count(len(run.theorems), 'theorem')} and {count(len(run.claims), 'claim')} on {run.subject}"
    outcome = "all as expected" if run.sound else f"{len(failures)} failed"
    outcome += f", {count(len(run.deviations), 'deviation')}" if run.deviations else ""
    outcome += f", {len(run.not_offered)} not offered" if run.not_offered else ""
    _line(console, f"{total}: {outcome}", "bold" if run.sound else "bold red")


def _theorem(theorem: TheoremRecord) -> tuple[str, ...]:
    killed = sum(mutant.killed for mutant in theorem.mutants)
    examples, margin = theorem.property.examples, theorem.property.worst_margin
    guard = f"{killed}/{len(theorem.mutants)}"
    rejected = sum(made.outcome == "rejected" for made in theorem.machine_made)
    made = f"{rejected}/{len(theorem.machine_made)}"
    return (theorem.id, theorem.verdict, theorem.scope, f"{examples:,}", number(margin), guard, made)


def _claim(claim: ClaimRecord) -> tuple[str, ...]:
    return (claim.id, claim.verdict, _brief(claim.why))


def _deviation(found: DeviationRecord) -> tuple[str, ...]:
    what = f"{found.found} for {found.expected}" if found.expected else f"{found.found}: {found.why}"
    return (found.theorem, number(found.size), _brief(f"{found.name}: {found.instance}"), what)


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 90 else line[:89].rstrip() + "…"


def _failed(record: TheoremRecord | ClaimRecord) -> bool:
    return record.verdict not in SOUND if isinstance(record, TheoremRecord) else record.verdict == "failed"


def _problems(record: TheoremRecord | ClaimRecord) -> Iterable[str]:
    yield from record.problems
    if isinstance(record, TheoremRecord):
        if record.proof and record.proof.obstacle:
            yield f"the proof does not close: {record.proof.obstacle}"
        if record.property.counterexample is not None:
            yield f"counterexample: {record.property.counterexample}"
        yield f"reproduce: {record.reproduce}"


def _print_table(console: Console, columns: Sequence[str], rows: list[tuple[str, ...]]) -> None:
    if not rows:
        return
    if not console.is_terminal:
        _print_plain(console, columns, rows)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in RIGHT else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    console.print(table)


def _print_plain(console: Console, columns: Sequence[str], rows: list[tuple[str, ...]]) -> None:
    """Print aligned columns, one line per row however long, so that other programs can read them."""
    lines = [tuple(columns), *(tuple(" ".join(cell.split()) for cell in row) for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        _line(console, "  ".join(cells).rstrip())
    _line(console, "")


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)
