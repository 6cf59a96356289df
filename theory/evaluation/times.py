"""Sums and products over a range of time steps; empty ones are 0 or the identity."""

from __future__ import annotations

from typing import Any

from sympy import Product, Sum

from theory.arithmetic import Arithmetic
from theory.evaluation.core import Evaluator, compiled, evaluator
from theory.nodes import LyapunovExponent, StepSum, TimeProduct, TimeSum


@evaluator.register
def _time_sum(expression: TimeSum) -> Evaluator:
    summand, index, lower, upper = expression.args
    inner = compiled(summand)

    def total(A: Arithmetic, env: Any) -> Any:
        steps = range(env.integer(lower), env.integer(upper) + 1)
        terms = [inner(A, env.bound(index, step)) for step in steps]
        return A.sum_time(terms) if terms else A.zeros(*(env.integer(size) for size in expression.shape))

    return total


@evaluator.register
def _step_sum(expression: StepSum) -> Evaluator:
    summand, index, lower, upper = expression.args
    inner = compiled(summand)

    def total(A: Arithmetic, env: Any) -> Any:
        steps = range(env.integer(lower), env.integer(upper) + 1)
        return sum((inner(A, env.bound(index, step)) for step in steps), A.number(0))

    return total


@evaluator.register
def _time_product(expression: TimeProduct) -> Evaluator:
    factor, index, lower, upper, ascending = expression.args
    inner = compiled(factor)

    def product(A: Arithmetic, env: Any) -> Any:
        result = A.identity(env.integer(expression.shape[0]))
        for step in range(env.integer(lower), env.integer(upper) + 1):
            value = inner(A, env.bound(index, step))
            result = A.matmul(result, value) if ascending == 1 else A.matmul(value, result)
        return result

    return product


@evaluator.register
def _scalar_time_sum(expression: Sum) -> Evaluator:
    """Over one index with integer limits; an empty sum is 0."""
    ((index, lower, upper),) = expression.limits
    inner = compiled(expression.function)

    def total(A: Arithmetic, env: Any) -> Any:
        steps = range(env.integer(lower), env.integer(upper) + 1)
        return sum((inner(A, env.bound(index, step)) for step in steps), A.number(0))

    return total


@evaluator.register
def _scalar_time_product(expression: Product) -> Evaluator:
    """Of numbers over a range of times; 1 where the range is empty."""
    (index, lower, upper), *_ = expression.limits
    inner = compiled(expression.function)

    def product(A: Arithmetic, env: Any) -> Any:
        result = A.number(1)
        for step in range(env.integer(lower), env.integer(upper) + 1):
            result = result * inner(A, env.bound(index, step))
        return result

    return product


@evaluator.register
def _exponent(expression: LyapunovExponent) -> Evaluator:
    """What whoever checks has measured, by its number."""
    return lambda _, env: env[LyapunovExponent(env.integer(expression.args[0]))]
