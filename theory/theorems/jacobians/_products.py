"""Jacobians of the hidden state: one step by the chain rule, many by induction, norms by semidefinite algebra."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Function, Ge, ImmutableMatrix, Le, MatrixSymbol, Symbol, ZeroMatrix, limit, oo, simplify
from sympy.matrices.expressions import Identity, Transpose
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.instances.net_with_values import beta_h, beta_W, q, r
from backproof.theory.language.nodes import SpectralNorm, StateJacobian, TimeProduct, phi_prime
from backproof.theory.language.notation import T, W, a, delta, h, k, n, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.calculus import jacobian, pull_back
from backproof.theory.nets.cells import ELMAN
from backproof.theory.proving.checkers import algebra, by_indices, explicit, scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable

UNITS = (2, 3)
PRE = ELMAN.equations[0][1]
NEXT = ELMAN.equations[1][1].xreplace({a[t]: PRE})
STEP = DiagMatrix(a[t].applyfunc(phi_prime)) * W


def one_step(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(StateJacobian(t, t − 1), claim)``."""
    if not isinstance(statement, Eq) or statement.lhs != StateJacobian(t, t - 1):
        raise Unprovable("the statement is not an equation for ∂h_t/∂h_{t-1}")
    claimed = statement.rhs.xreplace({a[t]: PRE})
    back = pull_back(NEXT, h[t - 1], delta[t])
    yield Step(
        why="The chain rule for h_t = φ(W h_{t-1} + U x_t + b), by matrix calculus",
        relation=Eq(claimed, jacobian(NEXT, h[t - 1]), evaluate=False),
        checker=algebra,
        method="matrix algebra, any size",
    )
    yield Step(
        why="What the step hands back, Jᵀ δ, agrees with SymPy's index calculus",
        relation=Eq(claimed.T * delta[t], back, evaluate=False),
        checker=lambda line: (
            by_indices(NEXT, h[t - 1], delta[t])(Eq(back, back, evaluate=False)) and _same(line, UNITS)
        ),
        method="index calculus, any size; claim compared at 2 and 3 units",
    )
    yield Step(
        why="Plain partial derivatives, entry by entry",
        relation=Eq(StateJacobian(t, t - 1), claimed, evaluate=False),
        checker=lambda _: all(
            explicit(claimed, u) == _partials(u) or _zero(explicit(claimed, u) - _partials(u)) for u in UNITS
        ),
        method="componentwise, 2 and 3 units, φ undefined",
    )


def _partials(units: int) -> ImmutableMatrix:
    return explicit(NEXT, units).jacobian(explicit(h[t - 1], units))


def _zero(matrix: Any) -> bool:
    return all(entry.expand() == 0 for entry in matrix)


def _same(relation: Any, units: tuple[int, ...]) -> bool:
    return all(_zero(explicit(relation.lhs, u) - explicit(relation.rhs, u)) for u in units)


def product(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(∂h_t/∂h_k or its transpose, TimeProduct(factor, …))``."""
    if not isinstance(statement, Eq) or not isinstance(statement.rhs, TimeProduct):
        raise Unprovable("the statement does not give ∂h_t/∂h_k as a product over the steps")
    factor, index, lower, upper, ascending = statement.rhs.args
    turned = isinstance(statement.lhs, Transpose)
    if (statement.lhs.arg if turned else statement.lhs) != StateJacobian(t, k):
        raise Unprovable("the left-hand side is not ∂h_t/∂h_k")
    latest = factor.xreplace({index: t})
    latest = (latest.T if turned else latest).xreplace({StateJacobian(t, t - 1): STEP})
    right = (ascending == 1) != turned  # whether later factors stand to the right in our layout
    yield Step(
        why="Base: for t = k the product is empty, as ∂h_k/∂h_k = I, and the next factor is the first",
        relation=Eq(upper, t) & Eq(lower.subs(t, k), upper.subs(t, k) + 1),
        checker=lambda line: line == True,  # noqa: E712 — SymPy's true
        method="exact",
        shown=Eq(lower, upper.subs(t, k) + 1, evaluate=False),
    )
    yield Step(
        why="The factor of step t is the Jacobian of one step",
        relation=Eq(latest, STEP, evaluate=False),
        checker=lambda line: _same(line, UNITS),
        method="componentwise, 2 and 3 units, φ undefined",
    )
    yield Step(
        why="Induction: with h_{t-1} a function of h_k whose Jacobian is P, the chain rule gives J_t P",
        relation=Eq(StateJacobian(t, k), latest * StateJacobian(t - 1, k), evaluate=False),
        checker=lambda _: all(_carried_on(u, latest, right) for u in UNITS),
        method="componentwise, 2 and 3 units, φ and h_{t-1}(h_k) undefined",
    )


def _carried_on(units: int, latest: Any, right: bool) -> bool:
    start = [Symbol(f"kappa_{j}") for j in range(units)]
    P = ImmutableMatrix(units, units, lambda i, j: Symbol(f"P_{i}{j}"))
    before = ImmutableMatrix([_function(f"H_{i}", list(P.row(i)))(*start) for i in range(units)])
    values = {h[t - 1]: before}
    values |= {a[t]: explicit(PRE, units, values)}
    derived = explicit(NEXT, units, values).jacobian(start)
    J = explicit(latest, units, values)
    return _zero(derived - (P * J if right else J * P))


def _function(name: str, partials: list[Any]) -> Any:
    """A function of which only the values of its partial derivatives are known."""
    return type(name, (Function,), {"fdiff": lambda self, argindex=1: partials[argindex - 1], "nargs": len(partials)})


P, J, D = (MatrixSymbol(name, n, n) for name in "PJD")
Y, v = MatrixSymbol("Y", n, n), MatrixSymbol("v", n, 1)


def norm_bound(statement: Any) -> Iterator[Step]:
    """Proof lines for ``‖∂h_t/∂h_k‖₂ ≤ R(t)``: M with ‖M‖₂ ≤ c means that c² I − MᵀM is positive semidefinite."""
    if not isinstance(statement, Le) or statement.lhs != SpectralNorm(StateJacobian(t, k)):
        raise Unprovable("the statement is not an upper bound on the spectral norm of ∂h_t/∂h_k")
    R = statement.rhs
    before = Symbol("R", positive=True)
    c = simplify(R / R.subs(t, t - 1))
    one = Identity(n)
    yield Step(
        why="Base: ∂h_k/∂h_k = I has norm 1",
        relation=Le(1, R.subs(t, k), evaluate=False),
        checker=lambda line: scalars(Le(line.lhs, line.rhs)),
        method="exact",
    )
    yield Step(
        why="Slopes: s² ≤ β_h² for |s| ≤ β_h, so β_h² I − D² ⪰ 0 for D = diag(φ′(a_t))",
        relation=Le(_within(beta_h) ** 2, beta_h**2, evaluate=False),
        checker=lambda line: scalars(Ge(simplify(line.rhs - line.lhs), 0)),
        method="SymPy's assumptions",
    )
    yield Step(
        why="One step, J = D W: a sum of two positive semidefinite matrices is one, and so is Wᵀ (·) W",
        relation=Eq(
            c**2 * one - W.T * D.T * D * W,
            beta_h**2 * (beta_W**2 * one - W.T * W) + W.T * (beta_h**2 * one - D.T * D) * W,
            evaluate=False,
        ),
        checker=algebra,
        method="matrix algebra, any size",
    )
    yield Step(
        why="Congruence keeps the sign: it is the same quadratic form at P v",
        relation=Eq(v.T * (P.T * Y * P) * v, (P * v).T * Y * (P * v), evaluate=False),
        checker=algebra,
        method="matrix algebra, any size",
    )
    yield Step(
        why="Induction: from R² I − PᵀP ⪰ 0 at t − 1, with P = ∂h_{t-1}/∂h_k, to t",
        relation=Eq(
            (c * before) ** 2 * one - (J * P).T * J * P,
            c**2 * (before**2 * one - P.T * P) + P.T * (c**2 * one - J.T * J) * P,
            evaluate=False,
        ),
        checker=algebra,
        method="matrix algebra, any size",
    )


def _within(bound: Any) -> Any:
    """A number between −bound and bound, written so that SymPy knows it."""
    e = Symbol("e", nonnegative=True)
    return bound * (1 - e) / (1 + e)


def scalar_bounds(statement: Any) -> Iterator[Step]:
    """Proof lines for ``|∂h_t/∂h_k| ≤ R(t)`` and ``≥`` where the state is one number and r ≤ |factor| ≤ q."""
    e = Symbol("e", nonnegative=True)
    for part in parts(statement):
        if not isinstance(part, Le | Ge) or part.lhs != SpectralNorm(StateJacobian(t, k)):
            raise Unprovable("a part of the statement is not a bound on |∂h_t/∂h_k|")
        yield Step(
            why="Base: the empty product is 1",
            relation=part.func(1, part.rhs.subs(t, k), evaluate=False),
            checker=lambda line: scalars(line.func(line.lhs, line.rhs)),
            method="exact",
        )
        factor = q / (1 + e) if isinstance(part, Le) else Symbol("r", positive=True) + e
        R = part.rhs.subs(r, Symbol("r", positive=True))
        yield Step(
            why="Induction: one more factor keeps the bound (with r = 0 the lower one says nothing)",
            relation=part.func(factor * R.subs(t, t - 1), R, evaluate=False),
            checker=lambda line: scalars(line.func(simplify((line.lhs - line.rhs) / line.rhs), 0)),
            method="SymPy's assumptions, any lag",
        )
    gap, lag = Symbol("epsilon", positive=True), Symbol("l", positive=True)
    for base, end in ((1 / (1 + gap), 0), (1 + gap, oo)):
        yield Step(
            why=f"So it tends to {'0' if end == 0 else '∞'} exponentially where the bound lies on that side of 1",
            relation=Eq(limit(base**lag, lag, oo), end, evaluate=False),
            checker=lambda line: line.lhs == line.rhs,
            method="SymPy's limit",
            shown=Eq(Symbol("lim") * base**lag, end, evaluate=False),
        )


def nilpotent(statement: Any) -> Iterator[Step]:
    """Proof lines for ``‖∂h_t/∂h_{t-1}‖ > 1`` and ``∂h_T/∂h_0 = 0`` where W is strictly upper triangular and T ≥ n."""
    for part in parts(statement):
        if part.lhs == SpectralNorm(StateJacobian(t, t - 1)):
            yield from _longer_than_an_entry(part)
        elif part.lhs == StateJacobian(T, 0) and isinstance(part, Eq):
            yield Step(
                why="A product of n strictly upper triangular matrices is zero, and longer ones contain it",
                relation=part,
                checker=lambda line: isinstance(line.rhs, ZeroMatrix) and all(map(_collapses, (2, 3, 4))),
                method="componentwise, 2 to 4 units, every slope a symbol",
            )
        else:
            raise Unprovable(f"nothing is known about {part.lhs} {part.rel_op} {part.rhs}")


def _longer_than_an_entry(part: Any) -> Iterator[Step]:
    e, f = Symbol("e", positive=True), Symbol("f", nonnegative=True)
    column = [1 + e, *(Symbol(f"x_{i}", real=True) for i in range(UNITS[-1] - 1))]
    yield Step(
        why="‖J‖ is at least the length of a column, and that at least the modulus of an entry, here 1 + e",
        relation=Ge(sum(entry**2 for entry in column), (1 + e) ** 2, evaluate=False),
        checker=lambda line: scalars(Ge(line.lhs.expand() - line.rhs.expand(), 0)),
        method="SymPy's assumptions",
    )
    yield Step(
        why="So the norm is 1 + e + f with e > 0, f ≥ 0",
        relation=part.func(1 + e + f, part.rhs, evaluate=False),
        checker=lambda line: scalars(line.func(line.lhs, line.rhs)),
        method="SymPy's assumptions",
    )


def _collapses(units: int) -> bool:
    upper = ImmutableMatrix(units, units, lambda i, j: Symbol(f"w_{i}{j}") if j > i else 0)
    total = ImmutableMatrix.eye(units)
    for step in range(units):
        total = ImmutableMatrix.diag(*(Symbol(f"d_{step}{i}") for i in range(units))) * upper * total
    return _zero(total)


CHAIN = "every horizon, every smooth activation"
ONE_STEP = Proof(scope=f"{CHAIN}; matrix calculus at any size, componentwise at 2 and 3 units", lines=one_step)
PRODUCT = Proof(scope=f"{CHAIN}; induction on time, chain rule at 2 and 3 units", lines=product)
NORM_BOUND = Proof(scope="every horizon, every size, every activation; induction on the lag", lines=norm_bound)
SCALAR = Proof(scope="every horizon, one unit, every activation; induction on the lag", lines=scalar_bounds)
NILPOTENT = Proof(scope="every horizon from n on, every slope; 2 to 4 units", lines=nilpotent)
