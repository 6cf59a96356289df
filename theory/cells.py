"""Recurrent cells as a few matrix equations at symbolic size, and their adjoint equations, derived once for one step.

Unrolling is evaluation (`theory.unroll`), not derivation, so the cost of a derivation does not depend on the horizon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import MatAdd, MatrixSymbol, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.calculus import pull_back
from theory.nodes import TimeSum, phi
from theory.notation import At, Sequence, T, U, V, W, a, alpha, b, c, delta, g, h, o, t, x

Equation = tuple[At, MatrixExpr]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One step: equations in the order they are evaluated, the last one giving the output that is charged.

    ``states`` are the sequences carried from step to step; ``adjoints`` names ``∂L/∂q_t`` for each left-hand side q.
    """

    name: str
    equations: tuple[Equation, ...]
    states: tuple[Sequence, ...]
    output: Sequence
    parameters: tuple[MatrixSymbol, ...]
    adjoints: Mapping[str, Sequence]

    @cached_property
    def adjoint(self) -> Adjoint:
        """The backward equations, derived."""
        return derive_adjoint(self)


@dataclass(frozen=True, kw_only=True)
class Adjoint:
    """The backward pass of a cell at step t.

    ``backward``: adjoint of each left-hand side, latest first, as (adjoint, share through step t, share carried from
    step t + 1). The carried share is written at step t, as what the step hands to its predecessor.
    ``gradients``: summand of each parameter's gradient.
    """

    backward: tuple[tuple[At, MatrixExpr, MatrixExpr], ...]
    gradients: Mapping[MatrixSymbol, MatrixExpr]

    def recursion(self, adjoint: At) -> MatrixExpr:
        """The right-hand side of the adjoint's equation, both shares together."""
        for symbol, local, carried in self.backward:
            if symbol == adjoint:
                return MatAdd(local, carried.subs(t, t + 1)).doit()
        raise KeyError(f"{adjoint} is not an adjoint of this cell")

    def gradient(self, parameter: MatrixSymbol) -> TimeSum:
        """``∂L/∂parameter`` as a sum over the steps."""
        return TimeSum(self.gradients[parameter], (t, 1, T))


def derive_adjoint(cell: Cell) -> Adjoint:
    """Pull every equation's adjoint back to what it reads: at the same step, or one step before."""

    def shares(quantity: MatrixExpr) -> MatrixExpr:
        parts = [pull_back(rhs, quantity, cell.adjoints[lhs.name][t]) for lhs, rhs in cell.equations]
        parts = [part for part in parts if not isinstance(part, ZeroMatrix)]
        return MatAdd(*parts).doit() if parts else ZeroMatrix(*quantity.shape)

    backward = []
    for lhs, _ in reversed(cell.equations):
        base = lhs.args[0]
        backward.append((cell.adjoints[lhs.name][t], shares(lhs), shares(At(base, t - 1))))
    return Adjoint(backward=tuple(backward), gradients={w: shares(w) for w in cell.parameters})


ELMAN = Cell(
    name="Elman",
    equations=(
        (a[t], W * h[t - 1] + U * x[t] + b),
        (h[t], a[t].applyfunc(phi)),
        (o[t], V * h[t] + c),
    ),
    states=(h,),
    output=o,
    parameters=(W, U, V, b, c),
    adjoints={"a": alpha, "h": delta, "o": g},
)
