"""The outputs of a net: the softmax's cross-entropy and its gradient, proved; a subject's loss and output bias.

The proof starts from the value −Σ_j y_j log ŷ_j with ŷ = softmax(o). The bound for the value of the loss adds up the
rounding of o_t, of its shift by the largest output, of exponentials, of their sum and of its logarithm, whose argument
is at least 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from sympy import Eq, ImmutableMatrix, Lambda, OneMatrix, Symbol, cancel, exp, expand_log, log, simplify
from sympy.matrices.expressions import hadamard_product
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.arithmetic import Approximate, Arithmetic, Balls, Rounded, Roundoff, precision
from backproof.theory.arithmetic.symbolic import Symbolic
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.formats import in_both_formats, in_dtype
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.functions import LOSSES
from backproof.theory.language.nodes import Gradient
from backproof.theory.language.notation import o, p, t, y
from backproof.theory.nets.calculus import pull_back
from backproof.theory.nets.networks import Net
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.checkers import Explicit, algebra
from backproof.theory.proving.proof import Proof, Step, Unprovable

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


def summed(expression: Any, net: Net, arithmetic: Arithmetic) -> Any:
    """``ω Σ_t`` of an expression, over every sequence of the batch."""
    terms = []
    for sequence in net.sequences():
        environment = Unrolled(sequence, arithmetic).environment
        terms += [evaluate(expression, arithmetic, environment.bound(t, s)) for s in range(1, net.steps + 1)]
    return arithmetic.scale(arithmetic.number(net.weight), arithmetic.sum_time(terms))


def bias_gradient(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``Eq(Gradient(ℓ, o_t), …)``: the gradient of the output bias is its sum over steps and sequences."""
    with precision(BITS):
        reference = summed(statement.rhs, net, Balls())
    for dtype, gradients, bounds in in_both_formats(subject, "gradients", net):
        yield agree(f"∂L/∂c in {dtype}", gradients["c"], reference, bounds.gradients["c"])


def loss_value(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """An equation for the loss of one step: the right-hand side, summed over the steps, is the subject's loss."""
    with precision(BITS):
        reference = summed(statement.rhs, net, Balls())
    for dtype in (np.float64, np.float32):
        cast = in_dtype(net, dtype)
        if cast is not None:
            got = np.array([[answer(subject, "loss", cast)]])
            yield agree(f"L in {np.dtype(dtype).name}", got, reference, _loss_bound(net, dtype))


def _loss_bound(net: Net, dtype: Any) -> Any:
    """For one sequence."""
    roundoff = Roundoff.of(dtype)
    A = Rounded(roundoff)
    moved = tolerances(net, dtype).hidden
    exact = Unrolled(net, A)
    terms = []
    for step, target in enumerate(net.targets[:, 0], start=1):
        state = Approximate(exact.series["h"][step].value, moved[step][:, None], roundoff)
        outputs = A.products([(A.matrix(net.V), state), (A.matrix(net.c[:, None]),)])
        shifted = A.shift(outputs)
        total = A.matmul(A.matrix(np.ones((1, len(net.V)))), A.functions["exp"](shifted))
        terms.append(A.functions["log"](total) - A.entry(shifted, int(target), 0))
    summands = A.sum_time(terms)
    return A.scale(A.number(net.weight), summands).radius
