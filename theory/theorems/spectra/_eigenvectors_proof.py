"""What powers of W do to its eigenvectors: planes of complex pairs, leading directions, orthonormal bases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Abs, Eq, ImmutableMatrix, Le, MatrixSymbol, Symbol, limit, oo, powsimp, simplify
from sympy.matrices.expressions import Identity, MatPow
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.language.nodes import EuclideanNorm, Inner, SpectralNorm, SpectralRadius
from backproof.theory.language.notation import D, Q, S, W, n, s
from backproof.theory.language.relations import parts
from backproof.theory.proving.checkers import EXACT, Checker, algebra, cancelling, scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.theorems.spectra._matrices_proof import follows_from_measures

BY_ASSUMPTIONS = "SymPy's assumptions"
X, B = MatrixSymbol("X", n, 2), MatrixSymbol("B", 2, 2)
alpha, beta = Symbol("alpha", real=True), Symbol("beta", real=True)
size2 = alpha**2 + beta**2
v, q, c, mu = (MatrixSymbol(name, n, 1) for name in ("v", "q", "c", "mu"))
lamda = Symbol("lambda", real=True)
gap, share = Symbol("epsilon", positive=True), Symbol("K", positive=True)
M = DiagMatrix(mu)
TURN = ImmutableMatrix([[alpha, beta], [-beta, alpha]])


def exchanging(left: Any, right: Any) -> Checker:
    """Matrix algebra with ``left`` standing for ``right``, two equal products."""
    return lambda line: algebra(Eq(*(side.doit().subs(left, right).doit() for side in line.args), evaluate=False))


def plane(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Wˢ X`` and ``‖Wˢ X‖²`` where W X = X B, B = [[α, β], [−β, α]]."""
    for part in parts(statement):
        if part.lhs == MatPow(W, s) * X:
            yield from _carried(part.rhs)
        elif part.lhs == Inner(MatPow(W, s) * X, MatPow(W, s) * X):
            yield from _stretched(part)
        else:
            raise Unprovable(f"nothing is known about {part.lhs}")


def _carried(claimed: Any) -> Iterator[Step]:
    yield Step(
        why="Base: W⁰ X = X",
        relation=Eq(claimed.subs(s, 0).doit(), X, evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="Induction: W X = X B takes one more W through X",
        relation=Eq(W * claimed, claimed.subs(s, s + 1), evaluate=False),
        checker=exchanging(W * X, X * B),
        method=EXACT,
    )


def _stretched(part: Any) -> Iterator[Step]:
    unit = Symbol("nu", positive=True)
    yield Step(
        why="B Bᵀ = (α² + β²) I: B turns the plane and multiplies it by |λ|, so ‖X B‖ = |λ| ‖X‖ for any X",
        relation=Eq(B * B.T, size2 * Identity(2), evaluate=False),
        checker=lambda _: (TURN * TURN.T - size2 * ImmutableMatrix.eye(2)).expand() == ImmutableMatrix.zeros(2, 2),
        method="componentwise, 2 by 2",
    )
    yield Step(
        why="and s of them multiply by |λ|ˢ: for s = 0 nothing, and each one more",
        relation=part,
        checker=lambda line: _geometric(line.rhs.xreplace({Inner(X, X): unit**2}), unit) and isinstance(line, Eq),
        method="exact",
    )
    e, lag = Symbol("e", positive=True), Symbol("l", positive=True)
    for base, end in (((1 + e), oo), (1 / (1 + e), 0)):
        yield Step(
            why=f"so it {'explodes for |λ| > 1' if end == oo else 'vanishes for |λ| < 1'}",
            relation=Eq(limit(base**lag, lag, oo), end, evaluate=False),
            checker=lambda line: line.lhs == line.rhs,
            method="SymPy's limit",
            shown=Eq(Symbol("lim") * base**lag, end, evaluate=False),
        )


def _geometric(claimed: Any, unit: Any) -> bool:
    """Whether the claim is ‖X‖² at s = 0 and grows by α² + β² a step."""
    start = scalars(Eq(claimed.subs(s, 0), unit**2, evaluate=False))
    return start is True and scalars(Eq(claimed.subs(s, s + 1), size2 * claimed, evaluate=False)) is True


def alignment(statement: Any) -> Iterator[Step]:
    """Proof lines for ``(1+ε)ˢ ‖Wˢ(q + S c) − λˢ q‖ ≤ R`` where W q = λ q, W S = S M, |μ_i| (1+ε) ≤ |λ|."""
    whole = q + S * c
    distance = EuclideanNorm(MatPow(W, s) * whole - lamda**s * q)
    if not isinstance(statement, Le) or not statement.lhs.has(distance):
        raise Unprovable("the statement does not bound the distance to the leading part")
    factor = statement.lhs / distance
    yield Step(
        why="Base: W⁰(q + S c) = q + S M⁰ c",
        relation=Eq((lamda**s * q + S * MatPow(M, s) * c).subs(s, 0).doit(), whole, evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="Induction: W q = λ q and W S = S M",
        relation=Eq(
            W * (lamda**s * q + S * MatPow(M, s) * c),
            lamda ** (s + 1) * q + S * MatPow(M, s + 1) * c,
            evaluate=False,
        ),
        checker=_with_eigenvectors,
        method=EXACT,
    )
    modulus, f = Symbol("m", positive=True), Symbol("f", nonnegative=True)
    inside = modulus / ((1 + gap) * (1 + f))
    yield Step(
        why="What is left, S Mˢ c, is at most ‖S‖ max|μ_i|ˢ ‖c‖ ≤ (|λ|/(1+ε))ˢ K ‖q‖, and no less where these meet",
        relation=Le(factor * (modulus / (1 + gap)) ** s * share, _known(statement.rhs, modulus), evaluate=False),
        checker=lambda line: scalars(Le(_over(line.lhs, modulus), _over(line.rhs, modulus), evaluate=False)),
        method=BY_ASSUMPTIONS,
    )
    yield Step(
        why="max|μ_i| ≤ |λ|/(1+ε) is kept by powers",
        relation=Le(inside, modulus / (1 + gap), evaluate=False),
        checker=lambda line: scalars(Le(line.lhs, line.rhs, evaluate=False)),
        method=BY_ASSUMPTIONS,
    )


def _known(expression: Any, modulus: Any) -> Any:
    return expression.xreplace({Abs(lamda): modulus, EuclideanNorm(q): 1})


def _over(expression: Any, modulus: Any) -> Any:
    return simplify(powsimp((expression / modulus**s).expand(power_base=True), force=True))


def _with_eigenvectors(line: Any) -> bool | None:
    def known(side: Any) -> Any:
        return side.expand().doit().subs(W * q, lamda * q).subs(W * S, S * M).doit()

    return algebra(Eq(known(line.lhs), line.rhs, evaluate=False))


def symmetric(statement: Any) -> Iterator[Step]:
    """Proof lines for vectors in the orthonormal eigenvectors of W = Q D Qᵀ, and the norm of its powers."""
    inverse = cancelling((Q.T, Q), (Q, Q.T))
    for part in parts(statement):
        if part.lhs == v:
            why = "Q Qᵀ = I: every vector is the sum of its components along the columns"
            yield Step(why=why, relation=part, checker=inverse, method=EXACT)
        elif part.lhs == MatPow(W, s) * v:
            yield Step(
                why="Base: W⁰ v = v",
                relation=Eq(part.rhs.subs(s, 0).doit(), v, evaluate=False),
                checker=inverse,
                method=EXACT,
            )
            yield Step(
                why="Induction: one more Q D Qᵀ, with Qᵀ Q = I",
                relation=Eq(Q * D * Q.T * part.rhs, part.rhs.subs(s, s + 1), evaluate=False),
                checker=inverse,
                method=EXACT,
            )
        elif part.lhs == SpectralNorm(MatPow(W, s)):
            yield from _norm_of_power(part)
        else:
            raise Unprovable(f"nothing is known about {part.lhs}")


def _norm_of_power(part: Any) -> Iterator[Step]:
    rho = Symbol("rho", positive=True)
    yield Step(
        why="‖Q Dˢ Qᵀ v‖ = ‖Dˢ (Qᵀ v)‖ and ‖Qᵀ v‖ = ‖v‖, so ‖Wˢ‖ = ‖Dˢ‖ = max |λ_i|ˢ = ρˢ",
        relation=Eq((Q * D * Q.T * v).T * (Q * D * Q.T * v), (D * (Q.T * v)).T * (D * (Q.T * v)), evaluate=False),
        checker=cancelling((Q.T, Q)),
        method=EXACT,
    )
    yield follows_from_measures(part, {SpectralNorm(MatPow(W, s)): rho**s, SpectralRadius(W): rho})


PLANE = Proof(scope="every size, every power, every eigenvalue, real or complex; induction on the power", lines=plane)

ALIGNMENT = Proof(
    scope="every size, every power, every leading real eigenvalue; induction on the power", lines=alignment
)

SYMMETRIC = Proof(scope="every size, every power, every symmetric matrix; induction on the power", lines=symmetric)
