"""Truncation at random places: which steps an adjoint is handed back across, and the factors that make up for the cuts.

Between step s and s + 1 the pass is cut with probability c_s, which may depend on where it was cut before. ``X_s`` is 0
where it is cut and 1 where it is not. A pass that is handed on is multiplied by 1/(1 − c_s).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import strategies as st
from sympy import Integer, MatrixSymbol, Symbol
from sympy.matrices.expressions import hadamard_product
from sympy.matrices.expressions.matexpr import MatrixElement

from backproof.theory.evaluation.random import Outcome
from backproof.theory.instances.laws import UnderLaw, over_time
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import Carried, Mean, StateJacobian, TimeSum
from backproof.theory.language.notation import Sequence, T, U, V, W, b, g, h, k, n, x
from backproof.theory.nets.networks import Net
from backproof.theory.records.assumptions import slopes_at
from backproof.theory.records.records import Assumption

P, j = Symbol("P"), Symbol("j", integer=True)
X, c = Sequence("X", Integer(1)), Sequence("c", Integer(1))
z = MatrixSymbol("z", n, 1)
READ = {W: h[k - 1].T, U: x[k].T, b: 1}
Cuts = tuple[int, ...]


def number(sequence: Sequence, time: Any) -> MatrixElement:
    """The number that a sequence of 1 by 1 matrices has at a time."""
    return MatrixElement(sequence[time], 0, 0)


def made_up(time: Any) -> Any:
    """``X_s/(1 − c_s)``."""
    return number(X, time) / (1 - number(c, time))


def adjoint(factor: Callable[[Any], Any] = made_up) -> Any:
    """The estimate of ``∂L/∂h_k``: the loss of its own step, and what is handed back across the cuts after it.

    The pass goes from step s = T + 1 − j to the step before, j = 1, 2, …
    """
    late = T + 1 - j
    back = factor(late - 1) * StateJacobian(late, late - 1).T * (V.T * g[late] + z)
    return V.T * g[k] + Carried(back, z, (j, 1, T - k))


def estimate(theta: Any, reached: Any) -> Mean:
    """The mean of the gradient of θ that these adjoints give."""
    return Mean(TimeSum(hadamard_product(slopes_at(k), reached) * READ[theta], (k, 1, T)), P)


def cuts_of(drawn: Outcome) -> Cuts:
    """What an outcome draws for X, in the order of time."""
    return tuple(drawn.values[X[step]][0][0] for step in range(1, 1 + len(drawn.values) // 2))


def as_announced(instance: UnderLaw) -> bool:
    """Whether each c_s is below 1, and the share of what is cut after s among all with the same cuts before."""
    law, gaps = instance.laws[P], instance.net.steps - 1
    for gap in range(gaps):
        groups: dict[Cuts, list[Outcome]] = {}
        for drawn in law:
            groups.setdefault(cuts_of(drawn)[:gap], []).append(drawn)
        for group in groups.values():
            whole = sum(drawn.probability for drawn in group)
            cut = sum(drawn.probability for drawn in group if cuts_of(drawn)[gap] == 0)
            told = {Fraction(drawn.values[c[gap + 1]][0][0]) for drawn in group}
            if told != {Fraction(cut) / whole} or max(told) >= 1:
                return False
    return sum(drawn.probability for drawn in law) == 1


announced = Assumption(
    name="cuts as announced",
    text="c_s < 1 is the probability of a cut after step s, given the cuts before it",
    holds=as_announced,
)


def cut(net: Net, told: Callable[[Cuts], Any], really: Callable[[Cuts], Any] | None = None) -> UnderLaw:
    """A net under cuts: ``told`` and ``really`` give the probability of a cut after the gaps before it."""
    outcomes = []
    for pattern in product((0, 1), repeat=net.steps - 1):
        before = [pattern[:gap] for gap in range(len(pattern))]
        chance = Fraction(1)
        for gap, kept in enumerate(pattern):
            share = Fraction((really or told)(before[gap]))
            chance *= 1 - share if kept else share
        if chance:
            values = over_time(X, ([kept] for kept in pattern)) | over_time(c, ([told(past)] for past in before))
            outcomes.append(Outcome(probability=chance, values=values))
    return UnderLaw(net, {P: tuple(outcomes)})


@st.composite
def cut_nets(draw: Any) -> UnderLaw:
    """Nets of one sequence with up to 3 steps; a probability of a cut after every pattern of cuts."""
    drawn = draw(
        nets(
            activations=("identity", "relu", "tanh"),
            losses=("squared_error",),
            regimes=("plain", "non-normal"),
            units=(1, 2),
            steps=(1, 3),
            batch=(1, 1),
        )
    )
    chances = st.sampled_from([Fraction(1, 2), Fraction(1, 4), Fraction(2, 3), Fraction(0)])
    table = {past: draw(chances) for gaps in range(drawn.steps - 1) for past in product((0, 1), repeat=gaps)}
    return cut(drawn, table.__getitem__)
