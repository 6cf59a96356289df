"""Updates of an orthogonal matrix: what each leaves of QᵀQ = I, at any size."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sympy import Eq, MatrixSymbol, Symbol
from sympy.matrices.expressions import Identity, MatMul

from theory.checkers import algebra
from theory.nodes import MatrixExponential
from theory.notation import n
from theory.proof import Proof, Step, Unprovable
from theory.proofs.spectra import EXACT, Q, cancelling, parts

G, M = MatrixSymbol("G", n, n), MatrixSymbol("M", n, n)
eta = Symbol("eta", positive=True)
one = Identity(n)
A = G * Q.T - Q * G.T
K = one + eta / 2 * A
"""The matrix of which M is the inverse."""


def updates(statement: Any) -> Iterator[Step]:
    """Proof lines for ``XᵀX = …`` of a Cayley, an exponential and plain updates X, whichever the statement names."""
    for part in parts(statement):
        if not isinstance(part, Eq):
            raise Unprovable("a part of the statement is no equation")
        if part.has(M):
            yield from _cayley(part)
        elif part.has(MatrixExponential):
            yield from _exponential(part)
        else:
            yield Step(
                why="A plain step, multiplied out with QᵀQ = I",
                relation=part,
                checker=cancelling((Q.T, Q)),
                method=EXACT,
            )


@lru_cache(maxsize=64)
def moved(part: Any) -> tuple[Any, ...]:
    """The factors of X where the left-hand side is XᵀX."""
    factors = part.lhs.args if isinstance(part.lhs, MatMul) else ()
    half = factors[len(factors) // 2 :]
    if not half or MatMul(*half).T * MatMul(*half) != part.lhs:
        raise Unprovable("the left-hand side is not XᵀX")
    return tuple(half)


def _cayley(part: Any) -> Iterator[Step]:
    factors = moved(part)
    if len(factors) != 3 or (factors[0], factors[2]) != (M, Q):
        raise Unprovable("the update is not M (…) Q")
    B = MatrixSymbol("K", n, n)
    inverse = ((M, B), (B, M), (M.T, B.T), (B.T, M.T))
    yield Step(
        why="The numerator is the transpose of K = I + ½ηA, as A = G Qᵀ − Q Gᵀ is skew-symmetric",
        relation=Eq(factors[1], K.T, evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(why="K and Kᵀ commute", relation=Eq(K * K.T, K.T * K, evaluate=False), checker=algebra, method=EXACT)
    yield Step(
        why="So M Kᵀ = M (Kᵀ K) M = M (K Kᵀ) M = Kᵀ M for M = K⁻¹: first, M Kᵀ",
        relation=Eq(M * B.T * B * M, M * B.T, evaluate=False),
        checker=cancelling(*inverse),
        method=EXACT,
    )
    yield Step(
        why="and then Kᵀ M",
        relation=Eq(M * B * B.T * M, B.T * M, evaluate=False),
        checker=cancelling(*inverse),
        method=EXACT,
    )
    yield Step(
        why="Hence XᵀX = Qᵀ K Mᵀ (Kᵀ M) Q",
        relation=Eq(Q.T * B * M.T * B.T * M * Q, part.rhs, evaluate=False),
        checker=cancelling(*inverse, (Q.T, Q)),
        method=EXACT,
    )


def _exponential(part: Any) -> Iterator[Step]:
    factors = moved(part)
    if len(factors) != 2 or not isinstance(factors[0], MatrixExponential) or factors[1] != Q:
        raise Unprovable("the update is not exp(…) Q")
    S, F, N = factors[0].args[0], MatrixSymbol("F", n, n), MatrixSymbol("N", n, n)
    yield Step(
        why="The generator is skew-symmetric",
        relation=Eq(S.T, -S, evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="With F = exp(sS), F′ = S F, S = N − Nᵀ: (FᵀF)′ = 0, so FᵀF = I as at s = 0",
        relation=Eq(((N - N.T) * F).T * F + F.T * (N - N.T) * F, 0 * F, evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="Hence XᵀX = Qᵀ (FᵀF) Q",
        relation=Eq(Q.T * Q, part.rhs, evaluate=False),
        checker=cancelling((Q.T, Q)),
        method=EXACT,
    )


UPDATES = Proof(scope="every size, every orthogonal Q, every gradient, every step size", lines=updates)
