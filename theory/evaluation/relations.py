"""The truth of a proposition between evaluated sides, where the answer may be unknown."""

from __future__ import annotations

from typing import Any

from flint import acb, arb, arb_mat, fmpq_mat
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Ne, Not, Or
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation.core import Environment, compiled, evaluate
from backproof.theory.language.nodes import ForEveryEigenvalue, ForSomeEigenvalue
from backproof.theory.language.relations import all_of, any_of, implies, negation


def holds(statement: Any, arithmetic: Arithmetic, environment: Environment) -> bool | None:
    """The truth of a proposition in one environment.

    Raises
    ------
    TypeError
        For what is no proposition, or a relation between things that cannot be compared.
    """
    if isinstance(statement, BooleanTrue | BooleanFalse):
        return bool(statement)
    if isinstance(statement, And | Or):
        # A list: every part is evaluated, so that one which cannot be decided is reported even after a False.
        verdicts = [holds(part, arithmetic, environment) for part in statement.args]
        return all_of(verdicts) if isinstance(statement, And) else any_of(verdicts)
    if isinstance(statement, Not):
        return negation(holds(statement.args[0], arithmetic, environment))
    if isinstance(statement, Implies):
        premise = holds(statement.args[0], arithmetic, environment)
        if premise is False:  # then what is concluded may have no value: a step before the first
            return True
        return implies(premise, holds(statement.args[1], arithmetic, environment))
    if isinstance(statement, ForEveryEigenvalue | ForSomeEigenvalue):
        return _over_eigenvalues(statement, arithmetic, environment)
    left, right = (evaluate(side, arithmetic, environment) for side in (statement.lhs, statement.rhs))
    if isinstance(statement, Eq | Ne):
        same = equal(left, right)
        return same if isinstance(statement, Eq) else negation(same)
    return _compare(statement, _scalar(left), _scalar(right))


def _over_eigenvalues(statement: Any, arithmetic: Arithmetic, environment: Environment) -> bool | None:
    """Each eigenvalue in turn, as a complex ball."""
    matrix, symbol, claim = statement.args
    found = []
    for value in arithmetic.eigenvalues(compiled(matrix)(arithmetic, environment)):
        inner = environment.copy()
        inner[symbol] = value
        found.append(holds(claim, arithmetic, inner))
    return all_of(found) if isinstance(statement, ForEveryEigenvalue) else any_of(found)


def equal(left: Any, right: Any) -> bool | None:
    """Equality of scalars or matrices: certain for rationals, certain only when false for balls."""
    if isinstance(left, arb_mat | fmpq_mat) or isinstance(right, arb_mat | fmpq_mat):
        if not isinstance(left, arb_mat | fmpq_mat) or not isinstance(right, arb_mat | fmpq_mat):
            left, right = _scalar(left), _scalar(right)
            if isinstance(left, arb_mat | fmpq_mat) or isinstance(right, arb_mat | fmpq_mat):
                return False
            return equal(left, right)
        if (left.nrows(), left.ncols()) != (right.nrows(), right.ncols()):
            return False
        return all_of(equal(a, b) for a, b in zip(left.entries(), right.entries(), strict=True))
    if isinstance(left, acb) or isinstance(right, acb):
        left, right = acb(left), acb(right)
        return all_of([equal(left.real, right.real), equal(left.imag, right.imag)])
    if isinstance(left, arb) or isinstance(right, arb):
        left, right = arb(left), arb(right)
        if left.is_exact() and right.is_exact():
            return bool(left == right)
        return None if left.overlaps(right) else False
    return bool(left == right)


def _scalar(value: Any) -> Any:
    """A number, or the only entry of a matrix."""
    if isinstance(value, arb_mat | fmpq_mat) and (value.nrows(), value.ncols()) == (1, 1):
        return value[0, 0]
    return value


def _compare(statement: Any, left: Any, right: Any) -> bool | None:
    if any(isinstance(side, arb_mat | fmpq_mat | acb) for side in (left, right)):
        raise TypeError(f"{statement} compares what has no order: matrices or complex numbers")
    if isinstance(left, arb) != isinstance(right, arb):
        left, right = (value if isinstance(value, arb) else arb(value) for value in (left, right))
    if isinstance(statement, Ge | Gt):
        left, right = right, left
    if isinstance(statement, Le | Ge):
        return True if left <= right else (False if left > right else None)
    if isinstance(statement, Lt | Gt):
        return True if left < right else (False if left >= right else None)
    raise TypeError(f"{statement} is not a relation that can be decided")
