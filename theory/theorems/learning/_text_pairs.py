"""Minimal pairs: two texts that differ in their first word alone, read by one net; what it answers, and what it learns.

``o`` and ``o_other`` are its outputs for the two texts. With a window of K steps there are two more ways to answer at
the last step: ``seen`` by a net that reads the last K words alone, from h = 0, and ``trained`` by the net after one
step of truncated back-propagation, in which each loss reaches back K steps at most while the state is carried from h_0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Max, Symbol

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation import Environment, compiled, evaluate
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import INCREASING, arrays, nets, signed_permutations
from backproof.theory.language.display import matrix
from backproof.theory.language.nodes import TimeSum
from backproof.theory.language.notation import PARAMETERS, Sequence, T, g, h, k, m, n, o, p, t, x
from backproof.theory.nets.cells import ELMAN
from backproof.theory.nets.immediate import term
from backproof.theory.nets.networks import Net
from backproof.theory.nets.unrolled import Unrolled

K = Symbol("K", integer=True, positive=True)
x_other, h_other = Sequence("x_other", m), Sequence("h_other", n)
o_other, y_other = Sequence("o_other", p), Sequence("y_other", p)
seen, seen_other = Sequence("seen", p), Sequence("seen_other", p)
trained, trained_other = Sequence("trained", p), Sequence("trained_other", p)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Pair(NetWithValues):
    """A net on a batch of two texts, the window in words, and the rate η of the one step of training."""

    window: int = 1
    rate: float = 0.5

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """Window and rate, then the net with both texts."""
        return (f"K = {self.window}", rf"\eta = {matrix(self.rate)}", *super().in_formulas)

    @property
    def windowed(self) -> Net:
        """The net that reads the last words alone."""
        return self.net.with_(  # type: ignore[no-any-return]
            inputs=self.net.inputs[-self.window :],
            targets=self.net.targets[-self.window :],
            h0=np.zeros_like(self.net.h0),
        )

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """The first text's, and what the net answers to the other, as far as the statement asks for it."""
        first, other = self.net.sequences()
        environment = Unrolled(first, arithmetic).environment
        asked = {symbol.name for symbol in statement.atoms(type(o[T]))}
        last = self.net.steps
        for text, names in ((first, ("y", "seen", "trained")), (other, ("y_other", "seen_other", "trained_other"))):
            environment[Sequence(names[0], p)[T]] = arithmetic.matrix(text.target_columns()[-1].T)
            if names[1] in asked:
                short = self.windowed.sequence(0 if text is first else 1)
                environment[Sequence(names[1], p)[T]] = Unrolled(short, arithmetic).series["o"][self.window]
            if names[2] in asked:
                environment[Sequence(names[2], p)[T]] = outputs(text, arithmetic, after_a_step(self, arithmetic))[-1]
        unrolled = Unrolled(other, arithmetic)
        environment[K], environment[h_other[0]] = self.window, arithmetic.matrix(other.h0.T)
        for step in range(1, last + 1):
            environment[x_other[step]] = arithmetic.matrix(other.inputs[step - 1].T)
            environment[o_other[step]] = unrolled.series["o"][step]
        environment[o_other[T]] = unrolled.series["o"][last]
        yield environment


TRUNCATED = {W: TimeSum(TimeSum(term(W), (k, Max(1, t - K + 1), t)), (t, 1, T)) for W in map(PARAMETERS.get, "WUb")}


TRUNCATED |= {PARAMETERS["V"]: TimeSum(g[t] * h[t].T, (t, 1, T)), PARAMETERS["c"]: TimeSum(g[t], (t, 1, T))}
"""The terms of each gradient that truncation keeps; those of V and c reach no step back."""


def after_a_step(instance: Pair, A: Arithmetic) -> dict[Any, Any]:
    """The parameters after one step against the truncated gradient of both texts."""
    rate, totals = A.number(-instance.rate), {}
    contexts = [Unrolled(text, A).environment for text in instance.net.sequences()]
    for context in contexts:
        context[K] = instance.window
    for parameter, gradient in TRUNCATED.items():
        parts = [evaluate(gradient, A, context) for context in contexts]
        totals[parameter] = A.add(contexts[0][parameter], A.scale(rate, A.sum_time(parts)))
    return totals


def outputs(text: Net, A: Arithmetic, parameters: dict[Any, Any]) -> list[Any]:
    """The outputs of a net with these parameters, step after step."""
    environment = Environment(parameters, text.phi)
    environment[h[t - 1]], found = A.matrix(text.h0.T), []
    for step in range(text.steps):
        environment[x[t]] = A.matrix(text.inputs[step].T)
        for left, right in ELMAN.equations:
            environment[left] = compiled(right)(A, environment)
        environment[h[t - 1]] = environment[h[t]]
        found.append(environment[o[t]])
    return found


@st.composite
def pairs(draw: Any) -> Pair:
    """Two texts of two to four words for a net with cross-entropy, and a window that misses the first word."""
    drawn = draw(nets(losses=("cross_entropy",), regimes=("plain", "non-normal"), steps=(2, 4), batch=(2, 2)))
    classes = max(drawn.sizes[4], 2)
    inputs, start, targets = drawn.inputs.copy(), drawn.h0.copy(), np.array(drawn.targets) % classes
    inputs[1:, 1], start[1] = inputs[1:, 0], start[0]
    targets[:, 1] = targets[:, 0]
    targets[-1, 1] = (targets[-1, 0] + draw(st.integers(1, classes - 1))) % classes
    answers = {"V": draw(arrays(classes, drawn.sizes[2])), "c": draw(arrays(classes)), "reduction": "sum"}
    net = drawn.with_(inputs=inputs, h0=start, targets=targets, **answers)
    return Pair(net, window=draw(st.integers(1, drawn.steps - 1)), rate=draw(st.sampled_from([0.5, 0.125])))


@st.composite
def memories(draw: Any) -> Pair:
    """Nets that lose nothing for good: W and U invertible, slopes positive, and V tells any two states apart."""
    drawn = draw(nets(activations=INCREASING, regimes=("plain",), steps=(1, 4), batch=(2, 2)))
    units, steps = drawn.sizes[2], drawn.steps
    scale = 2.0 ** draw(st.integers(-3, 1))
    later = draw(arrays(steps, 1, units)) / 2
    texts = np.repeat(later, 2, axis=1)
    texts[0, 1, 0] += draw(st.sampled_from([1.0, -1.0, 0.5, 0.25]))
    answers = {"V": np.eye(units + 1, units), "c": np.zeros(units + 1), "h0": np.repeat(drawn.h0[:1], 2, axis=0)}
    return Pair(
        net=drawn.with_(
            W=draw(signed_permutations(units)) * scale,
            U=np.eye(units),
            b=drawn.b / 2,
            inputs=texts,
            targets=np.zeros((steps, 2), dtype=np.int64),
            loss="cross_entropy",
            **answers,
        )
    )


def slopes_positive(instance: Pair) -> bool:
    """Whether the activation increases everywhere."""
    return bool(instance.net.phi.increasing)
