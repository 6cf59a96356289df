"""What is carried from step to step, and means over the outcomes of a law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation.core import Evaluator, compiled, evaluator
from backproof.theory.language.nodes import Carried, Mean


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One of the outcomes of a law: its probability, and the value of each sequence at each time, as nested rows."""

    probability: Fraction
    values: Mapping[Any, Any] = field(default_factory=dict)


class Law(Protocol):
    """What may be drawn: outcomes, the probabilities of which add up to 1; a tuple of them, or what lists them."""

    def __iter__(self) -> Iterator[Outcome]: ...

    def __len__(self) -> int: ...


@evaluator.register
def _carried(expression: Carried) -> Evaluator:
    body, (carried, index, first, last) = compiled(expression.args[0]), expression.args[1:]

    def after(A: Arithmetic, env: Any) -> Any:
        value = A.zeros(*(env.integer(size) for size in expression.shape))
        for step in range(env.integer(first), env.integer(last) + 1):
            here = env.bound(index, step)
            here[carried] = value
            value = body(A, here)
        return value

    return after


@evaluator.register
def _mean(expression: Mean) -> Evaluator:
    body, law = compiled(expression.args[0]), expression.args[1]

    def mean(A: Arithmetic, env: Any) -> Any:
        terms = []
        for outcome in env[law]:
            here = env.copy()
            here.update({quantity: A.matrix(rows) for quantity, rows in outcome.values.items()})
            terms.append(A.scale(A.number(outcome.probability), body(A, here)))
        return A.sum_time(terms)

    return mean
