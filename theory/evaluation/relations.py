"""The truth of a relation between evaluated sides, where the answer may be unknown."""

from __future__ import annotations

from typing import Any

from flint import arb, arb_mat, fmpq_mat
from sympy import And, Eq, Ge, Gt, Le, Lt, Ne
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation.core import Environment, evaluate
from backproof.theory.language.relations import all_of, negation


def holds(statement: Any, arithmetic: Arithmetic, environment: Environment) -> bool | None:
    """The truth of a relation in one environment."""
    if isinstance(statement, BooleanTrue | BooleanFalse):
        return bool(statement)
    if isinstance(statement, And):
        return all_of([holds(part, arithmetic, environment) for part in statement.args])
    left, right = (evaluate(side, arithmetic, environment) for side in (statement.lhs, statement.rhs))
    if isinstance(statement, Eq | Ne):
        same = equal(left, right)
        return same if isinstance(statement, Eq) else negation(same)
    return _compare(statement, _scalar(left), _scalar(right))


def equal(left: Any, right: Any) -> bool | None:
    """Equality of scalars or matrices: certain for rationals, certain only when false for balls."""
    if isinstance(left, arb_mat | fmpq_mat):
        if (left.nrows(), left.ncols()) != (right.nrows(), right.ncols()):
            return False
        return all_of(equal(a, b) for a, b in zip(left.entries(), right.entries(), strict=True))
    if isinstance(left, arb) or isinstance(right, arb):
        left, right = arb(left), arb(right)
        if left.is_exact() and right.is_exact():
            return bool(left == right)
        return None if left.overlaps(right) else False
    return bool(left == right)


def _scalar(value: Any) -> Any:
    return value[0, 0] if isinstance(value, arb_mat | fmpq_mat) else value


def _compare(statement: Any, left: Any, right: Any) -> bool | None:
    if isinstance(left, arb) != isinstance(right, arb):
        left, right = (value if isinstance(value, arb) else arb(value) for value in (left, right))
    if isinstance(statement, Ge | Gt):
        left, right = right, left
    if isinstance(statement, Le | Ge):
        return True if left <= right else (False if left > right else None)
    if isinstance(statement, Lt | Gt):
        return True if left < right else (False if left >= right else None)
    raise TypeError(f"{statement} is not a relation that can be decided")
