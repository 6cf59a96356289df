"""Unbiased online recurrent optimisation: the influence of the parameters, carried as a product of two vectors.

A step draws a sign ν for each unit. What the state would move is carried as one column, what moves it as another:
``h̃_t = ρ_t ∂h_t/∂h_{t−1} h̃_{t−1} + σ_t ν_t`` and ``θ̃_t = θ̃_{t−1}/ρ_t + (∂⁺h_t/∂θ)ᵀ ν_t/σ_t``. The scales ρ and σ are
chosen anew at each step, by what was drawn before; what they are is a matter of variance alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from hypothesis import strategies as st
from sympy import Integer, MatrixSymbol, Symbol
from sympy.matrices.expressions.matexpr import MatrixElement

from backproof.theory.evaluation.random import Outcome
from backproof.theory.instances.laws import Listed, UnderLaw, over_time, sign_patterns
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import Carried, Immediate, StateJacobian
from backproof.theory.language.notation import Sequence, U, W, b, n, t
from backproof.theory.nets.networks import Net
from backproof.theory.records.records import Assumption

P, j = Symbol("P"), Symbol("j", integer=True)
nu, rho, sigma = Sequence("nu", n), Sequence("rho", Integer(1)), Sequence("sigma", Integer(1))
z, step = MatrixSymbol("z", n, 1), StateJacobian(j, j - 1)
Columns = tuple[tuple[int, ...], ...]

PARAMETERS = (W, U, b)


def number(sequence: Sequence, time: Any = j) -> MatrixElement:
    """The number that a sequence of 1 by 1 matrices has at a time."""
    return MatrixElement(sequence[time], 0, 0)


def moved_state(signs: Any = nu[j], jacobian: Any = step) -> Carried:
    """``h̃_t``."""
    return Carried(number(rho) * jacobian * z + number(sigma) * signs, z, (j, 1, t))


def moving(theta: Any, signs: Any = nu[j], *, undone: bool = True) -> Carried:
    """``θ̃_t``, a column with an entry for each of θ."""
    influence = Immediate(theta, j)
    column, power = MatrixSymbol(f"q_{theta.name}", influence.shape[1], 1), -1 if undone else 1
    return Carried(number(rho) ** power * column + number(sigma) ** power * influence.T * signs, column, (j, 1, t))


def signs_of(drawn: Outcome) -> Columns:
    """The signs that an outcome draws, step by step."""
    steps = sorted(int(key.time) for key in drawn.values if key.name == nu.base.name)
    return tuple(tuple(row[0] for row in drawn.values[nu[step]]) for step in steps)


def are_fair(instance: UnderLaw) -> bool:
    """Whether every pattern of signs is drawn, all with the same probability."""
    law, steps, units = instance.laws[P], instance.net.steps, instance.net.sizes[2]
    chance = {signs_of(drawn): drawn.probability for drawn in law}
    wanted = set(sign_patterns(units, steps))
    return len(law) == len(wanted) and set(chance) == wanted and set(chance.values()) == {Fraction(1, len(wanted))}


def from_the_past(instance: UnderLaw) -> bool:
    """Whether the scales of a step are the same for all that is drawn at that step and later."""
    seen: dict[Columns, Any] = {}
    for drawn in instance.laws[P]:
        signs = signs_of(drawn)
        for late in range(1, instance.net.steps + 1):
            scales = tuple(drawn.values[sequence[late]][0][0] for sequence in (rho, sigma))
            if seen.setdefault(signs[: late - 1], scales) != scales:
                return False
    return True


fair = Assumption(
    name="fair signs", text="ν_t draws an independent fair sign for each unit at each step", holds=are_fair
)
past = Assumption(name="scales from the past", text="ρ_t and σ_t do not depend on ν_t, ν_{t+1}, …", holds=from_the_past)


def outcome(pattern: Columns, scales: Any, probability: Fraction) -> Outcome:
    """What these signs and scales are at each step; ``scales(step)`` gives ρ and σ."""
    each = [scales(step) for step in range(1, len(pattern) + 1)]
    values = over_time(nu, pattern)
    values |= over_time(rho, ([forward] for forward, _ in each)) | over_time(sigma, ([new] for _, new in each))
    return Outcome(probability=probability, values=values)


@dataclass(frozen=True, eq=False, repr=False)
class ScaledSigns(Listed):
    """Fair signs for each unit at each step, with ρ and σ by the signs of the steps before; 1 where none are named."""

    units: int
    steps: int
    scales: Mapping[Columns, tuple[Any, Any]] = field(default_factory=dict)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """One for each pattern of signs."""
        patterns = list(sign_patterns(self.units, self.steps))
        chance = Fraction(1, len(patterns))
        return tuple(
            outcome(pattern, lambda step, drawn=pattern: self.scales.get(drawn[: step - 1], (1, 1)), chance)
            for pattern in patterns
        )

    def __repr__(self) -> str:
        """The call that builds it again."""
        return f"ScaledSigns({self.units}, {self.steps}, {dict(self.scales)})"


def online(net: Net, scales: Mapping[Columns, tuple[Any, Any]] | None = None) -> UnderLaw:
    """A net under fair signs for all its units and steps."""
    return UnderLaw(net, {P: ScaledSigns(net.sizes[2], net.steps, scales or {})})


SIZES = ((1, 1), (1, 2), (1, 3), (2, 1), (2, 2))
"""Units and steps: the number of patterns is 2 to the power of their product, so at most 16."""


@st.composite
def signed_nets(draw: Any) -> UnderLaw:
    """Nets of one sequence that run in rationals, or of tanh; scales drawn anew after every pattern of signs."""
    units, steps = draw(st.sampled_from(SIZES))
    drawn = draw(
        nets(
            activations=("identity", "relu", "tanh"),
            losses=("squared_error",),
            regimes=("plain", "non-normal"),
            units=(units, units),
            steps=(steps, steps),
            batch=(1, 1),
        )
    )
    scale = st.sampled_from((1, 2, Fraction(1, 2), 3))
    prefixes = [prefix for before in range(steps) for prefix in sign_patterns(units, before)]
    return online(drawn, {prefix: (draw(scale), draw(scale)) for prefix in prefixes})
