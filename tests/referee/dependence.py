"""How a claim's outcome depends on a setting that its source leaves open: a mean over seeds at each value of a grid."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from backproof.referee.statistics import interval
from backproof.reports.record import DependenceRecord, Picture, SettingRecord
from backproof.theory.confronting.subject import Lacks
from backproof.theory.records.records import Dependence


def dependence(asked: Dependence, subject: Any) -> DependenceRecord | None:
    """The outcome at every value of the setting; None if the subject does not offer what is sampled."""
    try:
        grid = tuple(_outcome(asked, index, subject) for index in range(len(asked.values)))
    except (Lacks, NotImplementedError):
        return None
    return DependenceRecord(
        setting=asked.setting,
        quantity=asked.quantity,
        at_least=asked.at_least,
        seeds=asked.seeds,
        confidence=asked.confidence,
        grid=grid,
        picture=_picture(asked, grid),
    )


def _outcome(asked: Dependence, index: int, subject: Any) -> SettingRecord:
    value = asked.values[index]
    sample = np.array([asked.sample(subject, value, seed) for seed in range(asked.seeds)], dtype=np.float64)
    low, high = interval(sample, asked.confidence)
    outcome: Literal["holds", "fails", "open"] = "open"
    if low >= asked.at_least:
        outcome = "holds"
    elif high < asked.at_least:
        outcome = "fails"
    name = asked.names[index] if asked.names else f"{value:g}"
    return SettingRecord(value=value, name=name, estimate=float(sample.mean()), low=low, high=high, outcome=outcome)


def _picture(asked: Dependence, grid: tuple[SettingRecord, ...]) -> Picture:
    percent = round(100 * asked.confidence)
    return Picture(
        kind="over_setting",
        title=f"Over the {asked.setting}",
        caption=f"{asked.quantity[0].upper()}{asked.quantity[1:]}: means of {asked.seeds} seeds with their {percent} % "
        f"intervals. The claim holds where all of one lies above {asked.at_least:g}, fails where all of it lies below, "
        "and is open in between.",
        data={
            "setting": asked.setting,
            "names": [at.name for at in grid],
            "estimate": [at.estimate for at in grid],
            "low": [at.low for at in grid],
            "high": [at.high for at in grid],
            "at_least": asked.at_least,
        },
    )
