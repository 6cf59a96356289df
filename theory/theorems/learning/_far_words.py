"""What far-off words teach: gradient contributions that lie between two powers of the distance.

Instances are nets with bounds from above and from below on their weights and slopes. The check reads a subject's
contributions by distance, and what its training loop reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq, Ge, Gt, Le, Symbol
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Balls, Rationals, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most, truth
from backproof.theory.confronting.formats import in_deciding_formats, rounded_terms
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import below, bounded_nets, semidefinite, slopes
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import Contribution, EuclideanNorm, FrobeniusNorm, SmallestSingularValue
from backproof.theory.language.notation import U, V, W, g, t, x
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import Net, net_of
from backproof.theory.records.assumptions import slopes_at
from backproof.theory.records.records import Assumption

gamma_W, gamma_h = Symbol("gamma_W", nonnegative=True), Symbol("gamma_h", nonnegative=True)


def weights_from_below(instance: NetWithValues) -> bool:
    """Whether γ_W ≤ σ_min(W): WᵀW − γ_W² I is positive semidefinite, in exact rationals."""
    A = Rationals()
    W, bound = A.matrix(instance.net.W), A.number(instance.values[gamma_W])
    return semidefinite(W.transpose() * W - A.scale(bound * bound, A.identity(W.nrows())))


def slopes_from_below(instance: NetWithValues) -> bool:
    """Whether γ_h ≤ |φ′(a_t)| for every unit at every step, certified in balls."""
    bound = instance.values[gamma_h]
    with precision(BITS):
        return bound == 0 or all(slope >= bound for row in slopes(instance.net) for slope in row)


weights_below = Assumption(
    name="weights from below",
    text="γ_W ≤ σ_min(W)",
    holds=weights_from_below,
    says=Le(gamma_W, SmallestSingularValue(W), evaluate=False),
)
slopes_below = Assumption(
    name="slopes from below",
    text="γ_h ≤ |φ′(a_t)| at every step",
    holds=slopes_from_below,
    says=Le(gamma_h, SmallestSingularValue(DiagMatrix(slopes_at(t))), evaluate=False),
    every=(t,),
)


@st.composite
def two_sided_nets(draw: Any) -> NetWithValues:
    """Nets of one sequence with all four bounds, each the nearest float of twelve bits, or looser."""
    drawn = draw(bounded_nets())
    with precision(BITS):
        least = below(Balls().smallest_singular_value(Balls().matrix(drawn.net.W)))
        flattest = min(below(slope) for row in slopes(drawn.net) for slope in row)
    loose = draw(st.sampled_from([1, 1, 0.5]))
    return NetWithValues(drawn.net, {**drawn.values, gamma_W: least * loose, gamma_h: flattest})


first = FrobeniusNorm(Contribution(U, t, 1))
asked, word = EuclideanNorm(V.T * g[t]), EuclideanNorm(x[1])
"""What the loss of step t asks of the state, and the length of the first word's vector."""


def contributions_satisfy(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Relations between norms of contributions and numbers, at every step or, where none is free, at the last.

    Each contribution is compared with its value, and the relation is held against what the subject returned: a norm
    moves by no more than the norm of an error.
    """
    net = net_of(instance)
    for late in range(1 if t in statement.free_symbols else net.steps, net.steps + 1):
        for cast, dtype, _ in in_deciding_formats(net):
            with precision(BITS):
                yield from _at_step(statement, subject, instance, cast, dtype, late)


def _at_step(statement: Any, subject: Any, instance: Any, cast: Net, dtype: Any, late: int) -> Iterator[Comparison]:
    shares = answer(subject, "contributions_by_distance", cast, step=late)
    radii = rounded_terms(net_of(instance), late, Roundoff.of(dtype))
    exact = next(instance.environments(Balls(), Eq(0, 0, evaluate=False))).bound(t, late)
    returned, slack = exact.copy(), 0.0
    for node in statement.atoms(Contribution):
        parameter, _, early = node.args
        step, name = exact.integer(early), parameter.name
        got, radius = np.asarray(shares[name][step - 1], np.float64), np.asarray(radii[name][step])
        yield agree(f"term {step} of ∂L_{late}/∂{name}", got, evaluate(node, Balls(), exact), radius.reshape(got.shape))
        returned[node] = Balls().matrix(got if got.ndim == 2 else got[:, None])
        slack += float(np.sum(radius))  # at least their norm, whose squares might underflow
    for part in parts(statement):
        left, right = (evaluate(side, Balls(), returned) for side in part.args)
        yield _related(part, left, right, slack)


def _related(part: Any, left: Any, right: Any, slack: float) -> Comparison:
    low, high = float(Balls().scalar(left).lower()), float(Balls().scalar(right).upper())
    if isinstance(part, Le):
        return at_most(str(part), low, high, slack)
    if isinstance(part, Ge):
        return at_most(str(part), float(Balls().scalar(right).lower()), float(Balls().scalar(left).upper()), slack)
    gap = float(Balls().scalar(left - right))
    if isinstance(part, Eq):
        return at_most(f"the sides of {part}", abs(gap), slack)
    if not abs(gap) > slack:
        raise Undecided(f"the sides of {part} are within rounding of each other")
    return truth(f"{part}, sides {low:.3g} and {high:.3g}", gap > 0 if isinstance(part, Gt) else gap < 0)
