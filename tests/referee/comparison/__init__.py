"""The comparison: which faults each gradient checker catches, how finely it sees, and how long it takes.

Every checker runs for real, in the same process, on the same nets.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from backproof.referee.comparison.catching import RIGHT_NETS, Progress, Table, compare, false_alarms
from backproof.referee.comparison.naming import naming
from backproof.referee.comparison.sensitivity import GRID, sensitivity
from backproof.referee.comparison.shown import printable
from backproof.referee.comparison.sides import installed, load, subjects, surroundings, threads
from backproof.referee.comparison.timing import durations
from backproof.referee.zoo.instances import BATCH, EVERYWHERE, STEPS, UNITS, WORDS

__all__ = ["main_table", "printable"]


def main_table(
    *,
    subject: str = "impl",
    scales: Sequence[str] = EVERYWHERE,
    right_nets: int = RIGHT_NETS,
    grid: Sequence[tuple[int, int]] = GRID,
    progress: Progress = lambda _: None,
) -> Table:
    """Everything that the page of the comparison shows, as plain data."""
    start = time.perf_counter()
    table = {"subject": subject, **compare(scales, subject=subject, progress=progress)}
    table["net"] = {"units": UNITS, "steps": STEPS, "batch": BATCH, "words": WORDS}
    table["false_alarms"] = false_alarms(subject=subject, count=right_nets, progress=progress)
    table["naming"] = naming(subject=subject, progress=progress)
    table["sensitivity"] = sensitivity(subject=subject, grid=grid, progress=progress)
    table["time"] = {**durations(subject=subject), "threads": threads(), "load": load()}
    table["subjects"] = subjects()
    table["versions"] = installed()
    table["machine"] = surroundings(time.perf_counter() - start)
    return table
