"""Numbers from matrices: norms, traces, determinants, inner products."""

from __future__ import annotations

from typing import Any

from sympy import Determinant, Trace

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation.core import Evaluator, compiled, evaluator
from backproof.theory.language.nodes import Inner, JointNorm, Measure


@evaluator.register
def _measure(expression: Measure) -> Evaluator:
    inner, name = compiled(expression.args[0]), expression.measure
    return lambda A, env: getattr(A, name)(inner(A, env))


@evaluator.register
def _trace(expression: Trace) -> Evaluator:
    inner = compiled(expression.arg)

    def trace(A: Arithmetic, env: Any) -> Any:
        value = inner(A, env)
        return sum((A.entry(value, i, i) for i in range(A.shape(value)[0])), A.number(0))

    return trace


@evaluator.register
def _determinant(expression: Determinant) -> Evaluator:
    inner = compiled(expression.arg)
    return lambda A, env: A.determinant(inner(A, env))


@evaluator.register
def _joint_norm(expression: JointNorm) -> Evaluator:
    parts = [compiled(arg) for arg in expression.args]

    def norm(A: Arithmetic, env: Any) -> Any:
        return A.functions["sqrt"](sum(_inner(A, value, value) for value in (part(A, env) for part in parts)))

    return norm


@evaluator.register
def _inner_product(expression: Inner) -> Evaluator:
    left, right = (compiled(arg) for arg in expression.args)
    return lambda A, env: _inner(A, left(A, env), right(A, env))


def _inner(A: Arithmetic, left: Any, right: Any) -> Any:
    products = A.hadamard(left, right)
    rows, columns = A.shape(products)
    return sum(A.entry(products, i, j) for i in range(rows) for j in range(columns))
