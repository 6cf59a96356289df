"""Lines from what holds of φ at every number to the slopes of a step: what they are, and what bounds them."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Eq, Implies, Le, OneMatrix

from backproof.theory.language.functions import z
from backproof.theory.language.nodes import LargestEntry, phi_prime
from backproof.theory.language.notation import a, n
from backproof.theory.proving.kernel import Line, line
from backproof.theory.records.assumptions import slopes_at


def slopes_of(
    known: str, slope: Any, column: Any, condition: Any = None, entries: str = "", row: Any = None
) -> tuple[Line, ...]:
    """The line "slopes": every entry of ``φ′(a)`` is the slope, for a column a.

    The line ``known`` says ``φ(z) = slope · z``. If it says so under a condition on z, the line ``entries`` says the
    condition of the entry of a in a row.
    """
    straight = Eq(phi_prime(z), slope, evaluate=False)
    return (
        line(
            "slope",
            straight if condition is None else Implies(condition, straight, evaluate=False),
            "differentiated",
            known,
            variable=z,
            why="so φ′ is the same there",
        ),
        line(
            "slopes",
            Eq(column.applyfunc(phi_prime), slope * OneMatrix(n, 1), evaluate=False),
            "elementwise",
            *(("slope", entries) if entries else ("slope",)),
            variable=z,
            of=column,
            row=row,
            why="and in every unit",
        ),
    )


def bounded_slopes(bound: Any, time: Any, *by: str) -> Line:
    """The line "steepest": ``max |φ′(a_t)| ≤ bound`` at that time, from ``|φ′(z)| ≤ bound`` for every z."""
    return line(
        "steepest",
        Le(LargestEntry(slopes_at(time)), bound, evaluate=False),
        "elementwise",
        *by,
        variable=z,
        of=a[time],
        why="What bounds |φ′| everywhere bounds the slopes of a step",
    )


def slope_at_most(bound: Any) -> Any:
    """``|φ′(z)| ≤ bound``."""
    return Le(Abs(phi_prime(z)), bound, evaluate=False)
