"""Gradient clipping by the norm of all gradients together (Pascanu, Mikolov, Bengio 2013), or by entry.

At its edges clipping is what the projection onto the ball of radius ε is there. A threshold of 0 makes every gradient
0, an infinite one leaves everything as it is. There is no ball of negative radius or of NaN, and a gradient that is
not finite has no nearest point in any: both are refused, so that no gradient is turned round or poisoned in silence.

Gradients may be of float16 as well, which nets are not: their norm is summed in float64, as any.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backproof.impl.arrays import Array, unwarned
from backproof.impl.checks import FORMATS, checked_floats, checked_mapping, checked_not_negative


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Clipped:
    """Gradients after clipping, as new arrays, their global norm before it, and whether it took place."""

    gradients: dict[str, Array]
    norm: float
    clipped: bool


def global_norm(gradients: Mapping[str, Array]) -> float:
    """Return the Euclidean norm of all entries of all arrays together, summed in float64.

    It is right wherever it is a float: squares that would overflow or underflow do no harm. It is infinite
    if it exceeds the range of float64. Raises TypeError or ValueError naming the array that is not of
    finite floats.
    """
    return _ldexp(*_scaled_norm(_checked(gradients)))


@unwarned
def clip_by_norm(gradients: Mapping[str, Array], threshold: float) -> Clipped:
    """Replace g by ε/‖g‖ · g if ‖g‖ ≥ ε, where ε is the threshold and ‖g‖ the global norm; 0 stays 0.

    Neither ‖g‖ nor ε/‖g‖ need be within range for the result to be right: with ‖g‖ = r·2^e and ε/r = f·2^q
    it is (f·g)·2^(q-e). Raises as `global_norm` does, and for a threshold that is not ≥ 0.
    """
    checked = _checked(gradients)
    limit = checked_not_negative("threshold", threshold)
    root, exponent = _scaled_norm(checked)
    norm = _ldexp(root, exponent)
    # An infinite threshold never clips, though a norm may round to infinity; and 0 has no direction to scale.
    if norm < limit or math.isinf(limit) or root == 0:
        return Clipped(gradients={name: g.copy() for name, g in checked.items()}, norm=norm, clipped=False)
    factor, power = math.frexp(limit / root)
    scaled = {name: np.asarray(np.ldexp(g * g.dtype.type(factor), power - exponent)) for name, g in checked.items()}
    return Clipped(gradients=scaled, norm=norm, clipped=True)


@unwarned
def clip_by_norm_derivative(
    gradients: Mapping[str, Array], directions: Mapping[str, Array], threshold: float
) -> dict[str, Array]:
    """Return the derivative of `clip_by_norm` at g in the direction d, shaped as the gradients.

    It is d where ‖g‖ ≤ ε, at g = 0 too, and ε/‖g‖ (d - u ⟨u, d⟩) with u = g/‖g‖ beyond; on the sphere ‖g‖ = ε itself,
    where there is none, that from inside. Raises as `clip_by_norm` does, and for directions of other names or shapes.
    """
    checked, moved = _checked(gradients), _checked(directions, "directions")
    limit = checked_not_negative("threshold", threshold)
    if {name: d.shape for name, d in moved.items()} != {name: g.shape for name, g in checked.items()}:
        raise ValueError("directions: expected the names and shapes of the gradients")
    root, exponent = _scaled_norm(checked)
    if _ldexp(root, exponent) <= limit:
        return {name: d.copy() for name, d in moved.items()}
    units = {name: np.ldexp(g.astype(np.float64), -exponent) / root for name, g in checked.items()}
    along = math.fsum(float(np.sum(u * moved[name])) for name, u in units.items())
    factor, power = math.frexp(limit / root)
    return {
        name: np.asarray(np.ldexp(factor * (moved[name] - u * along), power - exponent), moved[name].dtype)
        for name, u in units.items()
    }


@unwarned
def clip_by_value(gradients: Mapping[str, Array], threshold: float) -> Clipped:
    """Bring every entry into [-ε, ε], where ε is the threshold.

    `norm` is the global norm, as for `clip_by_norm`. Raises as `clip_by_norm` does.
    """
    checked = _checked(gradients)
    limit = checked_not_negative("threshold", threshold)
    result: dict[str, Array] = {}
    for name, g in checked.items():
        bound = _rounded_toward_zero(limit, g.dtype)
        result[name] = np.asarray(np.clip(g, -bound, bound))
    changed = any(not np.array_equal(result[name], g) for name, g in checked.items())
    return Clipped(gradients=result, norm=global_norm(checked), clipped=changed)


def _checked(gradients: Mapping[str, Array], argument: str = "gradients") -> dict[str, Array]:
    checked_mapping(argument, gradients)
    if not gradients:
        raise ValueError(f"{argument}: expected at least one array, got none")
    dtype = None
    for name, gradient in gradients.items():
        dtype = checked_floats(f"{argument}[{name!r}]", gradient, dtype=dtype, formats=("float16", *FORMATS)).dtype
    return dict(gradients)


@unwarned
def _scaled_norm(gradients: Mapping[str, Array]) -> tuple[float, int]:
    """Return (r, e) with ‖g‖ = r·2^e.

    2^e is just above the largest magnitude. A power of two scales exactly.
    """
    largest = max(float(np.max(np.abs(g), initial=0)) for g in gradients.values())
    exponent = math.frexp(largest)[1]
    squares = (np.square(np.ldexp(g.astype(np.float64), -exponent)).sum() for g in gradients.values())
    return math.sqrt(math.fsum(squares)), exponent


def _ldexp(root: float, exponent: int) -> float:
    """Return root·2^exponent, infinite if out of range, where math.ldexp raises."""
    with np.errstate(over="ignore"):
        return float(np.ldexp(root, exponent))


def _rounded_toward_zero(limit: float, dtype: np.dtype[np.floating]) -> np.floating:
    """Return the largest number of that dtype which is at most the limit."""
    bound = dtype.type(limit)
    return np.nextafter(bound, dtype.type(0)) if float(bound) > limit else bound
