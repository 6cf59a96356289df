"""Descent on the loss of a linear unit that should follow another: where the gradient explodes, steps overshoot."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import Eq, Gt, Lt, Rational, Sum, Symbol, limit, oo

from theory.cases import Case
from theory.checkers import scalars
from theory.notation import T, t
from theory.proof import Proof, Step, Unprovable

w, v, eta = (Symbol(name, positive=True) for name in ("w", "v", "eta"))


def loss(weight: Any) -> Any:
    """``½ Σ_t (w^t − v^t)²``: a linear unit from h_0 = 1 with weight w, charged for what a unit with v would do."""
    return Sum((weight**t - v**t) ** 2, (t, 1, T)) / 2


def slope() -> Any:
    """Its derivative, by SymPy."""
    return loss(w).diff(w)


def stepped(gradient: Any) -> Any:
    """The weight after a step of rate η."""
    return w - eta * gradient


def exactly(statement: Any, case: Case, stretch: Any = 1) -> bool | None:
    """Decide the statement in exact rationals, with the rate stretched by a factor."""
    values = {symbol: Rational(Fraction(case[symbol])) for symbol in (w, v)}
    values[eta] = Rational(Fraction(case[eta])) * stretch
    verdict = statement.func(*(_written_out(side, case[T]).xreplace(values) for side in statement.args))
    return bool(verdict) if verdict in (True, False) else None


@lru_cache(maxsize=256)
def _written_out(side: Any, steps: int) -> Any:
    return side.subs(T, steps).doit()


def raises(statement: Any) -> Iterator[Step]:
    """Proof lines for ``L(w − η L′(w)) > L(w)`` where η L′(w) ≥ 2w."""
    if not isinstance(statement, Gt | Lt) or statement.rhs != loss(w):
        raise Unprovable("the statement does not compare a loss with the one before the step")
    yield Step(
        why="The step is against the derivative: L′(w) = Σ_t t w^{t-1} (w^t − v^t), from SymPy",
        relation=Eq(statement.lhs, loss(stepped(slope())), evaluate=False),
        checker=lambda line: line.lhs == line.rhs,
        method="exact",
        shown=Eq(Symbol("L'"), slope(), evaluate=False),
    )
    e, f, g = (Symbol(name, nonnegative=True) for name in "efg")
    low = Symbol("C", positive=True)
    yield Step(
        why="With η L′(w) ≥ 2w, the step ends at −(w + e), e ≥ 0; and as L′ > 0, w > v",
        relation=Eq(w - (2 * w + e), -(w + e), evaluate=False),
        checker=lambda line: (line.lhs - line.rhs).expand() == 0,
        method="exact",
    )
    after, before = low + g + f, low + g  # (w + e)^t ≥ w^t ≥ v^t = C
    for why, target in (
        ("Odd t, 1 among them: the state changes its sign, and ends farther off", after + low),
        ("Even t: the state overshoots as well, or at least does not come closer", after - low),
    ):
        odd = target == after + low
        gap = (target**2 - (before - low) ** 2).expand()
        relation = statement.func(gap, 0, evaluate=False)
        yield Step(
            why=why,
            relation=relation if odd or isinstance(statement, Lt) else gap >= 0,
            checker=lambda line: True if line in (True,) else scalars(line.func(line.lhs, line.rhs)),
            method="SymPy's assumptions",
        )
    gain, steps = Symbol("g", positive=True), Symbol("s", positive=True)
    yield Step(
        why="For w = 1 + g > 1 the term t = T of L′ outgrows 2w/η, whatever the rate: from some T on, the loss rises",
        relation=Eq(limit(steps * (1 + gain) ** steps, steps, oo), oo, evaluate=False),
        checker=lambda line: line.lhs == line.rhs,
        method="SymPy's limit",
        shown=statement,
    )


RAISES = Proof(scope="every horizon, every rate, one linear unit that follows another", lines=raises)
