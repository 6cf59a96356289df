"""What far-off words teach: gradient contributions that lie between two powers of the distance.

The proof is one step of the adjoint recursion and induction on the distance. Instances are nets with bounds from above
and from below on their weights and slopes. The check reads a subject's contributions by distance, and what its training
loop reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq, Ge, Gt, Le, MatrixSymbol, Symbol, simplify
from sympy.matrices.expressions import Identity, hadamard_product

from backproof.theory.arithmetic import Balls, Rationals, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most, truth
from backproof.theory.confronting.formats import in_deciding_formats, rounded_terms
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import below, beta_h, beta_W, bounded_nets, semidefinite, slopes
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import Contribution, EuclideanNorm, FrobeniusNorm, StateJacobian, phi_prime
from backproof.theory.language.notation import U, V, W, a, g, m, n, t, x
from backproof.theory.language.relations import parts
from backproof.theory.nets.immediate import through
from backproof.theory.nets.networks import Net, net_of
from backproof.theory.proving.checkers import algebra, explicit, scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable
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


weights_below = Assumption(name="weights from below", text="γ_W ≤ σ_min(W)", holds=weights_from_below)
slopes_below = Assumption(name="slopes from below", text="γ_h ≤ |φ′(a_t)| at every step", holds=slopes_from_below)


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

D, u, z = MatrixSymbol("D", n, n), MatrixSymbol("u", n, 1), MatrixSymbol("z", m, 1)
EXACT = "matrix algebra, any size"
_slope, _weight = Symbol("gamma_h", positive=True), Symbol("gamma_W", positive=True)


def first_word(statement: Any) -> Iterator[Step]:
    """Proof lines for bounds ``R(t) ‖Vᵀ g_t‖ ‖x_1‖`` on what the first word contributes to ``∂L_t/∂U``."""
    for part in parts(statement):
        if not isinstance(part, Le | Ge) or part.lhs != first:
            raise Unprovable("a part of the statement does not bound the contribution of the first word")
    carried = StateJacobian(t, 1).T * V.T * g[t]
    share = hadamard_product(a[1].applyfunc(phi_prime), carried)
    yield Step(
        why="The first word reaches the loss of step t through a_1 alone: its term is (φ′(a_1) ∘ u) x_1ᵀ with "
        "u = (∂h_t/∂h_1)ᵀ Vᵀ g_t",
        relation=Eq(through(1, carried, U), share * x[1].T, evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="A column times a row has the product of their lengths as its norm",
        relation=Eq(FrobeniusNorm(u * z.T) ** 2, (u.T * u) * (z.T * z), evaluate=False),
        checker=lambda _: all(map(_lengths, (2, 3))),
        method="componentwise, 2 and 3 units",
    )
    for part in parts(statement):
        yield from _bound(part)


def _lengths(units: int) -> bool:
    outer, column, row = (explicit(e, units) for e in (u * z.T, u, z))
    product = sum(e**2 for e in column) * sum(e**2 for e in row)
    return bool((sum(e**2 for e in outer) - product).expand() == 0)


def _bound(part: Any) -> Iterator[Step]:
    upper = isinstance(part, Le)
    R = simplify((part.rhs / (asked * word)).subs({gamma_h: _slope, gamma_W: _weight}))
    if R.has(EuclideanNorm, FrobeniusNorm):
        raise Unprovable(f"{part.rhs} is not a number times ‖Vᵀ g_t‖ ‖x_1‖")
    slope, weight = (beta_h, beta_W) if upper else (_slope, _weight)
    e, sign = Symbol("e", nonnegative=True), 1 if upper else -1
    d = slope / (1 + e) if upper else slope + e
    c, one = simplify(R / R.subs(t, t - 1)), Identity(n)
    yield Step(
        why=f"Slopes: every one is at {'most β_h' if upper else 'least γ_h'} in modulus, and so is its square",
        relation=Ge(sign * (slope**2 - d**2), 0, evaluate=False),
        checker=lambda line: scalars(Ge(simplify(line.lhs).expand(), 0)) or scalars(Ge(simplify(line.lhs), 0)),
        method="SymPy's assumptions",
    )
    yield Step(
        why="Base: at the word's own step ∂h_1/∂h_1 = I leaves the slope at a_1",
        relation=part.func(slope, R.subs(t, 1), evaluate=False),
        checker=lambda line: scalars(line.func(line.lhs, line.rhs)),
        method="exact",
    )
    yield Step(
        why="Induction: one step back, u ← Wᵀ D u, changes ‖u‖ by a factor "
        + ("of at most c: what is left of c² is a sum of positive semidefinite matrices" if upper else "of at least c"),
        relation=Eq(
            sign * (c**2 * one - D * W * W.T * D.T),
            weight**2 * (sign * (slope**2 * one - D * D.T)) + D * (sign * (weight**2 * one - W * W.T)) * D.T,
            evaluate=False,
        ),
        checker=algebra,
        method=EXACT,
        shown=part,
    )


FIRST_WORD = Proof(
    scope="every distance, every size, every activation, every differentiable loss; induction on the distance",
    lines=first_word,
)


def contributions_satisfy(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Relations between norms of contributions and numbers, at the last step and at the middle one.

    Each contribution is compared with its value, and the relation is held against what the subject returned: a norm
    moves by no more than the norm of an error.
    """
    net = net_of(instance)
    for late in sorted({(net.steps + 1) // 2, net.steps} if t in statement.free_symbols else {net.steps}):
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
        return at_most(f"the sides of {part}", abs(gap), 0.0, slack)
    if not abs(gap) > slack:
        raise Undecided(f"the sides of {part} are within rounding of each other")
    return truth(f"{part}, sides {low:.3g} and {high:.3g}", gap > 0 if isinstance(part, Gt) else gap < 0)
