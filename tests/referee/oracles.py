"""Independent estimates of a net's gradients, each with its own error.

What they share is the statement of the net in `backproof.theory.nets.cells`; what they do not share is how they
differentiate it.

===================  ==========================================  =================================================
oracle               how                                         error
===================  ==========================================  =================================================
balls                derived adjoint equations, 256 bits         radius: rigorous
forward mode         dual numbers over balls, no adjoints        radius: rigorous
mpmath               adjoint equations, 50 digits                what another 50 digits change
complex step         Im L(θ + ih)/h in complex floats            first-order rounding of the forward derivative
finite differences   extrapolated differences of a loss alone    columns of the table, measured noise
===================  ==========================================  =================================================

The error includes that of rounding the value to a float. An oracle that cannot tell answers with an infinite error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from backproof.theory.arithmetic import Balls, Floats, Multiprecision, Rounded, Roundoff, precision
from backproof.theory.confronting.comparison import midpoints
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation.truth import BITS
from backproof.theory.nets.networks import Net
from backproof.theory.nets.unrolled import Unrolled

Array = NDArray[np.float64]
DOUBLE = Roundoff.of(np.float64)


@dataclass(frozen=True)
class Estimate:
    """``value`` of a gradient in the shape of its parameter, within ``error``, entry by entry."""

    value: Array
    error: Array

    def excess(self, gradient: Any) -> Array:
        """``|gradient − value| ÷ error``: beyond 1 the two cannot both be right."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            distance = np.abs(np.asarray(gradient, dtype=np.float64) - self.value)
            ratio = np.where(distance == 0, 0.0, distance / self.error)
        return np.where(np.isnan(ratio), np.inf, ratio)


Oracle = Callable[[Net, str], Estimate]


def summed(net: Net, name: str, alone: Oracle) -> Estimate:
    """The estimate of a batch from one for each sequence: rows for h_0, sums for the parameters."""
    parts = [alone(sequence, name) for sequence in net.sequences()]
    values, errors = (np.stack(part) for part in zip(*((p.value, p.error) for p in parts), strict=True))
    if name == "h0":
        return _told(values.reshape(net.h0.shape), errors.reshape(net.h0.shape))
    rounding = len(parts) * DOUBLE.unit * np.abs(values).sum(axis=0) if len(parts) > 1 else 0.0
    shape = getattr(net, name).shape
    return _told(values.sum(axis=0).reshape(shape), (errors.sum(axis=0) + rounding).reshape(shape))


def _told(value: Array, error: Array) -> Estimate:
    """An estimate that says nothing where a number is missing."""
    known = np.isfinite(value) & np.isfinite(error)
    return Estimate(np.where(known, value, 0.0), np.where(known, error, np.inf))


def _place(name: str) -> tuple[str, int | None]:
    return ("h", 0) if name == "h0" else (name, None)


def _enclosed(matrix: Any) -> Estimate:
    value, rest, radius = midpoints(matrix)
    return Estimate(value, np.abs(rest) + radius)


def balls(net: Net, name: str) -> Estimate:
    """The derived adjoint equations in ball arithmetic."""
    with precision(BITS):
        return summed(net, name, lambda one, q: _enclosed(Unrolled(one, Balls()).backward()[q]))


def forward_mode(net: Net, name: str) -> Estimate:
    """Dual numbers over balls: the loss differentiated forward, an entry at a time."""
    with precision(BITS):
        return summed(net, name, lambda one, q: _enclosed(Unrolled(one, Balls()).loss_gradient(_place(q))))


def multiprecision(net: Net, name: str) -> Estimate:
    """The derived adjoint equations in mpmath, at 50 digits and at 100."""
    return summed(net, name, _multiprecision)


def _multiprecision(net: Net, name: str) -> Estimate:
    found = []
    for digits in (50, 100):
        with mpmath.workdps(digits):
            found.append(Unrolled(net, Multiprecision()).backward()[name])
    with mpmath.workdps(100):
        value = np.array([[float(x) for x in row] for row in found[0].tolist()])
        change = np.array([[float(abs(x)) for x in row] for row in (found[1] - found[0]).tolist()])
    return Estimate(value, change + DOUBLE.unit * np.abs(value) + DOUBLE.tiny)


STEP = 2.0**-100
"""The complex step; what it truncates is of relative size STEP²."""


def complex_step(net: Net, name: str) -> Estimate:
    """``Im L(θ + ih)/h``; an entry at a time."""
    return summed(net, name, _complex_step)


def _off_the_real_line(net: Net, name: str, moved: NDArray[np.complex128]) -> Net:
    """The net with complex numbers in one array: past the checks of a net, which are for real ones."""
    shifted = copy(net)
    object.__setattr__(shifted, name, moved)
    return shifted


def _complex_step(net: Net, name: str) -> Estimate:
    array = getattr(net, name)
    value, error = np.empty(array.shape), np.empty(array.shape)
    with np.errstate(all="ignore"):
        for entry in np.ndindex(array.shape):
            moved = array.astype(np.complex128)
            moved[entry] += 1j * STEP
            value[entry] = (
                Unrolled(_off_the_real_line(net, name, moved), Floats(np.complex128)).loss()[0, 0].imag / STEP
            )
            error[entry] = _forward_rounding(net, name, entry)
    return _told(value, error)


def _forward_rounding(net: Net, name: str, entry: tuple[int, ...]) -> float:
    """A bound on what rounding does to the imaginary part of a complex step, where the parts behave as dual numbers."""
    arithmetic = Rounded(Roundoff(unit=DOUBLE.unit, tiny=DOUBLE.tiny / STEP))
    unit = np.zeros(getattr(net, name).shape)
    unit[entry] = 1
    seed = arithmetic.matrix(unit.T if name == "h0" else unit if unit.ndim == 2 else unit[:, None])
    tangent = Unrolled(net, arithmetic).loss(None, {_place(name): seed}).tangent
    return 0.0 if tangent is None else float(tangent.radius[0, 0])


def finite_differences(loss: Callable[[Net], float]) -> Oracle:
    """Central differences of a loss of which nothing is known but its values, extrapolated to step 0."""

    def oracle(net: Net, name: str) -> Estimate:
        array = getattr(net, name)
        value, error = np.empty(array.shape), np.empty(array.shape)
        for entry in np.ndindex(array.shape):
            value[entry], error[entry] = differentiate(net, name, entry, loss)
        return Estimate(value, error)

    return oracle


HALVINGS = np.arange(1, 15)  # the steps of the table, as powers of 1/2 of the scale
PROBES = np.arange(26, 29)  # steps so short that second differences show the noise: h² < u
DEPTH = 6


def differentiate(net: Net, name: str, entry: tuple[int, ...], loss: Callable[[Net], float]) -> tuple[float, float]:
    """The derivative by one entry and the estimate of its error; (0, ∞) if nothing can be said.

    Steps are relative to 1 and to the largest entry of the parameter: which of the two is natural, the loss decides,
    for the table with the least error wins.
    """
    array = getattr(net, name)
    centre = array[entry]

    def shifted(by: float) -> float:
        moved = array.copy()
        moved[entry] = centre + by
        try:
            return float(loss(net.with_(**{name: moved})))
        except ArithmeticError:  # overflow
            return float("nan")

    candidates = [(float("inf"), 0.0)]
    for scale in {1.0, 2.0 ** np.frexp(np.max(np.abs(array)))[1]}:
        asked = scale * 2.0 ** -np.concatenate([HALVINGS, PROBES])
        steps = (np.abs(centre) + asked) - np.abs(centre)  # so that centre ± step are floats
        right, left = (np.array([shifted(sign * step) for step in steps]) for sign in (1, -1))
        with np.errstate(all="ignore"):
            candidates.extend(_table(steps, right, left, shifted(0.0)))
    error, value = min(candidates)
    return value, error


def _table(steps: Array, right: Array, left: Array, middle: float) -> Iterator[tuple[float, float]]:
    """Every (error, value) of Richardson's table.

    The error of an entry is the sum of how far it is from its neighbours in the column before (Ridders 1982), of the
    noise that it inherits, and of the jump of the slope: one-sided differences, extrapolated, differ by nothing unless
    there is a kink.
    """
    curved = right - 2 * middle + left
    noise = np.max(np.abs(curved[len(HALVINGS) :])) + 4 * DOUBLE.unit * np.max(np.abs([*right, *left, middle]))
    h = steps[: len(HALVINGS)]
    slopes = _extrapolated((right - left)[: len(h)] / (2 * h), first=2)
    jumps = _extrapolated(curved[: len(h)] / (2 * h), first=1)
    for before, column, jump in zip(slopes, slopes[1:], jumps[1:], strict=False):
        moved = np.maximum(np.abs(column - before[1:]), np.abs(column - before[:-1]))
        error = moved + np.abs(jump) + 4 * noise / h[-len(column) :]
        yield from ((float(e), float(v)) for e, v in zip(error, column, strict=True) if np.isfinite(e + v))


def _extrapolated(values: Array, first: int) -> list[Array]:
    """Columns that remove the powers ``first``, ``first + 2``, … of a step halved from row to row."""
    columns = [values]
    for power in range(first, first + 2 * DEPTH, 2):
        fine, coarse = columns[-1][1:], columns[-1][:-1]
        columns.append(fine + (fine - coarse) / (2**power - 1))
    return columns


def float_loss(net: Net) -> float:
    """The loss of the cell's equations in floats."""
    with np.errstate(all="ignore"):
        return float(sum(Unrolled(one, Floats()).loss()[0, 0] for one in net.sequences()))


def loss_of(subject: Any) -> Callable[[Net], float]:
    """A subject's own loss; `Lacks` when it is called and there is none."""
    return lambda net: float(answer(subject, "loss", net))


ORACLES: Mapping[str, Oracle] = {
    "balls": balls,
    "forward mode": forward_mode,
    "mpmath": multiprecision,
    "complex step": complex_step,
    "finite differences": finite_differences(float_loss),
}
