"""How long each checker takes for one full check."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from backproof.referee.comparison.catching import Table, present
from backproof.referee.comparison.checkers import CHECKERS, OURS, Checker, framework
from backproof.referee.reference import forget
from backproof.referee.subjects import load_subject
from backproof.referee.zoo.instances import net_at
from backproof.theory.nets.networks import NAMES, Net

TIMED = (16, 50)
REPEATS = 3


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

    Nothing is kept from one check to the next.
    """
    running, _ = present(checkers)
    right = load_subject(subject)
    net = net_at("orthogonal", *TIMED, 1)
    seconds = {}
    for checker in running:
        seconds[checker.name] = _fastest(partial(checker, right, net))
    found: Table = {"units": TIMED[0], "steps": TIMED[1], "seconds": seconds, "gradcheck_over_ours": {}}
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
