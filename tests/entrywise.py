"""Expressions written out entry by entry, and SymPy's index calculus: what the derivation is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import Expr, ImmutableMatrix, MatrixSymbol, Sum, Symbol, expand
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.arithmetic.symbolic import Symbolic
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.closed_forms import vanishes
from backproof.theory.language.notation import At, m, n, p
from backproof.theory.language.relations import Verdict, all_of
from backproof.theory.proving.algebra import Entries

Checker = Callable[[Any], Verdict]


class Explicit(Entries):
    """Entries that have names, so that they are the same from one expression to the next."""

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, MatrixSymbol | At):
            rows, columns = (self.integer(size) for size in key.shape)
            return ImmutableMatrix(rows, columns, lambda i, j: Symbol(f"{key}_{i + 1}{j + 1}", real=True))
        return super().__missing__(key)


def sizes(units: int) -> dict[Any, Any]:
    """N units; one input and one output more, so that a transposed rectangle cannot pass."""
    return {n: units, m: units + 1, p: units + 1}


def explicit(expression: Any, units: int, given: Mapping[Any, Any] | None = None) -> Any:
    """The expression entry by entry at a number of units, φ left undefined."""
    return evaluate(expression, Symbolic(), Explicit({**sizes(units), **(given or {})}))


def componentwise(*units: int, given: Callable[[int], Mapping[Any, Any]] | None = None) -> Checker:
    """Entry by entry at these numbers of units, by exact expansion; False as soon as an entry differs."""

    def check(relation: Any) -> Verdict:
        return all_of(same(relation, size) for size in units)

    def same(relation: Any, size: int) -> Verdict:
        fixed = given(size) if given else {}
        left, right = (explicit(side, size, fixed) for side in (relation.lhs, relation.rhs))
        return all_of(map(vanishes, left - right)) if left.shape == right.shape else False

    return check


def by_indices(expression: MatrixExpr, variable: MatrixExpr, cotangent: MatrixExpr) -> Callable[[Any], Verdict]:
    """SymPy's index calculus at symbolic size: entries are sums over symbolic ranges, derivatives Kronecker deltas.

    The checker takes ``Eq(_, claimed)``: is entry (r, s) of the claim ``∂⟨cotangent, expression⟩/∂v_rs``?
    """

    def check(relation: Any) -> Verdict:
        i, j, r, s = (Symbol(name, integer=True, nonnegative=True) for name in "ijrs")
        rows, columns = expression.shape
        pairing = Sum(cotangent[i, 0] * expression[i, 0], (i, 0, rows - 1))
        if columns != 1:
            pairing = Sum(cotangent[i, j] * expression[i, j], (i, 0, rows - 1), (j, 0, columns - 1))
        column = 0 if variable.shape[1] == 1 else s
        derived = pairing.diff(variable[r, column]).doit()
        claimed = relation.rhs[r, column]
        return True if canonical(derived) == canonical(claimed) else None

    return check


def canonical(expression: Expr) -> Expr:
    """Expanded, with bound indices numbered by nesting depth, so that equal sums look equal."""

    def number(node: Any, depth: int) -> Any:
        if isinstance(node, Sum):
            (index, low, high), *rest = node.limits
            fresh = Symbol(f"_bound{depth}", integer=True)
            inner = Sum(node.function, *rest) if rest else node.function
            return Sum(number(inner.xreplace({index: fresh}), depth + 1), (fresh, low, high))
        if isinstance(node, Expr) and node.args:
            return node.func(*(number(arg, depth) for arg in node.args))
        return node

    return number(expand(expression), 0)
