"""Which faults each gradient checker catches, at each initial scale, and how often it objects to right code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from backproof.referee.comparison.checkers import CHECKERS, Checker
from backproof.referee.subjects import load_subject
from backproof.referee.zoo.bptt import Recipe
from backproof.referee.zoo.instances import SCALES, changes, net_at, random_net
from backproof.referee.zoo.registry import FAULTS
from backproof.theory.nets.networks import Net

Table = dict[str, Any]
Progress = Callable[[str], None]

RIGHT_NETS = 240


def present(checkers: Iterable[Checker]) -> tuple[list[Checker], dict[str, str]]:
    """The checkers that can run here, and for each of the others why it cannot."""
    every = list(checkers)
    missing = {checker.name: checker.missing for checker in every}
    return [c for c in every if missing[c.name] is None], {name: why for name, why in missing.items() if why}


def compare(
    scales: Sequence[str] = SCALES,
    checkers: Iterable[Checker] = CHECKERS,
    *,
    subject: str = "impl",
    progress: Progress = lambda _: None,
) -> Table:
    """Rows of faults: for each checker and scale True if it is caught, False if not, None if it could not say.

    ``rows`` are the faults of an Elman net; ``live`` the scales at which one changes the gradient, which are those that
    count. At a scale where a checker objects to right code too (``objects_to_right``) it cannot say. ``totals`` and
    ``seconds`` go by checker.
    """
    running, missing = present(checkers)
    right = load_subject(subject)
    seconds = dict.fromkeys((checker.name for checker in running), 0.0)
    wary = {c.name: [scale for scale in scales if verdict(c, right, net_at(scale)) is not False] for c in running}
    rows: list[Table] = []
    for name, fault in FAULTS.items():
        if not isinstance(fault.recipe, Recipe):
            continue
        progress(name)
        live = [scale for scale in scales if changes(fault, scale)]
        wrong = fault.apply(right)
        caught: dict[str, dict[str, bool | None]] = {checker.name: {} for checker in running}
        for scale in live:
            for checker in running:
                start = time.perf_counter()
                found = verdict(checker, wrong, net_at(scale))
                caught[checker.name][scale] = None if scale in wary[checker.name] else found
                seconds[checker.name] += time.perf_counter() - start
        rows.append(
            {
                "fault": name,
                "family": fault.family,
                "what": fault.what,
                "loss_agrees": fault.loss_agrees,
                "live": live,
                "caught": caught,
            }
        )
    return {
        "scales": list(scales),
        "checkers": {checker.name: checker.how for checker in running},
        "missing": missing,
        "objects_to_right": wary,
        "rows": rows,
        "live": sum(len(row["live"]) for row in rows),
        "totals": {c.name: sum(v is True for row in rows for v in row["caught"][c.name].values()) for c in running},
        "seconds": seconds,
    }


def verdict(checker: Checker, subject: Any, net: Net) -> bool | None:
    """Whether a checker objects; None if it cannot decide, or breaks."""
    try:
        return checker(subject, net)
    except (ArithmeticError, ValueError, RuntimeError):
        return None


def false_alarms(
    checkers: Iterable[Checker] = CHECKERS,
    *,
    subject: str = "impl",
    count: int = RIGHT_NETS,
    progress: Progress = lambda _: None,
) -> Table:
    """How often each checker objects to right code, on nets with gradients from 1e-200 to exploding."""
    running, _ = present(checkers)
    right = load_subject(subject)
    found: Table = {checker.name: {"nets": 0, "alarms": 0, "undecided": 0} for checker in running}
    for seed in range(count):
        net = random_net(seed)
        if seed % 20 == 0:
            progress(f"right code {seed}")
        for checker in running:
            said = verdict(checker, right, net)
            found[checker.name]["nets"] += 1
            found[checker.name]["alarms"] += said is True
            found[checker.name]["undecided"] += said is None
    return found
