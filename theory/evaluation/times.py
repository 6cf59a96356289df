"""Sums and products over a range of time steps; empty ones are 0 or the identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from sympy import Product, Sum

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation.core import Evaluator, compiled, evaluator
from backproof.theory.language.nodes import LyapunovExponent, StepSum, TimeProduct, TimeSum

Values = Callable[[Arithmetic, Any], Iterator[Any]]


def _over(summand: Any, index: Any, lower: Any, upper: Any) -> Values:
    """The values of an expression at each of the steps from ``lower`` to ``upper``."""
    inner = compiled(summand)

    def values(A: Arithmetic, env: Any) -> Iterator[Any]:
        for step in range(env.integer(lower), env.integer(upper) + 1):
            yield inner(A, env.bound(index, step))

    return values


@evaluator.register
def _time_sum(expression: TimeSum) -> Evaluator:
    values = _over(*expression.args)

    def total(A: Arithmetic, env: Any) -> Any:
        terms = list(values(A, env))
        return A.sum_time(terms) if terms else A.zeros(*(env.integer(size) for size in expression.shape))

    return total


@evaluator.register(StepSum)
@evaluator.register(Sum)
def _scalar_sum(expression: StepSum | Sum) -> Evaluator:
    terms = expression.args if isinstance(expression, StepSum) else (expression.function, *_limits(expression))
    values = _over(*terms)
    return lambda A, env: sum(values(A, env), A.number(0))


@evaluator.register
def _time_product(expression: TimeProduct) -> Evaluator:
    *over, ascending = expression.args
    values = _over(*over)

    def product(A: Arithmetic, env: Any) -> Any:
        result = A.identity(env.integer(expression.shape[0]))
        for value in values(A, env):
            result = A.matmul(result, value) if ascending == 1 else A.matmul(value, result)
        return result

    return product


@evaluator.register
def _scalar_product(expression: Product) -> Evaluator:
    values = _over(expression.function, *_limits(expression))
    return lambda A, env: prod(values(A, env), start=A.number(1))


def _limits(expression: Sum | Product) -> Any:
    """Index, lower and upper limit, of which there is one of each."""
    ((index, lower, upper),) = expression.limits
    return index, lower, upper


@evaluator.register
def _exponent(expression: LyapunovExponent) -> Evaluator:
    """The i-th Lyapunov exponent, which a check has measured and put into the environment under its number."""
    return lambda _, env: env[LyapunovExponent(env.integer(expression.args[0]))]
