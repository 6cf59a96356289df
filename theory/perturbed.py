"""A net beside what ran in its place: states that commit an error at every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from theory.arithmetic import Arithmetic
from theory.decide import environments
from theory.evaluation import Environment, evaluate
from theory.nets import Net, readable
from theory.nodes import phi, phi_prime
from theory.notation import Sequence, W, a, h, n, t
from theory.unroll import Unrolled

error, committed, rest = Sequence("Delta", n), Sequence("e", n), Sequence("r", n)
curvature = Symbol("gamma", nonnegative=True)

BENT = {"identity": 0.0, "tanh": 0.77, "sigmoid": 0.0963}
"""Upper bounds of |φ″|: 4/(3√3) = 0.7698… for tanh and 1/(6√3) = 0.0962… for the sigmoid, where φ‴ = 0."""


@dataclass(frozen=True, eq=False)
class Perturbed:
    """A net of one sequence, the states ĥ_1 … ĥ_T (T, n) that ran instead of its own, and a bound on |φ″|."""

    net: Net
    states: NDArray[np.float64]
    bend: float | None = None

    @property
    def bound(self) -> float:
        """γ."""
        return BENT[self.net.activation] if self.bend is None else self.bend

    def __repr__(self) -> str:
        """The states, the bound, the net."""
        return f"states = {readable(self.states)}, gamma = {readable(self.bound)}, {self.net}"


@environments.register
def _perturbed(instance: Perturbed, A: Arithmetic, statement: Any) -> Iterator[Environment]:
    """``Δ_t = ĥ_t − h_t``, what step t commits ``e_t = ĥ_t − φ(W ĥ_{t−1} + …)``, and Taylor's remainder ``r_t``."""
    for environment in environments(instance.net, A, statement):
        unrolled: Unrolled = environment.unrolled  # type: ignore[attr-defined]
        ran = {0: unrolled.series["h"][0]}
        ran |= {s: A.matrix(instance.states[s - 1][:, None]) for s in range(1, instance.net.steps + 1)}
        off = {s: _less(A, state, unrolled.series["h"][s]) for s, state in ran.items()}
        unrolled.given |= {"Delta": off, "e": {}, "r": {}}
        for step in range(1, instance.net.steps + 1):
            here = environment.bound(t, step)
            here[h[t - 1]] = off[step - 1]
            moved = evaluate(W * h[t - 1], A, here)
            slope = evaluate(a[t].applyfunc(phi_prime), A, here)
            straight = A.add(unrolled.series["h"][step], A.hadamard(slope, moved))
            here[a[t]] = A.add(unrolled.series["a"][step], moved)
            exact = evaluate(a[t].applyfunc(phi), A, here)
            unrolled.given["e"][step] = _less(A, ran[step], exact)
            unrolled.given["r"][step] = _less(A, exact, straight)
        environment[curvature] = A.number(instance.bound)
        yield environment


def _less(A: Arithmetic, left: Any, right: Any) -> Any:
    return A.add(left, A.scale(A.number(-1), right))
