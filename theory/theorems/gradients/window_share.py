"""Of what an input does at a lag, a window keeps a share that depends on the lag; so no one factor makes up for it.

All the steps since the input give the same term. A window keeps as many of them as it reaches back, all if the input
lies within it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq, Min, Symbol

from backproof.theory.arithmetic import Rationals
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import LossGradient, TruncatedGradient
from backproof.theory.language.notation import W
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import AICHER, TALLEC_OLLIVIER_2017
from backproof.theory.theorems.gradients._truncation import K

lag = Symbol("l", integer=True, positive=True)
whole, kept = LossGradient(W), TruncatedGradient(W, K)


def _shares(share: Any) -> Any:
    return Eq(lag * kept, share * whole, evaluate=False)


def one_input(instance: Any) -> bool:
    """Whether a linear unit starts at 0 without a bias, and reads the lag before the last step and never else."""
    run = instance.net
    read = [step for step in range(1, run.steps + 1) if np.any(run.inputs[step - 1] @ run.U.T)]
    still = not (np.any(run.h0) or np.any(run.b))
    return bool(run.phi.linear and run.sizes[2] == 1 and still and read == [run.steps - instance.values[lag]])


def charged_last(instance: Any) -> bool:
    """Whether no step but the last is charged, in exact numbers."""
    unrolled = Unrolled(instance.net, Rationals())
    return all(unrolled.quantity("g", step)[0, 0] == 0 for step in range(1, instance.net.steps))


impulse = Assumption(
    name="one input", text="h_t = w h_{t−1} + x_t for one unit, from 0, where x_{T−l} alone is not 0", holds=one_input
)
last = Assumption(name="charged last", text="g_t = 0 for t < T", holds=charged_last)


def struck(weight: float, steps: int, distance: int, window: int, size: float = 1.0) -> NetWithValues:
    """A unit that reads ``size`` so far before the last step, with targets that it meets until then and misses by 1."""
    since = [step - steps + distance for step in range(1, steps + 1)]
    states = [size * weight**passed if passed >= 0 else 0.0 for passed in since]
    states[-1] -= 1
    inputs = [[size if passed == 0 else 0.0] for passed in since]
    run = net(
        W=[[weight]], inputs=inputs, targets=[[state] for state in states], activation="identity", loss="squared_error"
    )
    return NetWithValues(run, {K: window, lag: distance})


@st.composite
def impulses(draw: Any) -> NetWithValues:
    """Any weight of halves, 2 to 6 steps, any lag and any window."""
    steps = draw(st.integers(2, 6))
    weight, size = draw(st.sampled_from([0.5, 1.0, -0.5, 2.0, -1.5])), draw(st.sampled_from([1.0, -2.0, 0.5]))
    return struck(weight, steps, draw(st.integers(1, steps - 1)), draw(st.integers(1, steps)), size)


far = struck(0.5, 4, 3, 1)
twice = far.net.with_(
    inputs=np.array([[[1.0]], [[0.5]], [[0.0]], [[0.0]]]), targets=np.array([[[1.0]], [[1.0]], [[0.5]], [[0.0]]])
)
"""It reads a second input at the second step, and meets its targets until the last."""

THEOREM = Theorem(
    title="Share of a window",
    words="What one input does to ∂L/∂w across the lag l is l equal terms, and a window of K keeps min(K, l) of them.",
    sources=(
        TALLEC_OLLIVIER_2017.at("the bias of truncated backpropagation"),
        AICHER.at("bias of the truncated gradient"),
    ),
    statement=_shares(Min(K, lag)),
    instances=impulses(),
    assumptions=(impulse, last),
    without={
        impulse: NetWithValues(twice, far.values),
        last: NetWithValues(far.net.with_(targets=np.zeros_like(far.net.targets)), far.values),
    },
    certified=(far, struck(-1.5, 6, 5, 2), struck(2.0, 3, 1, 1)),
    mutants={
        "all of it": _shares(lag),
        "one factor for every lag": Eq(kept, whole / 2, evaluate=False),
        "one term more": _shares(Min(K + 1, lag)),
        "as many as the window is long": _shares(K),
        "their square": _shares(Min(K, lag) ** 2),
    },
    examples=60,
)
