"""The smallest relative error in one entry of one gradient that each checker always sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from backproof.referee.comparison.catching import Progress, Table, present, verdict
from backproof.referee.comparison.checkers import CHECKERS, Checker
from backproof.referee.subjects import load_subject
from backproof.referee.zoo.bptt import Array
from backproof.referee.zoo.instances import FAINT, net_at
from backproof.referee.zoo.records import Faulty
from backproof.theory.confronting.subject import answer
from backproof.theory.nets.networks import Net

GRID = ((2, 5), (4, 10), (8, 20), (16, 50))
"""Units and steps at which sensitivity is measured."""
DECADES = tuple(10.0**power for power in range(-15, 1))

RANKS = (0, 0.25, 0.5, 0.75, 1)
"""Which entries of a gradient errors are planted in, by size: from the smallest that is not zero, 0, to the largest."""


def entries(gradients: Mapping[str, Array]) -> list[tuple[str, tuple[int, ...]]]:
    """Places in W, U and V of those ranks."""
    chosen = []
    for name in ("W", "U", "V"):
        size = np.abs(gradients[name]).ravel()
        order = [int(i) for i in np.argsort(size) if size[i] > 0]
        chosen += [(name, order[round(rank * (len(order) - 1))]) for rank in RANKS]
    return [(name, tuple(int(i) for i in np.unravel_index(k, gradients[name].shape))) for name, k in chosen]


def planted(subject: Any, name: str, place: tuple[int, ...], relative: float) -> Faulty:
    """The subject with one entry of one gradient off."""

    def gradients(*task: Any, **settings: Any) -> dict[str, Array]:
        found: dict[str, Array] = subject.gradients(*task, **settings)
        wrong = found[name].copy()
        wrong[place] *= 1 + relative
        return {**found, name: wrong}

    return Faulty(subject, {"gradients": gradients})


def smallest_seen(checker: Checker, subject: Any, net: Net) -> float | None:
    """The smallest power of ten such that this relative error is seen in each of the entries; None if 1 is not."""
    places = entries(answer(subject, "gradients", net))

    def seen(relative: float) -> bool:
        return all(verdict(checker, planted(subject, name, place, relative), net) is True for name, place in places)

    low, high = 0, len(DECADES) - 1
    if not seen(DECADES[high]):
        return None
    while low < high:  # what is seen at one size is seen at every larger one
        middle = (low + high) // 2
        low, high = (low, middle) if seen(DECADES[middle]) else (middle + 1, high)
    return DECADES[high]


def sensitivity(
    checkers: Iterable[Checker] = CHECKERS,
    *,
    subject: str = "impl",
    grid: Sequence[tuple[int, int]] = GRID,
    scales: Sequence[str] = ("0.01", "orthogonal", FAINT),
    progress: Progress = lambda _: None,
) -> list[Table]:
    """For each size and scale, by checker, the smallest relative error in one entry that is seen in each of them."""
    running, _ = present(checkers)
    right = load_subject(subject)
    found = []
    for scale in scales:
        for units, steps in grid:
            progress(f"sensitivity at {units} units, {steps} steps")
            net = net_at(scale, units, steps, 1)
            seen = {checker.name: smallest_seen(checker, right, net) for checker in running}
            found.append({"scale": scale, "units": units, "steps": steps, "seen": seen})
    return found
