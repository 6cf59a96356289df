"""Confronting numbers: each comparison is an error divided by the bound it must not exceed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray

from backproof.theory.arithmetic import Undecided
from backproof.theory.language.declared import as_declared, check_fields
from backproof.theory.language.validation import kind_of, plain_array
from backproof.theory.language.written import construction

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison:
    """``margin`` is error ÷ bound: at most 1 passes, and a NaN does not.

    ``digits`` says to how many decimal digits two sides meet where nothing more certain can be said, and else is None.
    """

    what: str
    margin: float
    detail: str = ""
    digits: float | None = None

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def passes(self) -> bool:
        """Whether the error stays within its bound."""
        return self.margin <= 1

    def __repr__(self) -> str:
        """The call that makes it again."""
        return construction(self)


@as_declared
def agree(what: str, got: Any, reference: arb_mat | Array, bound: Array, doubt: Array | float = 0.0) -> Comparison:
    """Entry by entry: ``|got − reference| ≤ bound``, where the reference may itself be known within a radius only.

    ``bound`` is an absolute bound for each entry, derived from rounding. A bound of 0 asks for equality. ``doubt`` is
    how far the reference may be from the truth, beside the radius of balls. What may be within the bound is no fault of
    the subject, and what may be beyond it is no pass.

    Raises
    ------
    Undecided
        If no entry is certainly off, and the reference is too wide to say of some whether it is.
    TypeError, ValueError
        For a reference, bound or doubt that is none; what a subject got is never an error, but fails.
    """
    if not isinstance(reference, arb_mat):
        reference = plain_array("reference", reference, "real numbers", "f")
    bound, doubt = (plain_array(name, of, "real numbers", "iuf") for name, of in (("bound", bound), ("doubt", doubt)))
    for name, values in (("bound", bound), ("doubt", doubt)):
        if np.any(values < 0):
            raise ValueError(f"{name} must hold numbers ≥ 0, got {values[values < 0].flat[0]}")
    numbers = _numbers(got)
    if numbers is None:
        return Comparison(what=what, margin=float("inf"), detail=f"{what} holds no real numbers: {kind_of(got)}")
    got = numbers
    expected = (reference.nrows(), reference.ncols()) if isinstance(reference, arb_mat) else np.shape(reference)
    if got.shape != expected and (*got.shape, 1) != expected:  # a bias is a column in the formulas
        return Comparison(what=what, margin=float("inf"), detail=f"{what} has shape {got.shape}, expected {expected}")
    if got.size == 0:
        return Comparison(what=what, margin=0.0)
    bound, doubt = _bounds("bound", bound, got.shape), _bounds("doubt", doubt, got.shape)
    distance, radius = _distance(got, reference)
    radius = radius + doubt
    with np.errstate(invalid="ignore"):
        least = _ratio(np.maximum(distance - radius, 0.0), bound)
    found = _worst(what, got, distance, bound, least)
    if not found.passes:
        return found
    most = _ratio(distance + radius, bound)
    found = _worst(what, got, distance + radius, bound, most)
    if not found.passes:
        raise Undecided(f"{found.detail}, but the reference is not known well enough to say so")
    return found


def _numbers(got: Any) -> Array | None:
    """What a subject returned, as an array of floats; None if it is none: a masked array, say, or a complex one."""
    try:
        made = np.asarray(got)
        plain = made.dtype.kind in "biufO" and not isinstance(got, np.ma.MaskedArray)
        return made.astype(np.float64) if plain else None
    except (TypeError, ValueError, OverflowError):
        return None


def _bounds(name: str, bound: NDArray[Any], shape: tuple[int, ...]) -> Array:
    """A bound for each entry of an array of this shape."""
    try:
        fitted = bound.reshape(shape) if bound.size == np.prod(shape) else np.broadcast_to(bound, shape)
    except ValueError:
        raise ValueError(f"{name} has the shape {bound.shape}, expected {shape}") from None
    return fitted.astype(np.float64)


def _ratio(error: Array, bound: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(error == 0, 0.0, error / bound)
    return np.where(np.isnan(ratio), np.inf, ratio)


def _worst(what: str, got: Array, error: Array, bound: Array, ratio: Array) -> Comparison:
    worst = np.unravel_index(int(np.argmax(ratio)), got.shape)
    place = ", ".join(str(i) for i in worst)
    detail = (
        f"{what}[{place}] is {got[worst]:.17g}, off by {error[worst]:.3g}, "
        f"{ratio[worst]:.3g} times the derived bound {bound[worst]:.3g}"
    )
    return Comparison(what=what, margin=float(ratio[worst]), detail=detail)


@as_declared
def at_most(what: str, value: float, limit: float, slack: float = 0.0) -> Comparison:
    """``value ≤ limit`` up to a derived slack; the margin is value less slack over limit.

    Raises
    ------
    Undecided
        If the value is above the limit and the slack as large as the value: rounding may have made it up.
    ValueError
        For a slack that is negative.
    """
    if slack < 0:
        raise ValueError(f"slack must be a number ≥ 0, got {slack}")
    if value > limit and slack >= abs(value):
        raise Undecided(f"{what} is {value:.3g}, above {limit:.3g}, but rounding may be all of it: {slack:.3g}")
    room = value - slack
    margin = (0.0 if room <= limit else float("inf")) if limit <= 0 else room / limit
    margin = float("inf") if np.isnan(margin) else max(float(margin), 0.0)
    return Comparison(
        what=what, margin=margin, detail=f"{what} is {value:.17g}, the limit is {limit:.17g} (slack {slack:.3g})"
    )


@as_declared
def truth(what: str, verdict: object, detail: str = "") -> Comparison:
    """A question that is answered by yes or no: the margin is 0 for True, infinite for anything else."""
    return Comparison(what=what, margin=0.0 if verdict is True else float("inf"), detail=detail or f"{what}: {verdict}")


def midpoints(matrix: arb_mat) -> tuple[Array, Array, Array]:
    """A ball matrix as floats: the nearest, what is left of the midpoint, and an upper bound of the radius."""
    shape = (matrix.nrows(), matrix.ncols())
    entries = matrix.entries()
    near = [float(entry.mid()) for entry in entries]
    rest = [
        float((entry.mid() - arb(value)).mid()) if np.isfinite(value) else 0.0
        for entry, value in zip(entries, near, strict=True)
    ]
    radius = [float(entry.rad().upper()) for entry in entries]
    return tuple(np.array(part).reshape(shape) for part in (near, rest, radius))  # type: ignore[return-value]


def _distance(got: Array, reference: Any) -> tuple[Array, Array]:
    """``|got − reference|``, and how far the reference may be from where it is taken to be."""
    with np.errstate(invalid="ignore", over="ignore"):
        if isinstance(reference, arb_mat):
            near, rest, radius = (part.reshape(got.shape) for part in midpoints(reference))
            return np.abs((got - near) - rest), radius
        return np.abs(got - np.asarray(reference, dtype=np.float64).reshape(got.shape)), np.zeros(got.shape)
