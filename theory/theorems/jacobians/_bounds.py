"""Bounds on Jacobian products against a subject; what says nothing of a Jacobian of the states is left undecided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq, Ge, Le

from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.comparison import Comparison
from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.language.nodes import Measure, StateJacobian
from backproof.theory.language.relations import parts


def bounds_satisfy(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Like `jacobians_satisfy`, for the relations that have ``∂h_t/∂h_k`` or its norm on the left."""
    relations: list[Any] = []
    for part in parts(statement):
        quantity = part.lhs.args[0] if isinstance(part.lhs, Measure) else part.lhs
        if not isinstance(quantity, StateJacobian):
            raise Undecided(f"{part.lhs} is not a Jacobian of the states or its norm")
        norm_equals = isinstance(part, Eq) and isinstance(part.lhs, Measure)
        kinds = (Le, Ge) if norm_equals else (part.func,)
        relations += [kind(part.lhs, part.rhs, evaluate=False) for kind in kinds]
    yield from jacobians_satisfy(And(*relations, evaluate=False), subject, instance)
