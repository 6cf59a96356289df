"""The cross-entropy of the softmax, proved from its value: −Σ_j y_j log ŷ_j with ŷ = softmax(o)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sympy import Eq, ImmutableMatrix, Lambda, OneMatrix, Symbol, cancel, exp, expand_log, log, simplify
from sympy.matrices.expressions import hadamard_product
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.activations import LOSSES
from theory.arithmetic.symbolic import Symbolic
from theory.calculus import pull_back
from theory.checkers import Explicit, algebra
from theory.evaluation import evaluate
from theory.nodes import Gradient
from theory.notation import o, p, t, y
from theory.proof import Proof, Step, Unprovable

OUTPUTS = (2, 3)
SHIFTED = LOSSES["cross_entropy"].value
RECIPROCAL = Lambda(Symbol("z"), 1 / Symbol("z"))


def gradient(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(Gradient(loss, o_t), claim)``, for targets that add up to 1."""
    if not isinstance(statement, Eq) or not isinstance(statement.lhs, Gradient):
        raise Unprovable("the statement is not an equation for a gradient")
    value, column = statement.lhs.args
    yield Step(
        why="For targets that add up to 1, the loss is log Σ_j exp(o_j) − yᵀo",
        relation=Eq(value, SHIFTED, evaluate=False),
        checker=lambda relation: all(_same_value(relation, size) for size in OUTPUTS),
        method="entry by entry, 2 and 3 outputs",
    )
    ones = OneMatrix(p, 1)
    total = ones.T * column.applyfunc(exp)
    one = OneMatrix(1, 1)
    derived = pull_back(SHIFTED, column, one)
    shares = ones * hadamard_product(total.applyfunc(RECIPROCAL), one)
    written = hadamard_product(column.applyfunc(exp), shares) - y[t]
    yield Step(
        why="Its gradient by matrix calculus: exp(o) over its sum, less y",
        relation=Eq(derived, written.doit(), evaluate=False),
        checker=algebra,
        method="matrix algebra, any number of outputs",
    )
    yield Step(
        why="Partial derivatives of the loss as it was stated",
        relation=statement,
        checker=lambda relation: all(_partials(relation, size) for size in OUTPUTS),
        method="entry by entry, 2 and 3 outputs",
    )


def _columns(size: int) -> dict[Any, Any]:
    """Outputs, and targets of which the last is what the others leave of 1."""
    outputs = ImmutableMatrix([Symbol(f"o_{i}", real=True) for i in range(size)])
    free = [Symbol(f"y_{i}", real=True) for i in range(size - 1)]
    return {o[t]: outputs, y[t]: ImmutableMatrix([*free, 1 - sum(free)]), p: size}


class _Logs(Symbolic):
    """Symbols, with the softmax from its definition."""

    def softmax(self, column: Any) -> Any:
        weights = column.applyfunc(exp)
        return weights / sum(weights)


def _entries(expression: MatrixExpr, values: dict[Any, Any]) -> Any:
    return evaluate(expression, _Logs(), Explicit(values))


def _same_value(relation: Any, size: int) -> bool:
    values = _columns(size)
    (left,), (right,) = (_entries(side, values) for side in (relation.lhs, relation.rhs))
    return bool(simplify(expand_log(left - right, force=True)) == 0)


def _partials(relation: Any, size: int) -> bool:
    values = _columns(size)
    (value,) = _entries(relation.lhs.args[0], values)
    claimed = _entries(relation.rhs, values)
    weights = {s: log(Symbol(f"e_{i}", positive=True)) for i, s in enumerate(values[o[t]])}
    gaps = (value.diff(s) - c for s, c in zip(values[o[t]], claimed, strict=True))
    return all(cancel(gap.subs(weights)) == 0 for gap in gaps)


def one_hot(statement: Any) -> Iterator[Step]:
    """Proof lines for an equation of losses at targets that are one-hot: every class of 2, 3 and 4 outputs."""
    if not isinstance(statement, Eq):
        raise Unprovable("the statement is not an equation")
    for size in (2, 3, 4):
        yield Step(
            why=f"Every class of {size} outputs in turn is the target",
            relation=statement,
            checker=partial(_at_each_class, size=size),
            method="entry by entry",
        )


def _at_each_class(relation: Any, *, size: int) -> bool:
    return all(_at_class(relation, size, target) for target in range(size))


def _at_class(relation: Any, size: int, target: int) -> bool:
    values = {**_columns(size), y[t]: ImmutableMatrix([int(i == target) for i in range(size)])}
    (left,), (right,) = (_entries(side, values) for side in (relation.lhs, relation.rhs))
    return bool(simplify(expand_log(left - right, force=True)) == 0)


GRADIENT = Proof(scope="every output and every target that adds up to 1; 2 and 3 outputs", lines=gradient)
ONE_HOT = Proof(scope="every output and every one-hot target; 2, 3 and 4 outputs", lines=one_hot)
