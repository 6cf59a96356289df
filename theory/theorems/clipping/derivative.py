"""The derivative of clipping by norm: the identity inside the ball, at 0 too; outside the scaled projection along g.

Differentiated as it is usually written, ε g/‖g‖ where ‖g‖ ≥ ε, it goes wrong at 0: the root has no slope there, and 0
times infinity is NaN, even in a branch that is not taken. On the sphere ‖g‖ = ε itself there is no derivative but that
from inside, which the statement takes there as well.
"""

from __future__ import annotations

from typing import Any

from sympy import Eq

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Gradient
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU
from backproof.theory.theorems.clipping._derivative import (
    clip,
    cubed,
    d,
    derivative_matches,
    g,
    points,
    shrunk,
    size,
)
from backproof.theory.theorems.clipping._rules import epsilon


def _is(value: Any) -> Any:
    """``∂⟨d, clip g⟩/∂g``, the derivative of clipping in the direction d, for its Jacobian is symmetric."""
    return Eq(Gradient(d.T * clip(g), g), value, evaluate=False)


scaled, along = d * size.applyfunc(shrunk), g * (g.T * d) * size.applyfunc(cubed) / epsilon**2

THEOREM = Theorem(
    title="Derivative of clipping",
    words="Clipping by norm has the derivative I where ‖g‖ < ε, at g = 0 too, and ε/‖g‖ (I − g gᵀ/‖g‖²) where ‖g‖ > ε. "
    "In the formula shrunk(z) is 1/√max(1, z), and cubed(z) its third power for z > 1 and 0 elsewhere.",
    sources=(PASCANU.at("algorithm 1, differentiated"),),
    statement=_is(scaled - along),
    instances=points,
    check=derivative_matches,
    certified=(
        Case({g: [[0], [0]], d: [[1], [2]], epsilon: 1}),
        Case({g: [[3], [4]], d: [[1], [2]], epsilon: 6}),
    ),
    mutants={
        "the factor held fixed": _is(scaled),
        "the identity everywhere": _is(d),
        "clipped as the gradient is": _is(clip(d)),
        "added along g": _is(scaled + along),
        "along g twice": _is(scaled - 2 * along),
    },
    examples=100,
)
