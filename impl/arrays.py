"""What every module here agrees on: array types, and how overflow is met."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]

# Exploding nets are an object of study: their overflow is found by the checks below, which can say where it
# happened, and not by NumPy's warnings, which cannot. Underflow is what a vanishing gradient does.
unwarned = np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore")


def require_no_overflow(quantity: str, values: Array) -> None:
    """Raise FloatingPointError, naming the quantity, where a computed array left the range of its dtype."""
    if not np.isfinite(values).all():
        raise FloatingPointError(f"{quantity} overflowed: it exceeds the range of {values.dtype}")


def require_no_overflow_in_time(quantity: str, values: Array, *, backward: bool = False) -> None:
    """Raise FloatingPointError naming the step, 1 … T along the first axis, at which overflow set in.

    `backward` says that the values were computed from the last step to the first.
    """
    if np.isfinite(values).all():
        return
    finite = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    steps = np.flatnonzero(~finite) + 1
    step = steps[-1] if backward else steps[0]
    raise FloatingPointError(f"{quantity} overflowed at step {step}: it exceeds the range of {values.dtype}")
