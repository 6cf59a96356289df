"""Inequalities between counted operations, for all sizes: what is left over has no negative coefficient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq, Ge, Le, Symbol, expand

from theory.notation import T, m, n, p
from theory.operations import Operations, formula
from theory.proof import Proof, Step, Unprovable

e, f, r = (Symbol(name, integer=True, nonnegative=True) for name in "efr")
ANY = {m: 1 + e, p: 1 + f}
SMALL = ({m: 1 + e, p: 1 + e + f, n: 1 + e + f + r}, {p: 1 + e, m: 1 + e + f, n: 1 + e + f + r})


def cheap(statement: Any) -> Iterator[Step]:
    """Proof lines for relations of ``C_method(T)``, the counts put in as the derived equations have them."""
    for part in statement.args if isinstance(statement, And) else (statement,):
        counts = {c: formula(c) for c in part.atoms(Operations)}
        left, right = (side.xreplace(counts) for side in (part.lhs, part.rhs))
        if not counts or not isinstance(part, Eq | Le | Ge):
            raise Unprovable("the statement does not compare counted operations")
        yield Step(
            why="The counts of the derived equations: their difference has no negative coefficient in what the sizes "
            "exceed 1 by",
            relation=part.func(left, right, evaluate=False),
            checker=_holds,
            method="SymPy's expansion, every size and every horizon",
        )


def _holds(relation: Any) -> bool:
    if isinstance(relation, Eq):
        return bool(expand(relation.lhs - relation.rhs) == 0)
    slack = relation.rhs - relation.lhs if isinstance(relation, Le) else relation.lhs - relation.rhs
    slack = expand(slack / T)
    everywhere = [{n: 1, **ANY}, {n: 2 + r, **ANY}]
    return any(all(_nonnegative(slack.subs(known)) for known in cases) for cases in (everywhere, SMALL))


def _nonnegative(polynomial: Any) -> bool:
    return expand(polynomial).is_nonnegative is True


CHEAP = Proof(scope="every size and every horizon, counted in the derived equations", lines=cheap)
