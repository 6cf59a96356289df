"""Truncated back-propagation: with the state K steps back held fixed, the last K terms of each loss are left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq, Max

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import Contribution, LossGradient, StepLossGradient, TimeSum, TruncatedGradient
from backproof.theory.language.notation import T, U, W, b, h, k, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import TRAINING_RNNS, WILLIAMS_PENG
from backproof.theory.theorems.gradients._steps import ASKED, EARLIER, contribution_of
from backproof.theory.theorems.gradients._truncation import NEAR, K, kept, truncated_matches, windowed


def _window(whole: Any = T, **how: Any) -> Any:
    """The gradients within a window of K, and those that a window as long as the sequence gives."""
    sums = (Eq(TruncatedGradient(q, K), kept(q, **how), evaluate=False) for q in (W, U, b))
    return And(*sums, *(Eq(TruncatedGradient(q, whole), LossGradient(q), evaluate=False) for q in (W, U, b)))


def _within(theta: Any) -> Iterator[Line]:
    """What the window keeps, the last line called "window by θ"."""
    copies = TimeSum(Contribution(theta, t, k), (k, NEAR, t))
    near, whole = kept(theta).args[0], TimeSum(copies, (t, 1, T))
    yield line(
        f"copies of {theta} in the window",
        Eq(TruncatedGradient(theta, K), whole, evaluate=False),
        "chain rule",
        why="With h_{t−K} held fixed the loss of step t sees the copies of the last K steps, and their terms add up",
    )
    yield line(f"near terms of {theta}", Eq(copies, near, evaluate=False), "term by term", f"term of {theta}")
    yield line(
        f"all near terms of {theta}", Eq(whole, kept(theta), evaluate=False), "term by term", f"near terms of {theta}"
    )
    yield line(
        f"window by {theta}",
        Eq(TruncatedGradient(theta, K), kept(theta), evaluate=False),
        "equals for equals",
        f"all near terms of {theta}",
        f"copies of {theta} in the window",
    )


def _everything(theta: Any) -> Iterator[Line]:
    """A window of T steps leaves nothing out, the last line called "whole by θ"."""
    copy = Contribution(theta, t, k)
    seen, every = TimeSum(copy, (k, FIRST, t)), TimeSum(copy, (k, 1, t))
    window, loss = TruncatedGradient(theta, T), StepLossGradient(theta, t)
    windows, losses = (TimeSum(q, (t, 1, T)) for q in (seen, loss))
    yield line(f"a window of T by {theta}", Eq(window, windows, evaluate=False), "chain rule")
    yield line(f"what it sees by {theta}", Eq(seen, seen, evaluate=False), "matrix algebra")
    yield line(
        f"all steps by {theta}",
        Eq(seen, every, evaluate=False),
        "equals for equals",
        "first step",
        f"what it sees by {theta}",
    )
    yield line(f"copies of {theta}", Eq(loss, every, evaluate=False), "chain rule")
    yield line(
        f"whole loss by {theta}",
        Eq(seen, loss, evaluate=False),
        "equals for equals",
        f"all steps by {theta}",
        f"copies of {theta}",
        f"copies of {theta}",
    )
    yield line(
        f"whole losses by {theta}", Eq(windows, losses, evaluate=False), "term by term", f"whole loss by {theta}"
    )
    yield line(f"losses by {theta}", Eq(LossGradient(theta), losses, evaluate=False), "chain rule")
    yield line(
        f"all windows by {theta}",
        Eq(window, losses, evaluate=False),
        "equals for equals",
        f"whole losses by {theta}",
        f"a window of T by {theta}",
    )
    yield line(
        f"whole by {theta}",
        Eq(window, LossGradient(theta), evaluate=False),
        "equals for equals",
        f"all windows by {theta}",
        f"losses by {theta}",
        f"all windows by {theta}",
    )


FIRST = Max(1, t - T + 1)
READ = (W, U, b)
statement = _window()

PROOF = Proof(
    ranges=EARLIER,
    lines=(
        *ASKED,
        line("first step", Eq(FIRST, 1, evaluate=False), "integers", why="No step is T steps before another"),
        *(one for theta in READ for one in (*contribution_of(theta), *_within(theta), *_everything(theta))),
        line("all", statement, "together", *(f"{what} by {theta}" for theta in READ for what in ("window", "whole"))),
    ),
)

relu = net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2], [2, 1]], activation="relu", loss="squared_error")

THEOREM = Theorem(
    title="Truncated gradients",
    words="A window of K steps keeps the K nearest terms of every loss; as long as the sequence, it keeps them all.",
    sources=(WILLIAMS_PENG.at("BPTT(h)"), TRAINING_RNNS.at("truncated BPTT")),
    statement=statement,
    instances=windowed(),
    check=truncated_matches,
    proof=PROOF,
    certified=(NetWithValues(relu, {K: 1}), NetWithValues(relu, {K: 2})),
    mutants={
        "one step fewer": _window(oldest=Max(1, t - K + 2)),
        "one step more": _window(oldest=Max(1, t - K)),
        "the step itself missing": _window(newest=t - 1),
        "h_k for h_{k-1}": _window(state=h[k]),
        "a window of one is the whole": _window(whole=1),
    },
    examples=40,
)
