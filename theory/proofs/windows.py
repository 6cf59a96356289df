"""Windows: how many terms truncation keeps, and what a net cannot know that reads through one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Add, Eq, Function, Ge, Gt, Le, Min, Sum, Symbol, expand

from theory.arithmetic.symbolic import Symbolic
from theory.cases import Case
from theory.cells import ELMAN
from theory.checkers import Explicit, Verdict, explicit, scalars, sizes
from theory.evaluation import compiled
from theory.nodes import Inner, Softmax
from theory.notation import T, h, t, x
from theory.pairs import K, seen, seen_other, y_other
from theory.proof import Proof, Step, Unprovable
from theory.proofs.spectra import parts


class swept(Function):  # type: ignore[misc]  # noqa: N801 — a letter of the formulas
    """``S(K, T)``: steps swept back in T steps of text, if each step's loss goes back through K steps at most."""

    nargs = 2

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inside = ", ".join(printer._print(arg) for arg in self.args)
        return rf"S\left({inside}\right)" + (f"^{{{exp}}}" if exp else "")


def number_swept(window: int, steps: int) -> int:
    """Counted one by one."""
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
