"""What an explanation of wrong gradients is: a prediction of what the subject returns, tried on what it did return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.referee.reference import Reference
from backproof.theory.arithmetic import Undecided
from backproof.theory.nets.networks import Gated, Net

Array = NDArray[Any]
Network = Net | Gated
Gradients = Mapping[str, Array]

ROOM = 2.0
"""Bounds that a prediction may miss by: one of either side."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """What a subject returned at a network (``got``), and the names of the parameters that are wrong there."""

    where: str
    reference: Reference
    got: Gradients
    wrong: tuple[str, ...]

    @property
    def net(self) -> Network:
        """The network."""
        return self.reference.net  # type: ignore[return-value]

    @cached_property
    def right(self) -> Gradients:
        """The right gradients, as float64."""
        with np.errstate(all="ignore"):
            return {name: np.asarray(g, dtype=np.float64) for name, g in self.reference.longer.items()}

    @property
    def bounds(self) -> Gradients:
        """How far a right gradient may be from it."""
        return self.reference.bounds

    def predicted(self, prediction: Gradients, bounds: Gradients) -> bool:
        """Whether it is what the subject returned, within the bounds, in proportion where it is larger."""
        right = self.right
        with np.errstate(all="ignore"):
            for name, got in self.got.items():
                expected = np.asarray(prediction[name], dtype=np.float64)
                largest = np.max(np.abs(expected), initial=0) / np.max(np.abs(right[name]), initial=0)
                room = ROOM * bounds[name] * (1 + (largest if np.isfinite(largest) else 0))
                room = room + 4 * np.finfo(np.float64).eps * np.abs(expected)
                same = (got == expected) | (np.isnan(got) & np.isnan(expected)) | (np.abs(got - expected) <= room)
                if got.shape != expected.shape or not np.all(same):
                    return False
        return True


Prediction = Callable[[Evidence], Gradients]


def holds(evidence: Sequence[Evidence], predict: Prediction, within: Prediction = attrgetter("bounds")) -> bool:
    """Whether a prediction is what was returned at every network; ``within`` are the bounds on its rounding."""
    with np.errstate(all="ignore"):
        try:
            return all(one.predicted(predict(one), within(one)) for one in evidence)
        except (ArithmeticError, Undecided, KeyError, ValueError, IndexError):
            return False


def names_of(wrong: Sequence[Evidence], of: Sequence[Evidence]) -> str:
    """∂L/∂ of the parameters that are wrong anywhere, or that every gradient is."""
    names = wrong_names(wrong)
    every = [name for one in of[:1] for name in one.got]
    return "Every gradient" if len(names) == len(every) > 1 else listed([f"∂L/∂{name}" for name in names])


def wrong_names(wrong: Sequence[Evidence]) -> list[str]:
    """The parameters that are wrong anywhere, in the order of the network."""
    found = {name for one in wrong for name in one.wrong}
    return [name for one in wrong[:1] for name in one.got if name in found]


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
