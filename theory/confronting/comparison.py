"""Confronting numbers: each comparison is an error divided by the bound it must not exceed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray

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

    @property
    def passes(self) -> bool:
        """Whether the error stays within its bound."""
        return self.margin <= 1

    def __repr__(self) -> str:
        """The call that makes it again."""
        return construction(self)


def agree(what: str, got: Any, reference: arb_mat | Array, bound: Array, doubt: Array | float = 0.0) -> Comparison:
    """Entry by entry: ``|got − reference| ≤ bound``; a reference in balls counts its radius as error.

    ``bound`` is an absolute bound for each entry, derived from rounding. A bound of 0 asks for equality. ``doubt`` is
    how far the reference may be from the truth, and counts as error too.
    """
    got = np.asarray(got, dtype=np.float64)
    expected = (reference.nrows(), reference.ncols()) if isinstance(reference, arb_mat) else np.shape(reference)
    if got.shape != expected and (*got.shape, 1) != expected:  # a bias is a column in the formulas
        return Comparison(what=what, margin=float("inf"), detail=f"{what} has shape {got.shape}, expected {expected}")
    error = _distance(got, reference) + doubt
    bound = np.broadcast_to(np.asarray(bound, dtype=np.float64), got.shape)
    if got.size == 0:
        return Comparison(what=what, margin=0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(error == 0, 0.0, error / bound)
    ratio = np.where(np.isnan(ratio), np.inf, ratio)
    worst = np.unravel_index(int(np.argmax(ratio)), got.shape)
    place = ", ".join(str(i) for i in worst)
    detail = (
        f"{what}[{place}] is {got[worst]:.17g}, off by {error[worst]:.3g}, "
        f"{ratio[worst]:.3g} times the derived bound {bound[worst]:.3g}"
    )
    return Comparison(what=what, margin=float(ratio[worst]), detail=detail)


def at_most(what: str, value: float, limit: float, slack: float = 0.0) -> Comparison:
    """``value ≤ limit`` up to a derived slack; the margin is value less slack over limit."""
    room = value - slack
    margin = (0.0 if room <= limit else float("inf")) if limit <= 0 else room / limit
    margin = float("inf") if np.isnan(margin) else max(float(margin), 0.0)
    return Comparison(
        what=what, margin=margin, detail=f"{what} is {value:.17g}, the limit is {limit:.17g} (slack {slack:.3g})"
    )


def truth(what: str, verdict: bool | None, detail: str = "") -> Comparison:
    """A question that is answered by yes or no: the margin is 0 for True, infinite for False and for unknown."""
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


def _distance(got: Array, reference: Any) -> Array:
    """``|got − reference|``, an upper bound where the reference is a ball."""
    with np.errstate(invalid="ignore", over="ignore"):
        if isinstance(reference, arb_mat):
            near, rest, radius = (part.reshape(got.shape) for part in midpoints(reference))
            return np.asarray(np.abs((got - near) - rest) + radius)
        return np.asarray(np.abs(got - np.asarray(reference).reshape(got.shape)), dtype=np.float64)
