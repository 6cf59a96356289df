"""Determinants, proved: of a product, of a step's Jacobian, of a system with a solution, and traces after an update."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import (
    Eq,
    ImmutableMatrix,
    Integer,
    MatrixSymbol,
    Rational,
    Sum,
    Symbol,
    Trace,
    ZeroMatrix,
    expand,
    log,
    solve,
)
from sympy.matrices.expressions import Determinant, Identity

from backproof.theory.language.nodes import Inner, LossGradient, LyapunovExponent, StateJacobian
from backproof.theory.language.notation import T, W, alpha, h, n, t
from backproof.theory.proving.checkers import explicit
from backproof.theory.proving.proof import Proof, Step, Unprovable

i = Symbol("i", integer=True, positive=True)
A, x = MatrixSymbol("A", n, n), MatrixSymbol("x", n, 1)
lamda, eta = Symbol("lambda", real=True), Symbol("eta", positive=True)
UNITS = (2, 3)
volume = log(abs(Determinant(StateJacobian(t, t - 1))))
EXPONENTS = Sum(LyapunovExponent(i), (i, 1, n))


def _entries(name: str, units: int, upper: bool = False) -> ImmutableMatrix:
    return ImmutableMatrix(units, units, lambda r, c: Integer(0) if upper and r > c else Symbol(f"{name}_{r}{c}"))


def volumes(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Σ λ_i = weight Σ_t log |det J_t|``, from J_t Q_{t−1} = Q_t R_t."""
    yield Step(
        why="The determinant of a product is the product of the determinants",
        relation=Eq(Symbol("det AB"), Symbol("det A det B")),
        checker=lambda _: all(_multiplies(units) for units in UNITS),
        method="componentwise, 2 and 3 units",
        shown=r"\det(A B) = \det A \, \det B",
    )
    d = Symbol("d", real=True)
    yield Step(
        why="So |det Q| = 1, as (det Q)² = det QᵀQ = det I = 1",
        relation=Eq(Symbol("|det Q|"), 1),
        checker=lambda _: {abs(root) for root in solve(d**2 - 1, d)} == {1},
        method="exact",
        shown=r"(\det Q)^2 = 1 \Rightarrow \lvert \det Q \rvert = 1",
    )
    yield Step(
        why="and det R is the product of its diagonal",
        relation=Eq(Symbol("det R"), Symbol("prod R_ii")),
        checker=lambda _: all(_diagonal(units) for units in UNITS),
        method="componentwise, 2 and 3 units",
        shown=r"\det R = \prod_i R_{ii}",
    )
    yield Step(
        why="Hence Σ_i log |R_t,ii| = log |det J_t| at every step, and exponents are means of the left over T steps",
        relation=statement,
        checker=_mean_of_volumes,
        method="comparison, any horizon",
    )


def _multiplies(units: int) -> bool:
    first, second = _entries("a", units), _entries("b", units)
    return bool(expand((first * second).det() - first.det() * second.det()) == 0)


def _diagonal(units: int) -> bool:
    triangle, product = _entries("r", units, upper=True), Integer(1)
    for place in range(units):
        product *= triangle[place, place]
    return bool(expand(triangle.det() - product) == 0)


def _mean_of_volumes(line: Any) -> bool:
    """Whether the two sides are one expression once the sum of the exponents is the mean of the volumes."""
    known = {EXPONENTS: Sum(volume, (t, 1, T)) / T}
    return isinstance(line, Eq) and bool(expand(line.lhs.xreplace(known) - line.rhs.xreplace(known)) == 0)


def adjugates(statement: Any) -> Iterator[Step]:
    """Proof lines for ``d x = 0`` where (A − λI) x = 0 and d is claimed to be det(A − λI)."""
    if not isinstance(statement, Eq) or not isinstance(statement.rhs, ZeroMatrix):
        raise Unprovable("the statement does not say that something is 0")
    system = A - lamda * Identity(n)
    yield Step(
        why="adj(M) M = det(M) I, so 0 = adj(M) (M x) = det(M) x for M = A − λ I",
        relation=statement,
        checker=lambda line: all(_annihilates(line.lhs, system, units) for units in UNITS),
        method="componentwise, 2 and 3 units",
    )


def _annihilates(claimed: Any, system: Any, units: int) -> bool:
    M, vector = explicit(system, units), explicit(x, units)
    return all(entry.expand() == 0 for entry in M.adjugate() * (M * vector) - explicit(claimed, units))


def traces(statement: Any) -> Iterator[Step]:
    """Proof lines for the trace of W − η ∂L/∂W, from ∂L/∂W = Σ_t α_t h_{t−1}ᵀ."""
    if not isinstance(statement, Eq) or statement.lhs != Trace(W - eta * LossGradient(W)):
        raise Unprovable("the statement is not an equation for the trace after the update")
    gradient, one = MatrixSymbol("G", n, n), Rational(1)
    yield Step(
        why="The sum of the eigenvalues is the trace: the second coefficient of the characteristic polynomial",
        relation=Eq(Symbol("sum lambda"), Symbol("tr W")),
        checker=lambda _: all(_vieta(units) for units in UNITS),
        method="componentwise, 2 and 3 units",
        shown=r"\det(z I - W) = z^n - \operatorname{tr}(W) z^{n-1} + \cdots",
    )
    total = MatrixSymbol("P", n, 1), MatrixSymbol("Q", n, 1)
    yield Step(
        why="The trace is linear, and that of α hᵀ is ⟨α, h⟩",
        relation=statement,
        checker=lambda line: all(_linear(line.rhs, gradient, total, units, one) for units in UNITS),
        method="componentwise, 2 and 3 units, a step at a time",
    )


def _vieta(units: int) -> bool:
    z, matrix = Symbol("z"), _entries("w", units)
    polynomial = (z * ImmutableMatrix.eye(units) - matrix).det().expand()
    return bool(expand(polynomial.coeff(z, units - 1) + matrix.trace()) == 0)


def _linear(claimed: Any, gradient: Any, total: Any, units: int, one: Any) -> bool:
    """Whether the claim is tr W − η ⟨α, h⟩ for every step's share α hᵀ, and sums all the steps."""
    sums = claimed.atoms(Sum)
    if len(sums) != 1 or next(iter(sums)).limits != ((t, one, T),):
        return False
    (whole,) = sums
    matrix, asked, state = explicit(W, units), explicit(total[0], units), explicit(total[1], units)
    share = Symbol("share")
    value = explicit(claimed.xreplace({whole: share}), units, {share: share, eta: eta})
    body = whole.function.xreplace({alpha[t]: total[0], h[t - 1]: total[1]})
    if not isinstance(whole.function, Inner):
        return False
    moved = (matrix - eta * asked * state.T).trace()
    return bool(expand(value.subs(share, explicit(body, units)) - moved) == 0)


VOLUMES = Proof(
    scope="every horizon, every trajectory with invertible Jacobians; determinants at 2 and 3 units", lines=volumes
)


ADJUGATES = Proof(scope="every matrix of 2 or 3 rows, every number λ", lines=adjugates)
TRACES = Proof(scope="every horizon, every activation and loss; traces at 2 and 3 units", lines=traces)
