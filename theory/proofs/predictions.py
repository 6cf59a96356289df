"""Two texts that differ in the first word: their states differ at every step after it, and so do their predictions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Gt, ImmutableMatrix, MatrixSymbol, Ne, Symbol, exp, expand_log, log, simplify
from sympy.matrices.expressions import Identity

from theory.activations import ACTIVATIONS
from theory.checkers import algebra, scalars
from theory.nodes import Softmax
from theory.notation import T, U, V, W, b, c, m, n, o, x
from theory.pairs import o_other
from theory.proof import Proof, Step, Unprovable

D, P = MatrixSymbol("D", n, n), MatrixSymbol("P", n, n)
before, other, word = MatrixSymbol("h", n, 1), MatrixSymbol("q", n, 1), MatrixSymbol("z", m, 1)
EXACT = "matrix algebra, any size"


def far_words_count(statement: Any) -> Iterator[Step]:
    """Proof lines for ``softmax(o_T) ≠ softmax(o_T′)`` where nothing is lost on the way."""
    if statement != Ne(Softmax(o[T]), Softmax(o_other[T]), evaluate=False):
        raise Unprovable("the statement does not say that the two predictions differ")
    for name in ("identity", "tanh", "sigmoid"):
        yield Step(
            why=f"The slope of {name} is positive everywhere",
            relation=Gt(_slope(name), 0, evaluate=False),
            checker=lambda line: scalars(Gt(simplify(line.lhs), 0)) or bool(simplify(line.lhs).is_positive),
            method="SymPy's assumptions, from exponentials",
        )
    yield Step(
        why="First step, same h_0: by the mean value theorem h_1 − h_1′ = D (a_1 − a_1′) with D diagonal and positive",
        relation=Eq(W * before + U * x[1] + b - (W * before + U * word + b), U * (x[1] - word), evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="A later step, same word: h_t − h_t′ = D W (h_{t-1} − h_{t-1}′)",
        relation=Eq(D * (W * before + U * word + b) - D * (W * other + U * word + b), D * W * (before - other)),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="D W is invertible, as det(D W) = d_1 ⋯ d_n det W: no difference is sent to 0",
        relation=Ne((D * W).det(), 0, evaluate=False),
        checker=lambda _: all(map(_determinant, (1, 2, 3))),
        method="componentwise, 1 to 3 units, every slope a positive symbol",
    )
    u, w = Symbol("u", real=True), Symbol("w", real=True)
    yield Step(
        why="ŷ_i ÷ ŷ_j = exp(o_i − o_j): equal predictions have equal differences of outputs",
        relation=Eq(log(exp(u) / exp(w)), u - w, evaluate=False),
        checker=lambda line: scalars(Eq(expand_log(line.lhs, force=True) - line.rhs, 0, evaluate=False)),
        method="SymPy's logarithm",
    )
    yield Step(
        why="Predictions are equal only if o_T − o_T′ is a constant, that is (V 1)(h_T − h_T′, −κ) = 0",
        relation=Eq(V * before + c - (V * other + c), V * (before - other), evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="A matrix M of full column rank has MᵀM invertible, so that M v = 0 only for v = 0",
        relation=Eq(P.I * P * before, Identity(n) * before, evaluate=False),
        checker=algebra,
        method=EXACT,
        shown=statement,
    )


def _slope(name: str) -> Any:
    """φ′ at a point e^z = v > 0, so that its sign is that of a rational function."""
    v, z = Symbol("v", positive=True), Symbol("z", real=True)
    value = ACTIVATIONS[name].expression.rewrite(exp)
    (free,) = value.free_symbols
    return simplify(value.diff(free).subs(free, z).rewrite(exp).subs(exp(z), v).subs(exp(-z), 1 / v).subs(z, 0 * z))


def _determinant(units: int) -> bool:
    slopes = [Symbol(f"d_{i}", positive=True) for i in range(units)]
    weights = ImmutableMatrix(units, units, lambda i, j: Symbol(f"w_{i}{j}"))
    product = weights.det()
    for slope in slopes:
        product *= slope
    return bool(((ImmutableMatrix.diag(*slopes) * weights).det() - product).expand() == 0)


FAR_WORDS_COUNT = Proof(
    scope="every distance, every size; tanh, sigmoid and identity; determinants at 1 to 3 units", lines=far_words_count
)
