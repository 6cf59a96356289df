"""Linear nets, whose Jacobians are powers of W: eigenvectors, gradients, states and limits, proved and checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Balls, Rationals, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree, midpoints
from backproof.theory.confronting.formats import in_deciding_formats, rounded_terms
from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import diagonalised, nets
from backproof.theory.language.nodes import StateJacobian, StepLossGradient
from backproof.theory.language.notation import S, S_inv, W, delta, h, k, lam, n, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.calculus import jacobian, pull_back
from backproof.theory.nets.networks import net_of
from backproof.theory.proving.checkers import EXACT, Checker, algebra, cancelling
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.theorems.jacobians._products import PRE

lag = Symbol("l", integer=True, nonnegative=True)


def linear_net(statement: Any) -> Iterator[Step]:
    """Proof lines for ``∂h_t/∂h_k`` and ``∂L_t/∂h_k`` of a linear net as powers in the lag t − k."""
    yield Step(
        why="With φ(x) = x a step is h_t = W h_{t-1} + U x_t + b: its Jacobian is W, and it hands back Wᵀ δ",
        relation=Eq(jacobian(PRE, h[t - 1]).T * delta[t], pull_back(PRE, h[t - 1], delta[t]), evaluate=False),
        checker=lambda line: line.lhs == line.rhs == W.T * delta[t],
        method=EXACT,
    )
    start = StepLossGradient(h[t], t)
    for part in parts(statement):
        if part.lhs == StateJacobian(t, k):
            yield from _by_lag(part.rhs, Identity(n), W, algebra)
        elif part.lhs == StepLossGradient(h[k], t):
            yield from _by_lag(part.rhs, start, W.T, algebra)
        else:
            raise Unprovable(f"nothing is known about {part.lhs}")


def eigenvectors(statement: Any) -> Iterator[Step]:
    """Proof lines for ``∂L_t/∂h_k`` in the eigenvectors of Wᵀ = S D S⁻¹."""
    if not isinstance(statement, Eq) or statement.lhs != StepLossGradient(h[k], t):
        raise Unprovable("the statement is not an equation for ∂L_t/∂h_k")
    yield from _by_lag(statement.rhs, StepLossGradient(h[t], t), S * DiagMatrix(lam) * S_inv, INVERSES)


def _by_lag(claimed: Any, start: Any, factor: Any, checker: Checker) -> Iterator[Step]:
    """Induction on the lag: what stands at lag 0, and one more factor."""
    at = claimed.xreplace({t - k: lag, k - t: -lag}).subs(k, t - lag)
    yield Step(
        why="Base: nothing lies between a step and itself",
        relation=Eq(at.subs(lag, 0).xreplace({StepLossGradient(h[t], t): start}).doit(), start, evaluate=False),
        checker=checker,
        method=EXACT,
    )
    yield Step(
        why="Induction: one step farther back is one more factor",
        relation=Eq(factor * at, at.subs(lag, lag + 1), evaluate=False),
        checker=checker,
        method=EXACT,
    )


INVERSES = cancelling((S, S_inv), (S_inv, S))
LINEAR_NET = Proof(scope="every horizon, every size, φ(x) = x; induction on the lag", lines=linear_net)

EIGENVECTORS = Proof(
    scope="every horizon, every size, every diagonalisable W; induction on the lag", lines=eigenvectors
)


def is_eigenbasis(instance: NetWithValues) -> bool:
    """Whether Wᵀ = S diag(λ) S⁻¹."""
    A = Rationals()
    turned, columns, inverse = (A.matrix(m) for m in (instance.net.W.T, instance.values[S], instance.values[S_inv]))
    values = A.diagonal(A.matrix(instance.values[lam]))
    return bool(turned == columns * values * inverse)


def is_inverse(instance: NetWithValues) -> bool:
    """Whether S S⁻¹ = I."""
    A = Rationals()
    columns, inverse = A.matrix(instance.values[S]), A.matrix(instance.values[S_inv])
    return bool(columns * inverse == A.identity(columns.nrows()))


@st.composite
def diagonalised_nets(draw: Any) -> NetWithValues:
    """Linear nets with Wᵀ = S diag(λ) S⁻¹, nothing rounded."""
    case = draw(diagonalised())
    size = len(case[W])
    plain = draw(nets(activations=("identity",), batch=(1, 1), steps=(1, 3), units=(size, size)))
    return NetWithValues(plain.with_(W=np.array(case[W]).T.copy()), {key: case[key] for key in (S, S_inv, lam)})


def linear_satisfies(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Equations for ``∂h_t/∂h_k`` or ``∂L_t/∂h_k`` of a linear net.

    The second is what the subject says that step k adds to ``∂L_t/∂b``: the slope is 1.
    """
    for part in parts(statement):
        if isinstance(part.lhs, StepLossGradient):
            yield from _gradients_back(part, subject, instance)
        else:
            yield from jacobians_satisfy(part, subject, instance)


def _gradients_back(part: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    net = net_of(instance)
    with precision(BITS):
        found = [(e[t], e[k], evaluate(part.rhs, Balls(), e)) for e in instance.environments(Balls(), part)]
    for cast, dtype, _ in in_deciding_formats(net):
        for late in range(1, net.steps + 1):
            got = answer(subject, "contributions_by_distance", cast, step=late)["b"]
            radii = rounded_terms(net, late, Roundoff.of(dtype))["b"]
            for early, claimed in ((e, value) for step, e, value in found if step == late and e >= 1):
                what = f"∂L_{late}/∂h_{early} in {np.dtype(dtype).name}"
                own = 2 * midpoints(claimed)[2]  # where terms cancel to 0, the radius of their sum is all there is
                yield agree(what, got[early - 1], claimed, (radii[early] + own)[:, 0])
