"""A check of the gradients of any cell: every entry, at runs that climb from one step to long, large and extreme ones.

The reference is the derived backward pass in balls; the tolerance is derived from the equations, entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from backproof.theory.arithmetic import Arithmetic, Balls, Floats, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.notation import m
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.faults import faults
from backproof.theory.nets.recurrent import Recurrent, recurrent
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled

Array = NDArray[Any]
Gradients = Callable[[Mapping[str, Array], Array, Array, Mapping[str, Array]], Mapping[str, Array]]
"""Of parameters, first states and what else each step is told, by name; of inputs (T, B, m); of what comes in at the
outputs (T, B, p), and at the last states by name (B, n): the gradients by name, in the shape of what each is taken by,
that of the inputs as "inputs"."""

RUNGS: Mapping[str, Mapping[str, Any]] = {
    "one step": {"steps": 1, "batch": 1, "size": 2},
    "a few steps": {"steps": 4, "batch": 2, "size": 3},
    "the last output alone": {"steps": 3, "batch": 1, "size": 2, "outputs": "last"},
    "the last states alone": {"steps": 3, "batch": 1, "size": 2, "outputs": "none"},
    "saturated": {"steps": 3, "batch": 1, "size": 2, "weights": 8.0},
    "long": {"steps": 24, "batch": 1, "size": 2, "weights": 0.5},
    "large": {"steps": 2, "batch": 1, "size": 8, "weights": 0.25},
    "tiny": {"steps": 3, "batch": 1, "size": 2, "scale": 2.0**-660},
    "huge": {"steps": 3, "batch": 1, "size": 2, "scale": 2.0**600},
}
"""What each run of the ladder is like: steps, sequences, units; scale of the weights and of what comes in; which
outputs are asked."""


def ladder(cell: Cell, seed: int = 0) -> Iterator[tuple[str, Recurrent]]:
    """A run for each rung, of multiples of 1/64: so that a kink is rarely met."""
    for number, (name, rung) in enumerate(RUNGS.items()):
        yield name, drawn(cell, np.random.default_rng((seed, number)), **rung)


def drawn(
    cell: Cell,
    random: np.random.Generator,
    *,
    steps: int,
    batch: int,
    size: int,
    weights: float = 1.0,
    scale: float = 1.0,
    outputs: str = "all",
) -> Recurrent:
    """A run with entries in multiples of 1/64 up to 1; of several sizes of the cell, each is one less than the last."""
    symbols = [w.shape for w in cell.parameters] + [state.base.shape for state in cell.states]
    own = dict.fromkeys(s for shape in symbols for s in shape if isinstance(s, Symbol) and s != m)
    sizes = {s: max(size - place, 1) for place, s in enumerate(own)} | {m: 2}

    def entries(size: Any) -> int:
        return int(size.subs(sizes)) if isinstance(size, Symbol) else int(size)

    def values(*shape: Any) -> Array:
        return random.integers(-64, 65, [entries(size) for size in shape]) / 64

    arrays = {w.name: weights * values(*(w.shape[:1] if w.shape[1] == 1 else w.shape)) for w in cell.parameters}
    arrays |= {f"{state.base.name}0": values(batch, state.base.shape[0]) for state in cell.states}
    arrays |= {q.base.name: random.integers(0, 2, (steps, batch, entries(q.base.shape[0]))) for q in cell.given}
    upstream = scale * values(steps, batch, cell.output.base.shape[0])
    if outputs != "all":
        upstream[: steps - (outputs == "last")] = 0
    last = {state.base.name: scale * values(batch, state.base.shape[0]) for state in cell.states}
    asked = {} if outputs == "last" else last
    return recurrent(cell, inputs=values(steps, batch, m), upstream=upstream, last=asked, **arrays)


def gradients_in(run: Recurrent, arithmetic: Arithmetic) -> dict[str, Any]:
    """Every gradient by the derived equations, as one matrix each: rows are sequences for what each has its own of."""
    each = [Unrolled(sequence, arithmetic) for sequence in run.sequences()]
    found = {name: arithmetic.sum_time([one.backward()[name] for one in each]) for name in run.weights}
    for name in run.initial:
        found[name] = _rows(arithmetic, [one.backward()[name] for one in each])
    pulled = [one.input_gradients() for one in each]
    steps = range(1, run.steps + 1)
    found["inputs"] = _rows(arithmetic, [by_step[step] for step in steps for by_step in pulled])
    return found


def _rows(arithmetic: Arithmetic, columns: list[Any]) -> Any:
    return arithmetic.matrix(
        [[arithmetic.entry(column, i, 0) for i in range(arithmetic.shape(column)[0])] for column in columns]
    )


def by_equations(cell: Cell) -> Gradients:
    """An implementation in float64 that runs the derived equations; of a faulty cell, the wrong ones."""

    def gradients(params: Any, inputs: Array, upstream: Array, last: Mapping[str, Array]) -> dict[str, Array]:
        run = recurrent(cell, inputs=inputs, upstream=upstream, last=last, **params)
        found = gradients_in(run, Floats())
        return {name: np.asarray(value).reshape(_shape(run, name)) for name, value in found.items()}

    return gradients


def _shape(run: Recurrent, name: str) -> tuple[int, ...]:
    return run.inputs.shape if name == "inputs" else run.parameters[name].shape


def answered(gradients: Gradients, run: Recurrent) -> dict[str, Array]:
    """What an implementation returns at a run, on copies that it may write to.

    Raises
    ------
    TypeError
        If it returns no mapping.
    """
    params = {name: array.copy() for name, array in {**run.parameters, **run.given}.items()}
    last = {name: array.copy() for name, array in run.final.items()}
    found = gradients(params, run.inputs.copy(), run.targets.copy(), last)
    if not isinstance(found, Mapping):
        raise TypeError(f"the gradients come as {type(found).__name__}, and not by name")
    return {name: np.asarray(value) for name, value in found.items()}


def compared(found: Mapping[str, Array], run: Recurrent) -> Iterator[Comparison]:
    """Every gradient that is returned, entry by entry; each parameter's has to be.

    Raises
    ------
    Undecided
        If float64 cannot decide the run; for want of one gradient's reference, after all the others.
    """
    doubt: Undecided | None = None
    bounds = tolerances(run)
    radii = {**bounds.gradients, "inputs": bounds.inputs}
    with precision(BITS):
        for name, value in gradients_in(run, Balls()).items():
            if name not in found and name not in run.weights:
                continue
            shape = _shape(run, name)
            got = found.get(name, np.full(shape, np.nan))
            if got.shape != shape:
                detail = f"∂L/∂{name} has shape {got.shape}, expected {shape}"
                yield Comparison(what=f"∂L/∂{name}", margin=float("inf"), detail=detail)
                continue
            rows = (value.nrows(), value.ncols())
            bound = np.asarray(radii[name]).reshape(rows)
            try:
                yield agree(f"∂L/∂{name}", got.reshape(rows), value, bound)
            except Undecided as undecided:
                doubt = undecided
    if doubt is not None:
        raise doubt


def resembling(found: Mapping[str, Array], run: Recurrent) -> list[str]:
    """The faults of the cell that give what was found, as far as two roundings go, one of either side."""
    if not all(name in found and found[name].shape == _shape(run, name) for name in run.weights):
        return []
    bounds = tolerances(run)
    radii = {**bounds.gradients, "inputs": bounds.inputs}
    alike = []
    for faulty in faults(run.of):
        wrong = answered(by_equations(faulty), run)
        if all(np.all(np.abs(wrong[name] - found[name]) <= 2 * radii[name]) for name in run.weights):
            alike.append(faulty.what)
    return alike


def wrong_at(gradients: Gradients, run: Recurrent) -> list[str]:
    """What is wrong at a run, a sentence each, and the faults that it looks like; nothing if all is right.

    Raises
    ------
    Undecided
        If float64 cannot decide the run, and nothing is certainly wrong.
    """
    found = answered(gradients, run)
    wrong: list[str] = []
    try:
        wrong.extend(comparison.detail for comparison in compared(found, run) if not comparison.passes)
    except Undecided:
        if not wrong:
            raise
    if not wrong:
        return []
    with np.errstate(all="ignore"):
        alike = resembling(found, run)
    return [*wrong, *(f"It looks like this fault: {what}." for what in alike)]


def climbed(gradients: Gradients, cell: Cell, seed: int = 0) -> Iterator[tuple[str, Recurrent, list[str] | None]]:
    """Each rung of the ladder with its run and what is wrong there; None where float64 cannot decide."""
    for name, run in ladder(cell, seed):
        try:
            yield name, run, wrong_at(gradients, run)
        except Undecided:
            yield name, run, None
