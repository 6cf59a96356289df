"""Relations between numbers in closed form, decided by what SymPy knows of their signs."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Expr, Ge, Gt, Le, Lt, Ne, expand, factor, simplify

from backproof.theory.language.relations import Verdict, all_of, negation


def scalars(relation: Any) -> Verdict:
    """A scalar (in)equality, decided by SymPy's assumptions after expansion or factoring."""
    if relation in (True, False) or (relation.is_Boolean and not relation.args):
        return bool(relation)
    if isinstance(relation, And):
        return all_of([scalars(part) for part in relation.args])
    if isinstance(relation, Eq):
        return vanishes(relation.lhs - relation.rhs)
    if isinstance(relation, Ne):
        zero = simplify(relation.lhs - relation.rhs).is_zero  # at no value at all, not merely not at all values
        return negation(zero)
    if isinstance(relation, Le | Lt):
        return _sign(relation.rhs - relation.lhs, strict=isinstance(relation, Lt))
    if isinstance(relation, Ge | Gt):
        return _sign(relation.lhs - relation.rhs, strict=isinstance(relation, Gt))
    return None


def vanishes(expression: Expr) -> Verdict:
    """Whether a scalar expression is identically zero: expanded, then simplified."""
    if expand(expression) == 0:
        return True
    reduced = simplify(expression)
    if reduced == 0:
        return True
    return False if reduced.is_zero is False or reduced.is_polynomial() else None


def _sign(slack: Expr, strict: bool) -> Verdict:
    for form in (slack, expand(slack), factor(slack), simplify(slack)):
        known = form.is_positive if strict else form.is_nonnegative
        if known is not None:
            return bool(known)
    return None
