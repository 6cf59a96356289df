"""Matrices alone, at symbolic size: singular values, orthogonality, Gram–Schmidt, powers of a diagonalised matrix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Ge, Le, MatrixSymbol, Symbol, limit, oo
from sympy.matrices.expressions import Identity, MatPow

from backproof.theory.language.nodes import (
    EuclideanNorm,
    Measure,
    SmallestModulus,
    SmallestSingularValue,
    SpectralNorm,
    SpectralRadius,
)
from backproof.theory.language.notation import A, D, Q, R, S, S_inv, W, n, s, v
from backproof.theory.language.relations import parts
from backproof.theory.proving.checkers import EXACT, algebra, cancelling, distributed, scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable


def follows_from_measures(part: Any, known: dict[Any, Any]) -> Step:
    """What a part of the statement says once its measures are known."""
    return Step(
        why="What the statement says of that follows",
        relation=part.func(part.lhs.xreplace(known), part.rhs.xreplace(known), evaluate=False),
        checker=lambda line: None if line.atoms(Measure) else scalars(line.func(line.lhs, line.rhs)),
        method="SymPy's assumptions",
        shown=part,
    )


def spectral_norm(statement: Any) -> Iterator[Step]:
    """Proof lines for ``‖A v‖ ≤ c ‖v‖`` with c a singular value, from A = Q Σ Xᵀ."""
    c, d, y = Symbol("c", nonnegative=True), Symbol("d", nonnegative=True), Symbol("y", real=True)
    X, Sigma = MatrixSymbol("X", n, n), MatrixSymbol("Sigma", n, n)
    measure = statement.rhs.xreplace({EuclideanNorm(v): 1}) if isinstance(statement, Le) else None
    values = {SpectralNorm(A): (c + d, c), SmallestSingularValue(A): (c, c + d)}
    if measure not in values or statement.lhs != EuclideanNorm(A * v):
        raise Unprovable("the statement does not bound ‖Av‖ by a singular value times ‖v‖")
    bound, other = values[measure]
    whole = Q * Sigma * X.T
    yield Step(
        why="With A = Q Σ Xᵀ, QᵀQ = I: ‖A v‖² = Σ σ_i² y_i² for y = Xᵀ v",
        relation=Eq(v.T * whole.T * whole * v, (X.T * v).T * Sigma.T * Sigma * (X.T * v), evaluate=False),
        checker=cancelling((Q.T, Q)),
        method=EXACT,
    )
    yield Step(
        why="With X Xᵀ = I: ‖v‖² = Σ y_i²",
        relation=Eq((X.T * v).T * (X.T * v), v.T * v, evaluate=False),
        checker=cancelling((X, X.T)),
        method=EXACT,
    )
    yield Step(
        why="Term by term: any other singular value σ against the one named",
        relation=Le(other**2 * y**2, bound**2 * y**2, evaluate=False),
        checker=lambda line: scalars(Ge((line.rhs - line.lhs).expand(), 0)),
        method="SymPy's assumptions",
    )
    yield Step(
        why="Attained at the singular vector v = X e_1: A v = σ_1 Q e_1",
        relation=Eq(whole * (X * v), Q * Sigma * v, evaluate=False),
        checker=cancelling((X.T, X)),
        method=EXACT,
    )


def orthogonal(statement: Any) -> Iterator[Step]:
    """Proof lines for statements on ρ(Q) and min |λ| where QᵀQ = I: every eigenvalue α + iβ has modulus 1."""
    al, be = Symbol("alpha", real=True), Symbol("beta", real=True)
    x, y = MatrixSymbol("x", n, 1), MatrixSymbol("y", n, 1)
    left, right = al * x - be * y, be * x + al * y
    yield Step(
        why="For Q(x + iy) = (α + iβ)(x + iy): ‖Qx‖² + ‖Qy‖² = (α² + β²)(‖x‖² + ‖y‖²)",
        relation=Eq(left.T * left + right.T * right, (al**2 + be**2) * (x.T * x + y.T * y), evaluate=False),
        checker=lambda line: _symmetric(line, x, y),
        method=EXACT,
    )
    yield Step(
        why="Since QᵀQ = I, it is also ‖x‖² + ‖y‖²",
        relation=Eq((Q * x).T * (Q * x) + (Q * y).T * (Q * y), x.T * x + y.T * y, evaluate=False),
        checker=cancelling((Q.T, Q)),
        method=EXACT,
    )
    size, modulus = Symbol("size", positive=True), Symbol("modulus", nonnegative=True)
    yield Step(
        why="The vector is not zero, so |λ|² − 1 = (|λ| − 1)(|λ| + 1) vanishes: |λ| = 1",
        relation=Eq((modulus**2 - 1) * size, size * (modulus + 1) * (modulus - 1), evaluate=False),
        checker=lambda line: scalars(Eq((line.lhs - line.rhs).expand(), 0)) and scalars(size * (modulus + 1) > 0),
        method="exact",
    )
    for part in parts(statement):
        yield follows_from_measures(part, {SpectralRadius(Q): 1, SmallestModulus(Q): 1})


def _symmetric(line: Any, x: Any, y: Any) -> bool | None:
    """Matrix algebra in which the numbers xᵀy and yᵀx are one."""
    return algebra(Eq(*(distributed(side).doit().subs(y.T * x, x.T * y) for side in line.args), evaluate=False))


def gram_schmidt(statement: Any) -> Iterator[Step]:
    """Proof lines for what holds of Q where A = Q R is a QR factorisation, built column by column."""
    a, q = MatrixSymbol("a", n, 1), MatrixSymbol("q", n, 1)
    m = Symbol("j", integer=True, positive=True)
    B = MatrixSymbol("B", n, m)  # the columns that stand already
    rest = a - B * B.T * a
    yield Step(
        why="With BᵀB = I, what is left of the next column is orthogonal to all that stand",
        relation=Eq(B.T * rest, 0 * B.T * a, evaluate=False),
        checker=cancelling((B.T, B)),
        method=EXACT,
    )
    length = Symbol("r", positive=True)
    yield Step(
        why="It is not zero, as A has full rank; over its length r, r² = ‖·‖², it has length 1",
        relation=Eq((q / length).T * (q / length), q.T * q / length**2, evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="So by induction over the columns QᵀQ = I; conversely QᵀQ = I makes RᵀR = AᵀA",
        relation=Eq((Q * R).T * (Q * R), R.T * R, evaluate=False),
        checker=cancelling((Q.T, Q)),
        method=EXACT,
    )
    for part in parts(statement):
        if part.lhs.is_Matrix or getattr(part.lhs, "shape", None):
            why = "What the statement says of QᵀQ"
            yield Step(why=why, relation=part, checker=cancelling((Q.T, Q)), method=EXACT)
        else:
            yield follows_from_measures(part, {SpectralRadius(Q): 1, SmallestModulus(Q): 1})


def powers(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(W**s, claim in s)`` where W = S D S⁻¹: induction on s."""
    if not isinstance(statement, Eq) or statement.lhs != MatPow(W, s):
        raise Unprovable("the statement is not an equation for a power of W")
    inverse = cancelling((S, S_inv), (S_inv, S))
    yield Step(
        why="Base: W⁰ = I",
        relation=Eq(statement.rhs.subs(s, 0).doit(), Identity(n), evaluate=False),
        checker=inverse,
        method=EXACT,
    )
    yield Step(
        why="Induction: one more W, with S⁻¹ S = I",
        relation=Eq(S * D * S_inv * statement.rhs, statement.rhs.subs(s, s + 1), evaluate=False),
        checker=inverse,
        method=EXACT,
    )


def growth(statement: Any) -> Iterator[Step]:
    """Proof lines for what follows from ``ρˢ ≤ ‖Wˢ‖ ≤ ‖S‖ ‖S⁻¹‖ ρˢ`` where W = S D S⁻¹."""
    inverse = cancelling((S, S_inv), (S_inv, S))
    e = MatrixSymbol("e", n, 1)
    yield Step(
        why="Below: Wˢ takes an eigenvector S e_i to λ_iˢ S e_i, and stretches nothing by more than its norm",
        relation=Eq(S * D**s * S_inv * (S * e), S * D**s * e, evaluate=False),
        checker=inverse,
        method=EXACT,
    )
    yield from _submultiplicative()
    rho, b, f, g = Symbol("rho", positive=True), Symbol("b", positive=True), *_slacks()
    norm, kappa = rho**s * (1 + f), 1 + f + g
    known = {
        SpectralRadius(W): rho,
        SpectralNorm(MatPow(W, s)): norm,
        SpectralNorm(S): kappa / b,
        SpectralNorm(S_inv): b,
    }
    for part in parts(statement):
        yield follows_from_measures(part, known)
    k, x = Symbol("kappa", positive=True), Symbol("x", positive=True)
    yield Step(
        why="Gelfand: κ^(1/s) → 1, so ‖Wˢ‖^(1/s) is squeezed to ρ(W)",
        relation=Eq(limit(k ** (1 / x), x, oo), 1, evaluate=False),
        checker=lambda line: line.lhs == line.rhs,
        method="SymPy's limit",
        shown=Eq(Symbol("lim") * k ** (1 / s), 1, evaluate=False),
    )


def _slacks() -> tuple[Symbol, Symbol]:
    return Symbol("f", nonnegative=True), Symbol("g", nonnegative=True)


def _submultiplicative() -> Iterator[Step]:
    first, second = Symbol("a", positive=True), Symbol("b", positive=True)
    B, one = MatrixSymbol("B", n, n), Identity(n)
    yield Step(
        why="Above: ‖A B‖ ≤ ‖A‖ ‖B‖, as a² b² I − (AB)ᵀAB is a sum of two positive semidefinite matrices",
        relation=Eq(
            first**2 * second**2 * one - (A * B).T * A * B,
            first**2 * (second**2 * one - B.T * B) + B.T * (first**2 * one - A.T * A) * B,
            evaluate=False,
        ),
        checker=algebra,
        method=EXACT,
    )
    x, y = Symbol("x", nonnegative=True), Symbol("y", nonnegative=True)
    yield Step(
        why="and ‖Dˢ‖ = max |λ_i|ˢ, as a larger modulus has the larger power",
        relation=Ge((x + y) ** 2 - x**2, 0, evaluate=False),
        checker=lambda line: scalars(Ge(line.lhs.expand(), 0)),
        method="SymPy's assumptions",
    )


SPECTRAL_NORM = Proof(scope="every size, every matrix, every vector", lines=spectral_norm)
ORTHOGONAL = Proof(scope="every size, every orthogonal matrix", lines=orthogonal)
GRAM_SCHMIDT = Proof(scope="every size, every matrix of full rank, as a Gaussian has almost surely", lines=gram_schmidt)
POWERS = Proof(scope="every size, every power, every diagonalised matrix; induction on the power", lines=powers)
GROWTH = Proof(scope="every size, every power, every diagonalised matrix with real eigenvalues", lines=growth)
