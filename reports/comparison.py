"""The comparison of gradient checkers as one HTML page, beside the report's and in its style.

The table is what `backproof.referee.comparison.main_table` returns. All that the page shows is counted or read from it
here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from backproof.reports.page import environment, groups
from backproof.reports.plots import draw
from backproof.reports.record import Picture
from backproof.reports.wording import number, power_of_ten

Table = Mapping[str, Any]

OURS = "backproof"
MARKS = {
    "caught": ("●", "the checker objects to the wrong code, and not to the right code at this scale"),
    "missed": ("✕", "the fault changes a gradient, and the checker accepts it"),
    "cannot say": ("?", "the checker objects to the right code at this scale too, or comes to no answer"),
    "not live": ("·", "the fault changes no gradient at this scale, so that nothing can be caught; not counted"),
}
"""A sign for each outcome, and what it means."""

SCALES = {
    "0.001": "every parameter about 0.001",
    "0.01": "every parameter about 0.01",
    "1/√n": "every parameter about one over the root of its fan-in",
    "orthogonal": "W orthogonal, the others as for 1/√n",
    "loud": "W orthogonal, outputs in the thousands",
    "faint": "W orthogonal, V about 1e-200, and so the gradients that come through it",
}
"""What the initial scales mean."""


def comparison_page(table: Table) -> str:
    """Render the comparison. The same table gives the same bytes.

    Raises
    ------
        KeyError: the table lacks something that the page shows.

    """
    names = list(table["checkers"])
    view = {
        "table": table,
        "names": names,
        "marks": MARKS,
        "scale_meanings": {scale: SCALES.get(scale, "") for scale in table["scales"]},
        "families": groups(table["rows"], lambda row: str(row["family"])),
        "mark": mark,
        "counts": counts(table),
        "live_at": {scale: sum(scale in row["live"] for row in table["rows"]) for scale in table["scales"]},
        "hidden": hidden(table),
        "sensitivity": groups(table["sensitivity"], lambda row: str(row["scale"])),
        "pictures": pictures(table),
        "ratios": ratios(table["time"]["seconds"]),
        "relative": relative,
        "scientific": scientific,
    }
    return environment().get_template("comparison.html.j2").render(view) + "\n"


def mark(row: Table, checker: str, scale: str) -> str:
    """What a checker made of a fault at a scale, as a key of `MARKS`."""
    if scale not in row["live"]:
        return "not live"
    return {True: "caught", False: "missed", None: "cannot say"}[row["caught"][checker][scale]]


def counts(table: Table) -> dict[str, dict[str, dict[str, int]]]:
    """By checker and mark, how many faults, at each scale and ``in all``."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for name in table["checkers"]:
        at = {scale: [mark(row, name, scale) for row in table["rows"]] for scale in table["scales"]}
        every = {**at, "in all": [one for marks in at.values() for one in marks]}
        found[name] = {kind: {where: marks.count(kind) for where, marks in every.items()} for kind in MARKS}
    return found


def hidden(table: Table) -> dict[str, Any]:
    """The faults whose gradient is the derivative of the wrong loss, and who caught them at how many places."""
    rows = [row for row in table["rows"] if row["loss_agrees"]]
    caught = {
        name: sum(mark(row, name, scale) == "caught" for row in rows for scale in table["scales"])
        for name in table["checkers"]
    }
    return {"rows": rows, "live": sum(len(row["live"]) for row in rows), "caught": caught}


def pictures(table: Table) -> list[tuple[Picture, Any]]:
    """Sensitivity against the size of the net, one picture for each scale."""
    found = []
    by_scale = groups(table["sensitivity"], lambda row: str(row["scale"]))
    for index, (scale, rows) in enumerate(by_scale.items(), 1):
        curves = {name: [row["seen"][name] for row in rows] for name in table["checkers"]}
        data = {"sizes": [f"{row['units']} × {row['steps']}" for row in rows], "curves": curves}
        title = f"Smallest relative error always seen, scale {scale}"
        caption = "Lower is finer. What is not seen even at a relative error of 1 stands on the line “never”."
        picture = Picture(kind="sensitivity", title=title, caption=caption, data=data)
        found.append((picture, draw(picture, f"picture-{index}")))
    return found


def ratios(seconds: Mapping[str, float]) -> dict[str, str]:
    """Each time over ours; nothing for ours, and nothing at all where ours was not taken."""
    ours = seconds.get(OURS)
    return {name: f"{number(each / ours, 2)} ×" for name, each in seconds.items() if ours and name != OURS}


def relative(error: float | None) -> str:
    """A relative error for reading; powers of ten as such, "never" for none."""
    if error is None:
        return "never"
    exponent = round(math.log10(error))
    if exponent and math.isclose(error, 10.0**exponent):
        return power_of_ten(exponent)
    return number(error)


def scientific(text: str) -> str:
    """The text of a number with a raised exponent and a true minus sign: −1.5 × 10⁻¹⁷."""
    signed = re.sub(r"(?<!e)-(?=\d)", "−", text)
    return re.sub(r"e([+-]?\d+)", lambda found: f" × {power_of_ten(int(found[1]))}", signed)
