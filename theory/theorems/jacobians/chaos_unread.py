"""A chaotic orbit with vanishing gradients: the tent map in two units, and a loss that reads a third, stable one alone.

With p = max(x, 0) and q = max(x − ½, 0) the tent map x ↦ 1 − |1 − 2x| is 2p − 4q: two ReLU units run it. It doubles
distances wherever no state lies on a kink, with the Lyapunov exponent log 2. The third unit halves what it keeps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import And, Eq, Ge, Rational

from backproof.theory.arithmetic import Rationals
from backproof.theory.language.functions import ACTIVATIONS
from backproof.theory.language.nodes import Inner, SpectralNorm, StateJacobian, StepLossGradient
from backproof.theory.language.notation import h, k, t
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import MIKHAEIL

RELU = ACTIVATIONS["relu"]
W = np.array([[2.0, -4, 0], [2, -4, 0], [0, 0, 0.5]])
b = np.array([0.0, -0.5, 0.5])


def tent(start: float, steps: int, V: Any = ((0.0, 0, 1),)) -> Net:
    """The net from x_0 in (0, 1) for some steps, its third unit at 1/2, charged for being 1 there."""
    return net(
        W=W,
        b=b,
        V=V,
        h0=[[start, max(start - 0.5, 0), 0.5]],
        inputs=[[0.0]] * steps,
        targets=[[1.0]] * steps,
        activation=RELU.name,
        loss="squared_error",
    )


def off_the_kinks(instance: Net) -> bool:
    """Whether no pre-activation is 0, and x stays within (0, 1)."""
    unrolled = Unrolled(instance, Rationals())
    states = [unrolled.series["a"][step].entries() for step in range(1, instance.steps + 1)]
    return all(0 < p < 1 and q != 0 for p, q, _ in states)


def runs_the_map(instance: Net) -> bool:
    """Whether it is the tent map with a third unit beside it."""
    return bool(np.array_equal(instance.W, W) and np.array_equal(instance.b, b) and instance.phi is RELU)


chaotic = Assumption(
    name="the tent map",
    text="two units run the tent map, no state of which lies on a kink, and a third unit halves what it keeps",
    holds=lambda instance: runs_the_map(instance) and off_the_kinks(instance),
)
unread = Assumption(
    name="not read",
    text="the loss reads the third unit alone",
    holds=lambda instance: not np.any(instance.V[:, :2]),
)

across = StateJacobian(t, k)
arriving, back = StepLossGradient(h[t], t), StepLossGradient(h[k], t)


def _says(stretched: Any, kept: Any) -> Any:
    exploding = Ge(SpectralNorm(across), stretched, evaluate=False)
    vanishing = Eq(Inner(back, back), kept**2 * Inner(arriving, arriving), evaluate=False)
    return And(exploding, vanishing, evaluate=False)


half = Rational(1, 2)


@st.composite
def orbits(draw: Any) -> Net:
    """Odd sixteenths to odd 4096ths as starts, and fewer steps than bring the orbit to the kink at ½."""
    bits = draw(st.integers(4, 12))
    start = (2 * draw(st.integers(0, 2 ** (bits - 1) - 1)) + 1) / 2**bits
    return tent(start, draw(st.integers(1, min(bits - 2, 3))))


THEOREM = Theorem(
    title="Chaos that the loss does not read",
    words="Along a chaotic orbit of the tent map ‖∂h_t/∂h_k‖ is at least 2 to the power of the lag; and yet the "
    "gradient of a loss that reads a stable unit beside it is halved at every step: chaos alone makes none diverge.",
    sources=(MIKHAEIL.at("gradients of chaotic orbits, said to diverge always"),),
    statement=_says(2 ** (t - k), half ** (t - k)),
    instances=orbits(),
    assumptions=(chaotic, unread),
    without={
        chaotic: tent(0.3125, 2).with_(W=W / 2),
        unread: tent(0.3125, 2, V=((1.0, 0, 0),)),
    },
    certified=(tent(0.3125, 2), tent(0.0791015625, 5)),
    mutants={
        "the gradient explodes too": _says(2 ** (t - k), 2 ** (t - k)),
        "the Jacobian vanishes too": _says(4 ** (t - k), half ** (t - k)),
        "gradients kept": _says(2 ** (t - k), 1),
        "one factor fewer": _says(2 ** (t - k), half ** (t - k - 1)),
    },
    examples=20,
)
