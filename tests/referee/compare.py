"""The comparison: which faults each gradient checker catches, how finely it sees, and how long it takes.

Every checker runs for real, in the same process, on the same nets.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from referee.checkers import CHECKERS, OURS, Checker, framework
from referee.gradcheck import forget
from referee.sides import installed, load, subjects, surroundings, threads
from referee.subjects import load_subject
from referee.zoo.bptt import Array, Recipe
from referee.zoo.instances import (
    BATCH,
    EVERYWHERE,
    FAINT,
    SCALES,
    STEPS,
    UNITS,
    WORDS,
    changes,
    net_at,
    random_net,
)
from referee.zoo.records import Faulty
from referee.zoo.registry import FAULTS
from theory.nets import NAMES, Net

Table = dict[str, Any]
Progress = Callable[[str], None]

RIGHT_NETS = 240
GRID = ((2, 5), (4, 10), (8, 20), (16, 50))
"""Units and steps at which sensitivity is measured."""
TIMED = (16, 50)
REPEATS = 3
"""How often each time is taken; the least counts, for every checker alike."""
DECADES = tuple(10.0**power for power in range(-15, 1))


def present(checkers: Iterable[Checker]) -> tuple[list[Checker], dict[str, str]]:
    """Those that can run, and why the others cannot."""
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
    wary = {c.name: [scale for scale in scales if _verdict(c, right, net_at(scale)) is not False] for c in running}
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
                verdict = _verdict(checker, wrong, net_at(scale))
                caught[checker.name][scale] = None if scale in wary[checker.name] else verdict
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


def _verdict(checker: Checker, subject: Any, net: Net) -> bool | None:
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
            verdict = _verdict(checker, right, net)
            found[checker.name]["nets"] += 1
            found[checker.name]["alarms"] += verdict is True
            found[checker.name]["undecided"] += verdict is None
    return found


RANKS = (0, 0.25, 0.5, 0.75, 1)
"""Which entries of a gradient errors are planted in, by size: from the smallest that is not zero, 0, to the largest."""


def _entries(gradients: Mapping[str, Array]) -> list[tuple[str, tuple[int, ...]]]:
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
    places = _entries(subject.gradients(net.parameters, net.inputs, net.targets, **net.settings))

    def seen(relative: float) -> bool:
        return all(_verdict(checker, planted(subject, name, place, relative), net) is True for name, place in places)

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


def torch_seconds(net: Net, threads: int | None = None) -> float:
    """How long gradcheck takes, with its defaults, for the same net written in PyTorch, on so many threads if given.

    Raises
    ------
    Missing
        If PyTorch is not installed.
    """
    torch = framework("torch")
    inputs, targets = torch.tensor(net.inputs), torch.tensor(net.targets)

    def loss(W: Any, U: Any, V: Any, b: Any, c: Any, h0: Any) -> Any:
        h, outputs = h0, []
        for x in inputs:
            h = torch.tanh(h @ W.T + x @ U.T + b)
            outputs.append(h @ V.T + c)
        return torch.nn.functional.cross_entropy(torch.cat(outputs), targets.flatten(), reduction="mean")

    tensors = [torch.tensor(net.parameters[name], requires_grad=True) for name in NAMES]
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads or before)
        return _seconds(lambda: torch.autograd.gradcheck(loss, tensors))
    finally:
        torch.set_num_threads(before)


def durations(checkers: Iterable[Checker] = CHECKERS, *, subject: str = "impl") -> Table:
    """Seconds for one full check at 16 units and 50 steps, and gradcheck's over ours: of NumPy code and of its own.

    Ours keeps nothing from one check to the next here; ``again`` is what it takes at a shape that it has met before.
    """
    running, _ = present(checkers)
    right = load_subject(subject)
    net = net_at("orthogonal", *TIMED, 1)
    seconds = {}
    for checker in running:
        seconds[checker.name] = _fastest(partial(checker, right, net))
    found: Table = {"units": TIMED[0], "steps": TIMED[1], "seconds": seconds, "gradcheck_over_ours": {}}
    if OURS in running:
        found["again"] = min(_seconds(partial(OURS, right, replace(net))) for _ in range(REPEATS))
    if "torch gradcheck" in seconds:
        in_torch = "torch gradcheck of a net in PyTorch"
        for name, count in ((in_torch, None), (f"{in_torch}, one thread", 1)):
            seconds[name] = min(torch_seconds(net, count) for _ in range(REPEATS))
        for name in ("torch gradcheck", in_torch, f"{in_torch}, one thread"):
            found["gradcheck_over_ours"][name] = seconds[name] / seconds[OURS.name]
    return found


def _fastest(check: Callable[[], Any]) -> float:
    """The least of some runs, each of which starts from nothing."""
    found = []
    for _ in range(REPEATS):
        forget()
        found.append(_seconds(check))
    return min(found)


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


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
    table["sensitivity"] = sensitivity(subject=subject, grid=grid, progress=progress)
    table["time"] = {**durations(subject=subject), "threads": threads(), "load": load()}
    table["subjects"] = subjects()
    table["versions"] = installed()
    table["machine"] = surroundings(time.perf_counter() - start)
    return table


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
