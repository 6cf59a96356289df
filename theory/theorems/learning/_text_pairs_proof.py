"""Proofs about minimal pairs: states that differ after the first word, and what a window keeps of it.

Two texts that differ in the first word lead to states that differ at every step after it, and so to other predictions.
Through a window, truncation keeps a number of terms that can be counted, and a net that reads the window alone cannot
know what came before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import (
    Add,
    Eq,
    Function,
    Ge,
    Gt,
    ImmutableMatrix,
    Le,
    MatrixSymbol,
    Min,
    Ne,
    Sum,
    Symbol,
    exp,
    expand,
    expand_log,
    log,
    simplify,
)
from sympy.matrices.expressions import Identity

from backproof.theory.arithmetic.symbolic import Symbolic
from backproof.theory.evaluation import compiled
from backproof.theory.instances.strategies import INCREASING
from backproof.theory.instances.values import Case
from backproof.theory.language.functions import ACTIVATIONS
from backproof.theory.language.nodes import Inner, Softmax
from backproof.theory.language.notation import T, U, V, W, b, c, h, m, n, o, t, x
from backproof.theory.language.relations import Verdict, parts
from backproof.theory.nets.cells import ELMAN
from backproof.theory.proving.checkers import Explicit, algebra, explicit, scalars, sizes
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.theorems.learning._text_pairs import K, o_other, seen, seen_other, y_other

D, P = MatrixSymbol("D", n, n), MatrixSymbol("P", n, n)
before, other, word = MatrixSymbol("h", n, 1), MatrixSymbol("q", n, 1), MatrixSymbol("z", m, 1)
EXACT = "matrix algebra, any size"


def far_words_count(statement: Any) -> Iterator[Step]:
    """Proof lines for ``softmax(o_T) ≠ softmax(o_T′)`` where nothing is lost on the way."""
    if statement != Ne(Softmax(o[T]), Softmax(o_other[T]), evaluate=False):
        raise Unprovable("the statement does not say that the two predictions differ")
    for name in INCREASING:
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
    scope=f"every distance, every size; {', '.join(INCREASING)}; determinants at 1 to 3 units", lines=far_words_count
)


class swept(Function):  # type: ignore[misc]  # noqa: N801 — a letter of the formulas
    """``S(K, T)``: steps swept back in T steps of text, if each step's loss goes back through K steps at most."""

    nargs = 2

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inside = ", ".join(printer._print(arg) for arg in self.args)
        return rf"S\left({inside}\right)" + (f"^{{{exp}}}" if exp else "")


def number_swept(window: int, steps: int) -> int:
    """The number of terms, by counting them one by one."""
    return sum(1 for late in range(1, steps + 1) for early in range(1, late + 1) if late - early < window)


def counted(statement: Any, case: Case) -> bool | None:
    """Decide a relation between counts at exact numbers."""
    given = {K: case[K], T: case[T]}
    values = {node: number_swept(*(int(arg.subs(given)) for arg in node.args)) for node in statement.atoms(swept)}
    verdict = statement.xreplace(values).subs(given)
    return bool(verdict) if verdict in (True, False) else None


def cost(statement: Any) -> Iterator[Step]:
    """Proof lines for relations between S(K, T) and numbers, where 1 ≤ K < T."""
    e, j, s = (Symbol(name, integer=True, nonnegative=True) for name in "ejs")
    w, late = Symbol("w", integer=True, positive=True), Symbol("late", integer=True)
    yield Step(
        why="The loss of a step t ≤ K goes back to the first step, through t steps; a later one goes back through K",
        relation=Eq(Min(w, w + e), w, evaluate=False),
        checker=lambda line: line.lhs.doit() == line.rhs,
        method="SymPy's assumptions",
    )
    total = Sum(late, (late, 1, w)) + (T - w) * w
    yield Step(
        why="So S(K, T) = Σ_{t≤K} t + (T − K) K",
        relation=Eq(total.doit(), w * T - w * (w - 1) / 2, evaluate=False),
        checker=lambda line: scalars(Eq(expand(line.lhs - line.rhs), 0)),
        method="SymPy's sum",
        shown=Eq(swept(K, T), K * T - K * (K - 1) / 2, evaluate=False),
    )
    closed = {node: _closed(*node.args) for node in statement.atoms(swept)}
    longer = {T: K + 1 + s}
    for part in parts(statement):
        left, right = (side.xreplace(closed).subs(longer).subs(K, 1 + j) for side in part.args)
        yield Step(
            why="With K = 1 + j and T = K + 1 + s, j and s ≥ 0, what the statement says is algebra",
            relation=part.func(left, right, evaluate=False),
            checker=lambda line: scalars(line.func(expand(line.lhs - line.rhs), 0)),
            method="SymPy's assumptions",
            shown=part,
        )


def _closed(window: Any, steps: Any) -> Any:
    return window * steps - window * (window - 1) / 2


def blind(statement: Any) -> Iterator[Step]:
    """Proof lines for bounds on the sum of the probabilities that two texts of a pair give to their own answers."""
    if not isinstance(statement, Le | Ge | Gt) or not isinstance(statement.lhs, Add) or len(statement.lhs.args) != 2:
        raise Unprovable("the statement does not bound the sum of two probabilities")
    answers = {term.args[0]: term.args[1].args[0] for term in statement.lhs.args if isinstance(term, Inner)}
    if len(answers) != 2 or not statement.lhs.has(Softmax) or y_other[T] not in answers:
        raise Unprovable("the two probabilities are not those of the two answers")
    yield Step(
        why="A net that starts at its window is a function of the words in it: the same for both texts",
        relation=Eq(seen[T], seen_other[T], evaluate=False),
        checker=lambda line: set(answers.values()) == set(line.args) and all(map(_in_window, (1, 2))),
        method="entry by entry, windows of 1 to 3 steps, 1 and 2 units, φ undefined",
    )
    p, q, r = Symbol("p", positive=True), Symbol("q", positive=True), Symbol("r", nonnegative=True)
    yield Step(
        why="Two different answers have probabilities p and q of one softmax, and the rest has r: p + q + r = 1",
        relation=statement.func((p + q) / (p + q + r), statement.rhs, evaluate=False),
        checker=lambda line: scalars(line.func(((p + q) - line.rhs * (p + q + r)).expand(), 0)),
        method="SymPy's assumptions",
        shown=statement,
    )


def _in_window(units: int) -> Verdict:
    """Whether three words after the first, read from h = 0, give outputs in which the first does not occur."""
    environment = Explicit({**sizes(units), h[t - 1]: explicit(0 * h[0], units)})
    known: set[Any] = set()
    for step in (2, 3, 4):
        environment[x[t]] = explicit(x[step], units)
        known |= environment[x[t]].free_symbols
        for left, right in ELMAN.equations:
            environment[left] = compiled(right)(Symbolic(), environment)
        environment[h[t - 1]] = environment[h[t]]
        outputs = environment[ELMAN.output[t]]
        words = {symbol for symbol in outputs.free_symbols if str(symbol).startswith("x")}
        if words & explicit(x[1], units).free_symbols or not words <= known:
            return False
    return True


COST = Proof(scope="every text, every window shorter than it", lines=cost)
BLIND = Proof(scope="every window, every size, every activation, every weight and any number of answers", lines=blind)
