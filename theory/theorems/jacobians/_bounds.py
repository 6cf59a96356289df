"""Bounds on Jacobian products from bounds on each step: proved at any size, and confronted with a subject.

The proof is semidefinite algebra and induction on the lag. A statement that says nothing of a Jacobian of the states is
left undecided by the check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sympy import And, Eq, Expr, Ge, Le, MatrixSymbol, Product, Rational, Symbol, simplify
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.comparison import Comparison
from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.instances.bounds import beta_W, q, r
from backproof.theory.language.nodes import Measure, SmallestSingularValue, SpectralNorm, StateJacobian
from backproof.theory.language.notation import W, k, n, t
from backproof.theory.language.relations import parts
from backproof.theory.proving.checkers import EXACT, algebra, cancelling, scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable

J, P, D, Q = (MatrixSymbol(name, n, n) for name in "JPDQ")
one = Identity(n)
NORM = SpectralNorm(StateJacobian(t, k))
low = Symbol("r", positive=True)  # for r = 0 a lower bound says nothing


def _factor(part: Any) -> tuple[Any, Any]:
    """The factor that one more step adds to the bound, and the value of the bound at t = k."""
    if not isinstance(part, Le | Ge) or part.lhs != NORM:
        raise Unprovable("a part of the statement is not a bound on ‖∂h_t/∂h_k‖")
    R = part.rhs
    if isinstance(R, Product):
        (index, lower, upper), *_ = R.limits
        if (lower, upper) != (k + 1, t):
            raise Unprovable("the product does not run over the steps k + 1 to t")
        return R.function.xreplace({index: t}), 1
    R = R.subs(r, low)
    return simplify(R / R.subs(t, t - 1)), R.subs(t, k)


def between(statement: Any, most: Expr, least: Expr) -> Iterator[Step]:
    """Proof lines for upper and lower bounds, where ``least ≤ σ_min(J_t)`` and ``‖J_t‖ ≤ most`` at every step."""
    R = Symbol("R", positive=True)
    for part in parts(statement):
        factor, start = _factor(part)
        above = isinstance(part, Le)
        known, c = (most if above else least), Symbol("c", positive=True)
        yield Step(
            why="Base: the empty product is I, of norm 1",
            relation=part.func(1, start, evaluate=False),
            checker=lambda line: scalars(line.func(line.lhs, line.rhs)),
            method="exact",
        )
        yield Step(
            why=f"One step {'stretches by at most' if above else 'keeps at least'} the factor of the bound",
            relation=part.func(known, factor, evaluate=False),
            checker=lambda line: line.lhs == line.rhs or scalars(line.func(simplify(line.lhs - line.rhs), 0)),
            method="SymPy's assumptions",
        )
        sign = 1 if above else -1
        yield Step(
            why="Induction: with P = ∂h_{t-1}/∂h_k, a sum of two positive semidefinite matrices"
            + ("" if above else "; so every vector, not only the best, keeps that length"),
            relation=Eq(
                sign * ((c * R) ** 2 * one - (J * P).T * J * P),
                sign * (c**2 * (R**2 * one - P.T * P) + P.T * (c**2 * one - J.T * J) * P),
                evaluate=False,
            ),
            checker=algebra,
            method=EXACT,
        )


def by_steps(statement: Any) -> Iterator[Step]:
    """``r ≤ σ_min(J_t)`` and ``‖J_t‖ ≤ q``, as assumed."""
    return between(statement, q, low)


def by_own_steps(statement: Any) -> Iterator[Step]:
    """Each step bounded by its own largest and smallest singular value."""
    step = StateJacobian(t, t - 1)
    return between(statement, SpectralNorm(step), SmallestSingularValue(step))


def by_slopes(statement: Any) -> Iterator[Step]:
    """W orthogonal and slopes between r and q."""
    c = Symbol("c", positive=True)
    yield Step(
        why="J = D W with WᵀW = I and D = diag(φ′(a_t)): J stretches as D does",
        relation=Eq(c**2 * one - (D * Q).T * D * Q, Q.T * (c**2 * one - D.T * D) * Q, evaluate=False),
        checker=cancelling((Q.T, Q)),
        method=EXACT,
    )
    yield from between(statement, q, low)


def by_sigmoid(statement: Any) -> Iterator[Step]:
    """Slopes of the sigmoid are at most a quarter, and β_W bounds W."""
    quarter, e = Rational(1, 4), Symbol("e", positive=True)
    sigma = 1 / (1 + e)
    slope = sigma * (1 - sigma)
    yield Step(
        why="σ′ = σ(1 − σ) with σ = 1/(1 + e), e = exp(−z): what is missing to 1/4 is a square over a square",
        relation=Le(slope, quarter, evaluate=False),
        checker=lambda line: scalars(Ge(simplify(line.rhs - line.lhs).factor(), 0)),
        method="algebra, every real z",
    )
    yield Step(
        why="So with J = D W: a sum of two positive semidefinite matrices",
        relation=Eq(
            (beta_W * quarter) ** 2 * one - (D * W).T * D * W,
            quarter**2 * (beta_W**2 * one - W.T * W) + W.T * (quarter**2 * one - D.T * D) * W,
            evaluate=False,
        ),
        checker=algebra,
        method=EXACT,
    )
    yield from between(statement, beta_W / 4, Symbol("nothing", nonnegative=True))


def closed_form(factor: MatrixExpr, why: str) -> Callable[[Any], Iterator[Step]]:
    """Proof lines for ``∂h_t/∂h_k = X(t)`` where every step's Jacobian is the factor; norms of it follow."""

    def lines(statement: Any) -> Iterator[Step]:
        for part in parts(statement):
            if not isinstance(part, Eq) or part.lhs not in (StateJacobian(t, k), NORM):
                raise Unprovable("a part of the statement is no equation for ∂h_t/∂h_k or its norm")
            if part.lhs == NORM:
                yield from _isometry(part, factor)
                continue
            X = part.rhs
            yield Step(
                why="Base: ∂h_k/∂h_k = I",
                relation=Eq(X.subs(t, k).doit(), one, evaluate=False),
                checker=algebra,
                method=EXACT,
            )
            yield Step(
                why=f"Induction: {why}",
                relation=Eq(X, factor * X.subs(t, t - 1), evaluate=False),
                checker=algebra,
                method=f"{EXACT}, any lag",
            )

    return lines


def _isometry(part: Any, factor: MatrixExpr) -> Iterator[Step]:
    """Each step keeps every length, W being 4 Q with QᵀQ = I."""
    yield Step(
        why="With W = 4 Q, QᵀQ = I, a step keeps every length, and so does the product",
        relation=Eq((factor.xreplace({W: 4 * Q}) * P).T * factor.xreplace({W: 4 * Q}) * P, P.T * P, evaluate=False),
        checker=cancelling((Q.T, Q)),
        method=EXACT,
    )
    yield Step(
        why="Its norm is that of I",
        relation=Eq(1, part.rhs, evaluate=False),
        checker=lambda line: scalars(Eq(line.lhs, line.rhs, evaluate=False)),
        method="exact",
        shown=part,
    )


ANY = "every horizon, every size, every activation; induction on the lag"
STEPS = Proof(scope=ANY, lines=by_steps)
OWN_STEPS = Proof(scope=ANY, lines=by_own_steps)
ORTHOGONAL_NETS = Proof(scope=ANY, lines=by_slopes)
SIGMOID_NETS = Proof(scope="every horizon, every size, every sigmoid net; induction on the lag", lines=by_sigmoid)

HELD = Proof(
    scope="every horizon, every size; induction on the lag",
    lines=closed_form(W / 4, "σ′(0) = 1/4 in every unit, so a step multiplies by W/4"),
)

RECTIFIED = Proof(
    scope="every horizon, every size; induction on the lag",
    lines=closed_form(one, "ReLU′ is 1 at positive pre-activations and W = I, so a step multiplies by I"),
)


def bounds_satisfy(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Like `jacobians_satisfy`, for the relations that have ``∂h_t/∂h_k`` or its norm on the left."""
    relations: list[Any] = []
    for part in parts(statement):
        quantity = part.lhs.args[0] if isinstance(part.lhs, Measure) else part.lhs
        if not isinstance(quantity, StateJacobian):
            raise Undecided(f"{part.lhs} is not a Jacobian of the states or its norm")
        norm_equals = isinstance(part, Eq) and isinstance(part.lhs, Measure)
        kinds = (Le, Ge) if norm_equals else (part.func,)
        relations += [kind(part.lhs, part.rhs, evaluate=False) for kind in kinds]
    yield from jacobians_satisfy(And(*relations, evaluate=False), subject, instance)
