"""Linear nets: powers of W, its eigenvectors, and what they make of a gradient."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sympy import Abs, Eq, Integer, Le, MatrixSymbol, Symbol, simplify
from sympy.matrices.expressions import Identity, MatAdd, MatMul, MatPow
from sympy.matrices.expressions.diagonal import DiagMatrix

from theory.calculus import jacobian, pull_back
from theory.checkers import Checker, algebra, distributed, scalars
from theory.nodes import Measure, SpectralNorm, SpectralRadius, StateJacobian, StepLossGradient
from theory.notation import W, delta, h, k, n, t
from theory.proof import Proof, Step, Unprovable
from theory.proofs.jacobians import PRE
from theory.proofs.spectra import EXACT, S, S_inv, cancelling, lam, parts, s

N = MatrixSymbol("N", n, n)
lamda = Symbol("lambda", real=True)
lag = Symbol("l", integer=True, nonnegative=True)
BY_ASSUMPTIONS = "SymPy's assumptions"


def without_squares(matrix: Any) -> Checker:
    """Matrix algebra in which the matrix times itself is 0. Never answers False."""

    def kept(expression: Any) -> Any:
        whole = distributed(expression)
        terms = whole.args if isinstance(whole, MatAdd) else (whole,)
        return MatAdd(*(term for term in terms if not _squared(term, matrix))).doit() if terms else whole

    return lambda line: algebra(Eq(*(_collected(kept(side)) for side in line.args), evaluate=False))


def _squared(term: Any, matrix: Any) -> bool:
    factors = term.as_coeff_matrices()[1] if isinstance(term, MatMul) else [term]
    powers = [f for f in factors if isinstance(f, MatPow) and f.base == matrix and f.exp.is_integer and f.exp >= 2]
    return bool(powers) or any(a == b == matrix for a, b in pairwise(factors))


def _collected(expression: Any) -> Any:
    """Coefficients of equal matrix terms added up and simplified."""
    found: dict[Any, Any] = {}
    for term in expression.args if isinstance(expression, MatAdd) else (expression,):
        coefficient, factors = term.as_coeff_matrices() if isinstance(term, MatMul) else (Integer(1), [term])
        matrix = MatMul(*factors).doit()
        found[matrix] = found.get(matrix, 0) + coefficient
    return MatAdd(*(simplify(coefficient.expand()) * matrix for matrix, coefficient in found.items())).doit()


def shifted_nilpotent(statement: Any) -> Iterator[Step]:
    """Proof lines for what follows of ``Wˢ`` and its norm where W = λ I + N with N² = 0."""
    modulus = Symbol("m", positive=True) if statement.has(Abs) else Integer(1)  # else |λ| = 1 is assumed
    size = Symbol("nu", nonnegative=True)
    closed = lamda**s * Identity(n) + s * lamda ** (s - 1) * N
    exact = closed
    for part in parts(statement):
        if part.lhs == MatPow(W, s) and isinstance(part, Eq):
            exact = part.rhs
    yield Step(
        why="Base: W⁰ = I",
        relation=Eq(exact.subs(s, 0).doit(), Identity(n), evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="Induction: one more λ I + N, with N N = 0",
        relation=Eq((lamda * Identity(n) + N) * exact, exact.subs(s, s + 1), evaluate=False),
        checker=without_squares(N),
        method=EXACT,
    )
    slack = Symbol("f", nonnegative=True)
    for part in (part for part in parts(statement) if part.lhs != MatPow(W, s)):
        yield from _norm_of_sum(part, modulus, size, slack)


def _norm_of_sum(part: Any, modulus: Any, size: Any, slack: Any) -> Iterator[Step]:
    """A bound on the norm of λˢ I + s λ^(s-1) N by the triangle inequality, from either side; or one on ρ(W)."""
    inside = 1 / (1 + Symbol("e", positive=True)) if part.has(SpectralRadius) else modulus
    known = {SpectralRadius(W): inside, Abs(lamda): modulus, SpectralNorm(N): size}
    ends = modulus**s, s * modulus ** (s - 1) * size
    if part.rhs == SpectralNorm(MatPow(W, s)):  # from below: the norm of a sum is at least the difference
        line = Le(part.lhs.xreplace(known), ends[1] - ends[0], evaluate=False)
        why = "‖A + B‖ ≥ ‖B‖ − ‖A‖, so the bound need not exceed that difference"
    elif part.lhs == SpectralNorm(MatPow(W, s)) and isinstance(part, Le):
        line = Le(ends[0] + ends[1], part.rhs.xreplace(known), evaluate=False)
        why = "‖A + B‖ ≤ ‖A‖ + ‖B‖, so the bound must not fall below that sum"
    elif part.lhs == SpectralRadius(W):
        line = part.func(part.lhs.xreplace(known), part.rhs, evaluate=False)
        why = "(W − λ I)² = 0, so λ is the only eigenvalue, and |λ| < 1"
    else:
        raise Unprovable(f"nothing is known about {part}")
    yield Step(
        why=why,
        relation=line,
        checker=lambda line: None if line.atoms(Measure) else _over(line, modulus ** (s - 1)),
        method=BY_ASSUMPTIONS,
    )


def _over(line: Any, factor: Any) -> bool | None:
    """An inequality with both sides over a positive factor."""
    gap = simplify(((line.rhs - line.lhs) / factor).expand())
    return scalars(line.func(0, gap.expand()))


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
NILPOTENT = Proof(
    scope="every size, every power, every W = λ I + N with λ real and N² = 0; induction on the power",
    lines=shifted_nilpotent,
)
