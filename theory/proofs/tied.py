"""Tied parameters: the gradient of what is shared is the sum over its copies, for any number of copies.

Two copies and an undefined E are enough: of T copies, T − 1 that are tied already are one argument and the last is the
other, so that the claim for T follows from the claim for T − 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq, MatrixSymbol, Symbol

from theory.checkers import algebra, explicit
from theory.nodes import CopyGradient, LossGradient, TimeSum
from theory.notation import T, n
from theory.proof import Proof, Step, Unprovable
from theory.proofs.bptt import _undefined

UNITS = (2, 3)
first_copy, second_copy = MatrixSymbol("w_1", n, n), MatrixSymbol("w_2", n, n)


def tied_gradient(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(LossGradient(θ), TimeSum(CopyGradient(θ, t), (t, 1, T)))``, one or several."""
    for part in statement.args if isinstance(statement, And) else (statement,):
        if not isinstance(part.lhs, LossGradient) or not isinstance(part.rhs, TimeSum):
            raise Unprovable("the statement does not give a gradient as a sum over copies")
        parameter = part.lhs.args[0]
        summand, index, lower, upper = part.rhs.args
        yield Step(
            why=f"{parameter.name}: the first copy is that of step 1, the last that of step T",
            relation=Eq(lower, 1) & Eq(upper, T),
            checker=lambda relation: relation == True,  # noqa: E712 — SymPy's true
            method="exact",
            shown=part,
        )
        yield Step(
            why="Each copy adds its own gradient, the others held fixed",
            relation=Eq(summand, CopyGradient(parameter, index), evaluate=False),
            checker=lambda relation: relation.lhs == relation.rhs,
            method="exact",
        )
        yield Step(
            why="Chain rule for E(θ, θ): T − 1 copies that are tied already, and one more",
            relation=part,
            checker=_chain_rule,
            method="componentwise, 2 and 3 units, E undefined",
        )


def _chain_rule(part: Any) -> bool:
    return all(_two_copies(part.lhs.args[0], units) for units in UNITS)


def _two_copies(parameter: MatrixSymbol, units: int) -> bool:
    """``∂E(θ, θ)/∂θ = ∂₁E + ∂₂E`` entry by entry."""
    entries = list(explicit(parameter, units))
    first, second = ([Symbol(f"E_{copy}_{i}") for i in range(len(entries))] for copy in (1, 2))
    tied = _undefined("E", [*first, *second])(*entries, *entries)
    pairs = zip(entries, first, second, strict=True)
    return all((tied.diff(entry) - one - two).expand() == 0 for entry, one, two in pairs)


def kept_equal(statement: Any) -> Iterator[Step]:
    """Proof lines for an equation between two updated copies that started equal."""
    if not isinstance(statement, Eq):
        raise Unprovable("the statement is not an equation")
    yield Step(
        why="With w₂ = w₁ both sides are one expression",
        relation=statement,
        checker=lambda relation: algebra(Eq(*map(_from_one_start, relation.args), evaluate=False)),
        method="matrix algebra, any size",
    )


def _from_one_start(side: Any) -> Any:
    return side.xreplace({second_copy: first_copy}).doit()


TIED = Proof(
    scope="every number of steps and every differentiable loss of the copies; chain rule at 2 and 3 units",
    lines=tied_gradient,
)
KEPT = Proof(scope="any size, any gradients, any step size; one update, and so every number of them", lines=kept_equal)
