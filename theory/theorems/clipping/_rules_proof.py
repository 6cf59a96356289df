"""Clipping, proved from the rule that a statement contains: scales by norm, clamps by value.

A rule by norm multiplies every tensor by a factor that depends on norms alone. Two tensors show whether the factor is
shared. With N = ‖(A, B)‖, a = ‖A‖ and b² = N² − a², what is said of matrices becomes scalar algebra; the two cases
N ≥ ε and N < ε are written N = ε + d and ε = N + d with d ≥ 0 and d > 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sympy import And, Eq, Expr, Gt, ImmutableMatrix, Le, MatrixSymbol, Max, Min, Symbol, expand, sympify
from sympy.matrices.expressions import MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.arithmetic.symbolic import Symbolic
from backproof.theory.evaluation import evaluate
from backproof.theory.language.nodes import Clamp, FrobeniusNorm, JointNorm, LargestEntry
from backproof.theory.language.relations import Verdict, parts
from backproof.theory.proving.checkers import Explicit, scalars, vanishes
from backproof.theory.proving.proof import Proof, Step, Unprovable

SCOPE_NORM = "every gradient, split into any two tensors (and so into any number); every ε > 0"
SCOPE_VALUE = "every matrix of any size, every c > 0"


def factors(joint: JointNorm) -> dict[MatrixExpr, Expr]:
    """``{A: c_A, B: c_B}`` of ``‖(c_A A, c_B B)‖``."""
    found = {}
    for part in joint.args:
        coefficient, matrices = part.as_coeff_matrices() if isinstance(part, MatMul) else (1, [part])
        if len(matrices) != 1:
            raise Unprovable(f"{part} is not a multiple of a tensor")
        found[matrices[0]] = coefficient
    return found


def by_norm(statement: Any) -> Iterator[Step]:
    """Proof lines for the conjunction of ``‖clip g‖ = …`` and ``‖g‖ clip(g) = ‖clip g‖ g``, a tensor at a time."""
    capped, aligned = _norm_and_directions(statement)
    scale = factors(capped.lhs)
    yield Step(
        why="Factors leave the squared norm tensor by tensor: ‖(αA, βB)‖² = α²‖A‖² + β²‖B‖²",
        relation=Eq(capped.lhs**2, sum(c**2 * FrobeniusNorm(A) ** 2 for A, c in scale.items()), evaluate=False),
        checker=lambda _: _homogeneous(),
        method="entry by entry, 2 by 2 and 2 by 1, any factors",
    )
    for name, N, eps in _cases():
        known = _Scalars(scale, N, eps)
        squared = sum(known(c) ** 2 * square for c, square in zip(scale.values(), known.squares, strict=True))
        yield Step(
            why=f"The norm afterwards, if {name}",
            relation=Eq(squared, known(capped.rhs) ** 2, evaluate=False),
            checker=lambda relation: vanishes(relation.lhs - relation.rhs),
            method="scalar algebra",
        )
        yield Step(
            why=f"The direction, if {name}: the factor is positive, and ‖g‖ c = ‖c g‖ for each tensor",
            relation=And(*(Eq((N * known(c)) ** 2, squared, evaluate=False) for c in scale.values())),
            checker=partial(_aligned, N=N, known=known, squared=squared, scale=scale, aligned=aligned),
            method="scalar algebra",
            shown=And(*(Gt(c, 0, evaluate=False) for c in dict.fromkeys(map(known, scale.values())))),
        )


def _norm_and_directions(statement: Any) -> tuple[Any, tuple[Any, ...]]:
    capped = [part for part in parts(statement) if isinstance(part, Eq) and isinstance(part.lhs, JointNorm)]
    aligned = tuple(part for part in parts(statement) if part not in capped)
    if len(capped) != 1 or len(aligned) != len(capped[0].lhs.args):
        raise Unprovable("the statement is not a norm and a direction for each tensor")
    return capped[0], aligned


def _cases() -> Iterator[tuple[str, Expr, Expr]]:
    small, more = Symbol("epsilon", positive=True), Symbol("d", nonnegative=True)
    yield "‖g‖ ≥ ε", small + more, small
    norm, gap = Symbol("N", nonnegative=True), Symbol("d", positive=True)
    yield "‖g‖ < ε", norm, norm + gap


class _Scalars:
    """Norms and ε as scalar symbols of one case; a factor that depends on anything else is out of reach."""

    def __init__(self, scale: dict[Any, Any], N: Expr, eps: Expr) -> None:
        first, second = scale
        share = Symbol("a", nonnegative=True)
        self.squares = (share**2, N**2 - share**2)
        self.values = {JointNorm(first, second): N, FrobeniusNorm(first): share}
        self.eps = eps

    def __call__(self, expression: Any) -> Expr:
        value = sympify(expression).xreplace(self.values)
        if value.has(MatrixExpr, FrobeniusNorm, JointNorm, LargestEntry):
            raise Unprovable(f"{expression} depends on more than the norm of the whole")
        return value.subs(Symbol("epsilon", real=True), self.eps).doit()


def _aligned(
    _: Any, *, N: Expr, known: _Scalars, squared: Expr, scale: dict[Any, Any], aligned: tuple[Any, ...]
) -> Verdict:
    """``c > 0`` and ``(N c)² = ‖clip g‖²`` make ``N c = ‖clip g‖``; and the statement must say just that."""
    whole, clipped = JointNorm(*scale), JointNorm(*(c * A for A, c in scale.items()))
    meant = {Eq(whole * c * A, clipped * A, evaluate=False) for A, c in scale.items()}
    if set(aligned) != meant:
        return None
    for c in map(known, scale.values()):
        if scalars(Gt(c, 0, evaluate=False)) is not True or vanishes((N * c) ** 2 - squared) is not True:
            return None
    return True


def _homogeneous() -> bool:
    alpha, beta = Symbol("alpha"), Symbol("beta")
    A = ImmutableMatrix(2, 2, lambda i, j: Symbol(f"A_{i}{j}"))
    B = ImmutableMatrix(2, 1, lambda i, _: Symbol(f"B_{i}"))
    square = sum(entry**2 for entry in [*(alpha * A), *(beta * B)])
    return bool(expand(square - alpha**2 * sum(x**2 for x in A) - beta**2 * sum(x**2 for x in B)) == 0)


def by_value(statement: Any) -> Iterator[Step]:
    """Proof lines for ``max |clamp(A)_ij| ≤ bound``: an entry at a time, whatever it is."""
    if not isinstance(statement, Le) or not isinstance(statement.lhs, LargestEntry):
        raise Unprovable("the statement does not bound the largest entry")
    clamp = statement.lhs.args[0]
    if not isinstance(clamp, Clamp):
        raise Unprovable("nothing is clamped")
    _, low, high = clamp.args
    c, z = Symbol("c", positive=True), Symbol("z", real=True)
    low, high, bound = (end.subs(Symbol("c", real=True), c) for end in (low, high, statement.rhs))
    entry = Min(Max(z, low), high)
    yield Step(
        why="An entry does not exceed the upper end, and that is at most the bound",
        relation=Le(high, bound, evaluate=False),
        checker=scalars,
        method="order of the reals",
        shown=Le(entry, bound, evaluate=False),
    )
    yield Step(
        why="Nor does it fall below the lower end (which lies below the upper), and that is at least minus the bound",
        relation=And(Le(low, high, evaluate=False), Le(-bound, low, evaluate=False)),
        checker=scalars,
        method="order of the reals",
        shown=Le(-bound, entry, evaluate=False),
    )


def turns(statement: Any) -> Iterator[Step]:
    """Proof lines for the strict Cauchy–Schwarz inequality between a gradient and its clamped self."""
    m, d, c, e = (Symbol(name, positive=True) for name in ("m", "d", "c", "e"))
    if not isinstance(statement, Gt):
        raise Unprovable("the statement is not a strict inequality")
    yield Step(
        why="Lagrange's identity: the gap is half the sum of (g_i q_j − g_j q_i)², so it is positive if two terms turn",
        relation=statement,
        checker=lambda relation: _lagrange(relation),
        method="entry by entry, 2 and 3 entries",
    )
    for why, largest, other, capped in (
        ("the smaller entry m is kept: m ≤ c < M", m + d + e, m, m),
        ("the smaller entry is capped as well: c < m < M", c + d + e, c + d, c),
    ):
        limit = m + d if capped == m else c
        yield Step(
            why=f"The largest entry M > c becomes c, and {why}",
            relation=Gt(largest * capped, other * limit, evaluate=False),
            checker=lambda relation: scalars(Gt(expand(relation.lhs - relation.rhs), 0, evaluate=False)),
            method="scalar algebra",
        )


def _lagrange(relation: Any) -> Verdict:
    """Whether both sides, with any column for the clamped one, differ by the sum of squares."""
    clamps = relation.atoms(Clamp)
    if len(clamps) != 1:
        raise Unprovable("the statement is not about one clamped gradient")
    (clamp,) = clamps
    low, high = clamp.args[1:]
    if low != -high or not isinstance(high, Symbol):
        raise Unprovable("the clamp is not symmetric")
    stand_in = MatrixSymbol("q", *clamp.shape)
    for size in (2, 3):
        g = [Symbol(f"g_{i}", real=True) for i in range(size)]
        q = [Symbol(f"q_{i}", real=True) for i in range(size)]
        values = {clamp.args[0]: ImmutableMatrix(g), stand_in: ImmutableMatrix(q)}
        left, right = (
            evaluate(side.xreplace({clamp: stand_in}), Symbolic(), Explicit(values)) for side in relation.args
        )
        squares = sum((g[i] * q[j] - g[j] * q[i]) ** 2 for i in range(size) for j in range(i))
        if expand(left - right - squares) != 0:
            return None
    return True


BY_NORM = Proof(scope=SCOPE_NORM, lines=by_norm)
BY_VALUE = Proof(scope=SCOPE_VALUE, lines=by_value)
TURNS = Proof(scope="every gradient of 2 or 3 entries, every c > 0; Lagrange's identity gives any number", lines=turns)
