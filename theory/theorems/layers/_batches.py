"""What statements on runs of layers are made of: equations between gradients, at every sequence and step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq
from sympy import Eq, Implies, Symbol

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.language.nodes import RunGradient
from backproof.theory.language.relations import together
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layers import Layers

r = Symbol("r")
"""The run that is meant; others are made of it."""


def says(*equations: tuple[Any, Any] | Any) -> Any:
    """Equations, each as its two sides, or relations as they stand."""
    return together(Eq(*one, evaluate=False) if isinstance(one, tuple) else one for one in equations)


def where(premise: Any, left: Any, right: Any) -> Any:
    """An equation at the steps at which the premise holds."""
    return Implies(premise, Eq(left, right, evaluate=False), evaluate=False)


def by(quantity: Any, run: Any, *row: Any) -> RunGradient:
    """``∂L/∂q`` in a run, of a sequence if its number is given."""
    return RunGradient(quantity, run, *row)


def rows(run: Layered, pick: slice) -> Layered:
    """Some sequences of a batch."""
    return replace(
        run,
        arrays={name: a if name in run.parameters else a[pick] for name, a in run.arrays.items()},
        inputs=run.inputs[:, pick],
        targets=run.targets[:, pick],
        asked={name: a[pick] for name, a in run.asked.items()},
        told={name: a[:, pick] for name, a in run.told.items()},
        lengths=run.lengths[pick],
    )


def each_row(run: Layered) -> tuple[Layered, ...]:
    """Each sequence of a batch alone."""
    return tuple(rows(run, slice(row, row + 1)) for row in range(run.batch))


def on(of: Layers, run: Layered, **changes: Any) -> Layered:
    """A run of another net with the arrays of that which it has by the same names, and some fields changed."""
    named = [full for node in of.nodes for full in node.names.values()]
    arrays = {**run.arrays, **changes.pop("arrays", {})}
    asked = {**run.asked, **changes.pop("asked", {})}
    states = [full for node in of.nodes if node.cell is not None for full in Layered.states_of(node).values()]
    return replace(
        run,
        of=of,
        arrays={name: arrays[name] for name in named if name in arrays},
        asked={name: asked[name] for name in states if name in asked},
        told={},
        **changes,
    )


def numbers(A: Arithmetic, columns: Sequence[Any]) -> Any:
    """Columns of an arithmetic, a list of them or lists of lists, as the last axis of an array of exact numbers."""
    if isinstance(columns, list | tuple):
        return np.array([numbers(A, one) for one in columns], dtype=object)
    found = [A.entry(columns, row, 0) for row in range(A.shape(columns)[0])]
    return np.array([Fraction(int(v.p), int(v.q)) if isinstance(v, fmpq) else v for v in found], dtype=object)


def flipped(array: Any, lengths: Any) -> Any:
    """An array (T, B, …) with each sequence from its end to its beginning, and its padding where it was."""
    found = np.array(array)
    for row, length in enumerate(lengths):
        found[:length, row] = found[:length, row][::-1]
    return found
