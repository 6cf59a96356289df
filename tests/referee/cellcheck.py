"""A check of the gradients of any cell: every entry, at runs that climb from one step to long, large and extreme ones.

The reference is the derived backward pass in balls; the tolerance is derived from the equations, entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Abs, Heaviside, Max, Min, Piecewise, sign

from backproof.referee.answers import NoGradient, NothingChecked, as_array, by_name, missing
from backproof.referee.cellladder import ladder
from backproof.referee.reference import KEPT, LAGS, SHORTER, in_enough_bits
from backproof.theory.arithmetic import Balls, Floats, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.functions import UPSTREAM
from backproof.theory.nets.building import recurrent
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layered_passes import gradients_in
from backproof.theory.nets.layered_rounding import Together, layered_together, layered_tolerances
from backproof.theory.nets.layers import Layers, alone, layered_faults

Array = NDArray[Any]
Gradients = Callable[[Mapping[str, Array], Array, Array, Mapping[str, Array]], Mapping[str, Array]]
"""Of parameters, first states and what else each step is told, by name; of inputs (T, B, m); of what comes in at the
outputs (T, B, p), or the loss's targets, and at the last states by name (B, n): the gradients by name, in the shape of
what each is taken by, that of the inputs as "inputs"."""


def by_equations(of: Cell | Layers) -> Gradients:
    """An implementation in float64 that runs the derived equations; of a faulty cell, the wrong ones."""
    net = alone(of) if isinstance(of, Cell) else of
    incoming = "upstream" if net.loss is UPSTREAM else "targets"

    def gradients(params: Any, inputs: Array, asked: Array, last: Mapping[str, Array]) -> dict[str, Array]:
        run = recurrent(net, inputs=inputs, last=last, **{incoming: asked}, **params)
        found = gradients_in(run, Floats())
        return {name: np.asarray(value).reshape(_shape(run, name)) for name, value in found.items()}

    return gradients


def _shape(run: Layered, name: str) -> tuple[int, ...]:
    return run.inputs.shape if name == "inputs" else run.arrays[name].shape


def answered(gradients: Gradients, run: Layered) -> dict[str, Array]:
    """What an implementation returns at a run, on copies of the arrays; names that nobody asked for are left out.

    Raises
    ------
    NoGradient
        If it returns no mapping, or something that is no gradient.
    """
    params = {name: array.copy() for name, array in run.passed.items()}
    last = {name: array.copy() for name, array in run.asked.items()}
    with np.errstate(all="ignore"):
        found = by_name(gradients(params, run.inputs.copy(), run.targets.copy(), last))
    shapes = {name: _shape(run, name) for name in (*run.arrays, "inputs")}
    return {name: as_array(name, found[name], shapes) for name in shapes if name in found}


def compared(found: Mapping[str, Array], run: Layered, dtype: str = "float64") -> Iterator[Comparison]:
    """Every gradient that is returned, entry by entry.

    Raises
    ------
    Undecided
        If the format cannot decide the run; for want of one gradient's reference, after all the others.
    """
    doubt: Undecided | None = None
    acquitted = _acquitted(found, run, dtype)
    yield from acquitted.values()
    left = [name for name in found if name not in acquitted]
    radii = layered_tolerances(run, dtype) if left else {}

    def asked() -> dict[str, Any]:
        return {name: value for name, value in gradients_in(run, Balls()).items() if name in left}

    for name, value in in_enough_bits(asked, radii).items() if left else ():
        rows = (value.nrows(), value.ncols())
        try:
            with precision(BITS):
                yield agree(f"∂L/∂{name}", found[name].reshape(rows), value, radii[name].reshape(rows))
        except Undecided as undecided:
            doubt = undecided
    if doubt is not None:
        raise doubt


def _acquitted(found: Mapping[str, Array], run: Layered, dtype: str) -> dict[str, Comparison]:
    """The gradients that are right by a part of the bound and a reference in extended precision; at no kink."""
    if SHORTER < 1024 or kinked(run.of):
        return {}
    try:
        quick = _extended(run, dtype)
    except Undecided:
        return {}
    if not quick.finite:  # what has no value has no gradient, and balls say so
        return {}
    radii, longer, right = quick.radii, quick.gradients, {}
    for name in found:
        value, radius = longer[name].reshape(radii[name].shape), radii[name]
        if np.all(np.isfinite(radius)) and np.all(np.isfinite(value)):
            right[name] = _surely(f"∂L/∂{name}", found[name], value, radius)
    return {name: one for name, one in right.items() if one is not None}


@lru_cache(maxsize=4)
def _extended(run: Layered, dtype: str) -> Together:
    """A part of the bounds, and the gradients in extended precision; kept, since the same run is asked twice."""
    with np.errstate(all="ignore"):
        return layered_together(run, dtype, LAGS)


KEPT.append(_extended)


def _surely(what: str, got: Array, value: Any, radius: Array) -> Comparison | None:
    """The comparison if it passes whatever the error of the reference, which is smaller by `SHORTER`."""
    with np.errstate(all="ignore"):
        off = np.abs(got - value).astype(np.float64) + radius / SHORTER
        margin = float(np.max(np.where(off == 0, 0.0, off / radius), initial=0.0))
    return (
        Comparison(what=what, margin=margin, detail=f"{what} is within {margin:.3g} of its bound")
        if margin <= 1
        else None
    )


KINKS = (Max, Min, Abs, Piecewise, sign, Heaviside)


@lru_cache(maxsize=256)
def kinked(of: Layers) -> bool:
    """Whether an equation of a net, forward or back, has a place where its slope jumps."""
    cells = [node.cell for node in of.nodes if node.cell is not None]
    written = [rhs for cell in cells for _, rhs in cell.equations]
    written += [each for cell in cells for _, *back in cell.adjoint.backward for each in back]
    return any(expression.has(*KINKS) for expression in (*written, of.loss.value, of.loss.gradient))


def resembling(
    found: Mapping[str, Array], run: Layered, dtype: str = "float64", among: Collection[str] | None = None
) -> list[str]:
    """The faults of the net (``among`` these) that give what was found, within two roundings, one of either side."""
    names = [name for name in (*run.arrays, "inputs") if name in found]
    if not set(run.parameters) <= set(names):
        return []
    radii = layered_tolerances(run, dtype)

    def same(code: Layers) -> bool:
        wrong = answered(by_equations(code), run)
        return all(np.all(np.abs(wrong[name] - found[name]) <= 2 * radii[name]) for name in names)

    with np.errstate(all="ignore"):
        if among is None and same(run.of):  # off by so little that a fault which changes nothing would explain it
            return []
        named = (faulty for faulty in layered_faults(run.of) if among is None or faulty.what in among)
        return [faulty.what for faulty in named if same(faulty)]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found at a run: how many entries were compared, the largest error ÷ bound, and what is wrong."""

    entries: int
    margin: float
    wrong: tuple[str, ...] = ()


def looked_at(
    gradients: Gradients, run: Layered, dtype: str = "float64", skip: Collection[str] = (), *, faults: bool = True
) -> Found:
    """Compare at a run. What is wrong is said in a sentence each, with ``faults`` those that it looks like, too.

    Raises
    ------
    NothingChecked
        If the gradient of a parameter does not come back that is not to be skipped.
    Undecided
        If the format cannot hold the run, or cannot decide it and nothing is certainly wrong.
    """
    if not all(map(Roundoff.of(dtype).holds, run.numbers)):
        raise Undecided(f"a number of the run is not one of {dtype}")
    try:
        found = answered(gradients, run)
    except NoGradient as error:
        return Found(entries=0, margin=float("inf"), wrong=(str(error),))
    for name in run.parameters:
        if name not in found and name not in skip:
            raise NothingChecked(missing(name, found, tuple(run.arrays)))
    if not found:
        raise NothingChecked(f"no gradient came back by {', '.join((*run.arrays, 'inputs'))}")
    each: list[Comparison] = []
    try:
        each.extend(compared(found, run, dtype))
    except Undecided:
        if all(one.passes for one in each):
            raise
    margin = max((one.margin for one in each), default=0.0)
    wrong = [one.detail for one in each if not one.passes]
    if wrong:
        wrong += _shorter(found, dtype)
    if wrong and faults:
        wrong += [looks_like(what) for what in resembling(found, run, dtype)]
    return Found(entries=sum(g.size for g in found.values()), margin=margin, wrong=tuple(wrong))


def looks_like(what: str) -> str:
    """That code is like a fault."""
    return f"It looks like this fault: {what}."


def _shorter(found: Mapping[str, Array], dtype: str) -> list[str]:
    """That gradients came back in a shorter format."""
    unit = Roundoff.of(dtype).unit
    formats = {
        name: g.dtype.name for name, g in found.items() if g.dtype.kind == "f" and Roundoff.of(g.dtype).unit > unit
    }
    names = " and ".join(f"∂L/∂{name}" for name in formats)
    short = " and ".join(sorted(set(formats.values())))
    return [f"{names} came back in {short}, a lower precision than {dtype}."] if formats else []


def wrong_at(gradients: Gradients, run: Layered, dtype: str = "float64") -> list[str]:
    """What is wrong at a run, a sentence each; nothing if all is right. Raises as `looked_at` does."""
    return list(looked_at(gradients, run, dtype).wrong)


def climbed(
    gradients: Gradients, of: Cell | Layers, seed: int = 0, dtype: str = "float64"
) -> Iterator[tuple[str, Layered, list[str] | None]]:
    """Each rung of the ladder with its run and what is wrong there; None where the format cannot decide."""
    for name, run in ladder(of, seed):
        try:
            yield name, run, list(looked_at(gradients, run, dtype).wrong)
        except Undecided:
            yield name, run, None
