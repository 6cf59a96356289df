"""Clipping by norm as a projection: what a subject does once and twice, by the rule that a statement contains.

Clipping by norm as a projection: what two gradients' lengths a, b and their inner product p decide.

Every part of a statement is linear in p, and −ab ≤ p ≤ ab (Cauchy–Schwarz): the two ends decide it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq, Expr, Ge, Le, MatrixSymbol, Symbol, cancel, factor, sympify
from sympy.matrices.expressions import MatAdd, MatMul

from backproof.theory.arithmetic import Balls, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS, environments
from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import EuclideanNorm, Inner
from backproof.theory.language.notation import m, n
from backproof.theory.language.relations import parts
from backproof.theory.proving.checkers import scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.theorems.clipping._rules import (
    FORMATS,
    as_matrix,
    entry_bound,
    epsilon,
    fits,
    in_format,
    relative,
)

G, H = MatrixSymbol("G", n, m), MatrixSymbol("H", n, m)
p = Symbol("p", real=True)


def _cases() -> Iterator[tuple[str, Expr, Expr, Expr]]:
    """``(name, a, b, ε)`` for every order of ‖G‖, ‖H‖ and ε."""
    x, d, e = (Symbol(name, nonnegative=True) for name in "xde")
    g = Symbol("g", positive=True)
    yield "‖G‖, ‖H‖ ≥ ε", g + d, g + e, g
    yield "‖G‖ ≥ ε > ‖H‖", x + g + d, x, x + g
    yield "‖H‖ ≥ ε > ‖G‖", x, x + g + d, x + g
    yield "ε > ‖H‖ ≥ ‖G‖", x, x + e, x + e + g
    yield "ε > ‖G‖ ≥ ‖H‖", x + e, x, x + e + g


class _Plane:
    """Matrices as pairs of coefficients on G and H; lengths and inner products as numbers."""

    def __init__(self, a: Expr, b: Expr, eps: Expr) -> None:
        self.a, self.b, self.eps = a, b, eps

    def pair(self, matrix: Any) -> tuple[Expr, Expr]:
        """The coefficients of a combination of G and H."""
        if matrix in (G, H):
            return (sympify(1), sympify(0)) if matrix == G else (sympify(0), sympify(1))
        if isinstance(matrix, MatAdd):
            pairs = [self.pair(term) for term in matrix.args]
            return sum((u for u, _ in pairs), sympify(0)), sum((v for _, v in pairs), sympify(0))
        if isinstance(matrix, MatMul):
            coefficient, factors = matrix.as_coeff_matrices()
            if len(factors) == 1:
                scale, (u, v) = self.number(coefficient), self.pair(factors[0])
                return scale * u, scale * v
        raise Unprovable(f"{matrix} is not a combination of two gradients")

    def number(self, expression: Any) -> Expr:
        """A scalar of the statement, in a, b, ε and p."""
        expression = sympify(expression)
        if isinstance(expression, EuclideanNorm):
            u, v = map(cancel, self.pair(expression.args[0]))
            if not (u.is_nonnegative and v.is_nonnegative) or 0 not in (u, v):
                raise Unprovable(f"the length of {expression.args[0]} is not known")
            return u * self.a + v * self.b
        if isinstance(expression, Inner):
            (u, v), (s, t) = map(self.pair, expression.args)
            return u * s * self.a**2 + (u * t + v * s) * p + v * t * self.b**2
        if expression == epsilon:
            return self.eps
        if not expression.args:
            return expression
        return expression.func(*map(self.number, expression.args))


def projection(statement: Any) -> Iterator[Step]:
    """Proof lines for equalities of multiples and inequalities of inner products of two gradients."""
    for part in parts(statement):
        for name, a, b, eps in _cases():
            plane = _Plane(a, b, eps)
            if isinstance(part, Eq):
                yield Step(
                    why=f"The multiples of G agree, if {name}",
                    relation=part,
                    checker=partial(_same, plane=plane),
                    method="scalar algebra",
                )
                continue
            if not isinstance(part, Le | Ge):
                raise Unprovable("a part of the statement is no inequality that may be attained")
            gap = plane.number(part.rhs) - plane.number(part.lhs)
            for end, words in ((a * b, "parallel"), (-a * b, "opposed")):
                yield Step(
                    why=f"At the end where G and H are {words}, if {name}",
                    relation=part.func(0, factor(gap.subs(p, end)), evaluate=False),
                    checker=lambda line: _signed(line),
                    method="scalar algebra; the gap is linear in ⟨G, H⟩",
                    shown=part,
                )


def _same(part: Any, plane: _Plane) -> bool:
    return all(
        cancel(left - right) == 0 for left, right in zip(plane.pair(part.lhs), plane.pair(part.rhs), strict=True)
    )


def _signed(line: Any) -> bool | None:
    return scalars(line.func(line.lhs, line.rhs, evaluate=False))


PROJECTION = Proof(
    scope="any two gradients of any shape, every ε > 0; a gradient of many tensors is one vector", lines=projection
)


def projects(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The subject clips G, H and what it has clipped by the rule of the statement; the statement at the instance."""
    rules = [part.rhs for part in parts(statement) if isinstance(part, Eq)]
    if len(rules) != 1:
        raise Undecided("the statement does not say how to clip")
    with precision(BITS):
        (environment,) = environments(case, Balls(), statement)
        wanted = {X: evaluate(rules[0].xreplace({G: X}), Balls(), environment) for X in (G, H)}
    for dtype in filter(lambda one: fits(case, one), FORMATS):
        roundoff, word = Roundoff.of(dtype), np.dtype(dtype).name
        slack = relative(case, (G,), roundoff)
        for X, reference in wanted.items():
            once = offered(subject, "clip_by_norm")(in_format(case, (X,), dtype), case[epsilon]).gradients
            twice = offered(subject, "clip_by_norm")(once, case[epsilon]).gradients
            for name, got, times in (("clipped", once, 1), ("clipped twice", twice, 2)):
                bound = entry_bound(reference, 2 * times * slack, roundoff)
                yield agree(f"{name} {X} in {word}", as_matrix(got[X.name]), reference, bound)
    yield from settled(statement, subject, case)


def _apart(case: Case) -> Case:
    """H moved away from G where the two are one."""
    if case[G] != case[H]:
        return case
    given = {symbol: value for symbol, value in case.items() if symbol not in (n, m)}
    return Case({**given, H: [[entry + case[epsilon] for entry in row] for row in case[H]]})


two_gradients = st.builds(_apart, gradient_tensors(epsilon, G, H, exponents=(0, 0, 8, -8, 40, -40)))
