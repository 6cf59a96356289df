"""Truncated back-propagation: nets with a window, and the numbers that bound what the window leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb
from hypothesis import strategies as st
from sympy import Max, Symbol
from sympy.matrices.expressions import hadamard_product

from theory.arithmetic import Arithmetic, Balls, precision
from theory.bounded import STEEPEST, Bounded, above, beta_h, beta_W
from theory.decide import BITS, environments
from theory.evaluation import Environment, evaluate
from theory.nets import net, readable
from theory.nodes import StateJacobian, TimeSum, phi_prime
from theory.notation import T, U, V, W, a, b, g, h, k, t, x
from theory.strategies import nets
from theory.unroll import Unrolled

K = Symbol("K", integer=True, positive=True)
NEAR = Max(1, t - K + 1)
G, H = (Symbol(name, positive=True) for name in "GH")


@dataclass(frozen=True, eq=False)
class Windowed(Bounded):
    """A net of one sequence, how many steps back its gradient goes, and values of further symbols."""

    window: int = 1

    def __repr__(self) -> str:
        """The window, the values, the net."""
        return ", ".join(
            [f"K = {self.window}", *(f"{s} = {readable(v)}" for s, v in self.values.items()), f"{self.net}"]
        )


@environments.register
def _windowed(instance: Windowed, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
    for environment in environments(instance.net, arithmetic, statement):
        environment[K] = instance.window
        for symbol, value in instance.values.items():
            environment[symbol] = arithmetic.number(value)
        yield environment


def terms(parameter: Any, *, state: Any = h[k - 1], slope: bool = True) -> Any:
    """What step k contributes to ``∂L_t/∂θ`` for θ = W, U or b."""
    reached = StateJacobian(t, k).T * V.T * g[t]
    share = hadamard_product(a[k].applyfunc(phi_prime), reached) if slope else reached
    return {W: share * state.T, U: share * x[k].T, b: share}[parameter]


def kept(parameter: Any, *, oldest: Any = NEAR, newest: Any = t, **how: Any) -> TimeSum:
    """The terms that a window keeps, summed over the steps and over the losses."""
    return TimeSum(TimeSum(terms(parameter, **how), (k, oldest, newest)), (t, 1, T))


@st.composite
def windowed(draw: Any) -> Windowed:
    """Nets with windows that cut something off, mostly, and some that do not."""
    drawn = draw(nets(units=(1, 2), steps=(1, 3), batch=(1, 1)))
    return Windowed(drawn, {}, draw(st.integers(1, drawn.steps + 1)))


def _norms(instance: Bounded) -> tuple[arb, arb]:
    """``Σ_t ‖Vᵀ g_t‖`` and ``max_t ‖h_{t−1}‖``, in balls at the working precision."""
    A = Balls()
    environment = Unrolled(instance.net, A).environment
    steps = range(1, instance.net.steps + 1)
    asked = sum((A.frobenius_norm(evaluate(V.T * g[t], A, environment.bound(t, s))) for s in steps), arb(0))
    states = [A.frobenius_norm(environment[h[s - 1]]) for s in steps]
    return asked, max(states, key=lambda size: float(size.upper()))


def bounds_losses(instance: Bounded) -> bool:
    """Whether G is certainly at least the sum of the norms that the losses ask of the states."""
    with precision(BITS):
        return bool(_norms(instance)[0] <= instance.values[G])


def bounds_states(instance: Bounded) -> bool:
    """Whether H is certainly at least the norm of every state that a step reads."""
    A = Balls()
    with precision(BITS):
        environment = Unrolled(instance.net, A).environment
        sizes = [A.frobenius_norm(environment[h[s]]) for s in range(instance.net.steps)]
        return all(size <= instance.values[H] for size in sizes)


def contracts(instance: Bounded) -> bool:
    """Whether β_W β_h < 1."""
    return bool(instance.values[beta_W] * instance.values[beta_h] < 1)


@st.composite
def contracting(draw: Any) -> Windowed:
    """Nets scaled so that β_W β_h < 1, a window within the horizon, and bounds that are as tight as twelve bits allow.

    Half of them are of one unit with a constant state and the last loss alone, where the bound is nearly reached.
    """
    drawn = draw(_constant()) if draw(st.booleans()) else draw(nets(batch=(1, 1), steps=(2, 4), regimes=("plain",)))
    with precision(BITS):
        norm = float(Balls().spectral_norm(Balls().matrix(drawn.W)).upper())
        steepest = STEEPEST[drawn.activation]
        shrink = 1.0
        while norm * shrink * steepest >= 0.9:
            shrink /= 2
        drawn = drawn.with_(W=drawn.W * shrink)
        beta = max(above(Balls().spectral_norm(Balls().matrix(drawn.W))), 2.0**-12)
        losses, states = _norms(Bounded(drawn, {}))
        sizes = {G: max(above(losses), 2.0**-40), H: max(above(states), 2.0**-40)}
    return Windowed(drawn, {beta_W: beta, beta_h: steepest, **sizes}, draw(st.integers(1, drawn.steps)))


@st.composite
def _constant(draw: Any) -> Any:
    """``h_t = H`` at every step, with a target that only the last output misses."""
    weight, state = draw(st.sampled_from([0.5, 0.25, -0.5])), draw(st.sampled_from([1.0, 2.0, -4.0]))
    steps = draw(st.integers(2, 6))
    return constant(weight, state, steps)


def constant(weight: float, state: float, steps: int) -> Any:
    """A linear net of one unit that stays where it starts, charged at the end only."""
    targets = np.full((steps, 1), state)
    targets[-1] += 1
    drive = [[state - weight * state]] * steps
    return net(W=[[weight]], h0=[[state]], inputs=drive, targets=targets, activation="identity", loss="squared_error")
