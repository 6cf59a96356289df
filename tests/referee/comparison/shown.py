"""The comparison for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backproof.referee.comparison.catching import Table


def printable(table: Table) -> list[Any]:
    """The table for a terminal: faults, totals, sensitivity and time, each as something that Rich prints."""
    from rich.table import Table as Rich

    names = list(table["checkers"])
    faults = Rich("fault", *names, title="Caught, by initial scale", box=None, title_justify="left")
    for row in table["rows"]:
        faults.add_row(row["fault"], *(_marks(row["caught"][name], row["live"]) for name in names))
    faults.add_row("caught in all", *(f"{table['totals'][name]} of {table['live']}" for name in names))
    faults.add_row("seconds", *(f"{table['seconds'][name]:.1f}" for name in names))
    parts = [faults]
    if "false_alarms" in table:
        alarms = table["false_alarms"]
        faults.add_row("false alarms", *(f"{alarms[name]['alarms']} of {alarms[name]['nets']}" for name in names))
        kinds = table["naming"]["kinds"]
        named = Rich("faults of", *kinds, title="What is said of a fault", box=None, title_justify="left")
        of = {"an Elman net": table["naming"]["zoo"], **table["naming"]["cells"]}
        for what, counted in of.items():
            named.add_row(what, *map(str, counted.values()))
        parts.append(named)
        title = "Smallest relative error in one entry that is always seen"
        seen = Rich("scale", "units", "steps", *names, title=title, box=None, title_justify="left")
        for one in table["sensitivity"]:
            values = (one["seen"][name] for name in names)
            words = ("never" if value is None else f"{value:.0e}" for value in values)
            seen.add_row(one["scale"], str(one["units"]), str(one["steps"]), *words)
        parts.append(seen)
        timed = Rich("full check of one net", "seconds", title="Time", box=None)
        for name, seconds in table["time"]["seconds"].items():
            timed.add_row(name, f"{seconds:.3f}")
        parts.append(timed)
    return [*parts, *(f"{name} is left out: {why}" for name, why in table["missing"].items())]


def _marks(caught: Mapping[str, bool | None], live: Sequence[str]) -> str:
    """The scales at which a fault is missed, or that it never is."""
    if not live:
        return "–"
    missed = [scale for scale in live if caught[scale] is not True]
    return "caught" if not missed else f"missed at {', '.join(missed)}"
