"""Statements on gradients of several runs, confronted with a subject: its gradient on the left, the rest in balls."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Eq, Implies

from backproof.theory.arithmetic import Balls, Undecided, precision
from backproof.theory.cells import cell_names, cell_of
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.relations import holds
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import RunGradient
from backproof.theory.language.relations import parts, text
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layered_rounding import layered_tolerances
from backproof.theory.nets.layers import Layers


@reads(Eq, Implies)
def in_runs(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Each equation at every sequence and step: what the subject says of the left side, within its own bound.

    Subjects are asked for ``net_gradients``, in float64.

    Raises
    ------
    Undecided
        Where an equation's left side is no gradient of one run, or an implication's conclusion no equation.
    """
    answers: dict[int, Any] = {}
    with precision(BITS):
        for part in parts(statement):
            for environment in instance.environments(Balls(), part):
                equation = part
                if isinstance(part, Implies):
                    premise, equation = part.args
                    if holds(premise, Balls(), environment) is not True:
                        continue
                if not isinstance(equation, Eq) or not isinstance(equation.lhs, RunGradient):
                    raise Undecided(f"the check compares nothing that would settle {text(part)}")
                run = instance.run(equation.lhs.args[1], Balls(), environment)
                if id(run) not in answers:
                    answers[id(run)] = answered(subject, run)
                place = instance.column(equation.lhs, run, environment)
                got, bound = place(answers[id(run)]), place(_radii(run))
                yield agree(str(equation.lhs), got, evaluate(equation.rhs, Balls(), environment), bound)


def answered(subject: Any, run: Layered) -> Any:
    """Every gradient of a run by name, as the subject has it."""
    cells, options = described(run.of)
    given = {name: np.array(array) for name, array in run.passed.items()}
    last = {name: array.copy() for name, array in run.asked.items()}
    return offered(subject, "net_gradients")(cells, given, run.inputs.copy(), run.targets.copy(), last, **options)


def described(of: Layers) -> tuple[list[tuple[str, ...]], dict[str, bool]]:
    """The names of the cells of each layer, and what else a net has, as subjects are told."""
    named = {cell_of(name): name for name in cell_names()}
    cells: list[tuple[str, ...]] = []
    for number, cell in of.cells:
        (reading,) = of.nodes[number].reads
        if reading.turned:
            cells[-1] = (*cells[-1], named[cell])
        else:
            cells.append((named[cell],))
    masked = any(reading.mask for node in of.nodes for reading in node.reads)
    return cells, {"lengths": of.lengths, "dropout": masked}


@lru_cache(maxsize=32)  # the siblings of a statement are all confronted with the same few runs
def _radii(run: Layered) -> dict[str, Any]:
    return layered_tolerances(run)
