"""Sequences evaluated side by side, in arithmetics whose matrices may have further axes in front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backproof.theory.language.functions import Activation, Loss
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.task import Task

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SideBySide(Task):
    """Sequences of one shape and one kind of net, each with its own weights: for arithmetics with batches.

    ``weights`` and ``initial`` have an axis for the sequences in front, ``inputs`` and `target_columns` after that of
    time; to the passes it is one sequence.
    """

    sequences_: tuple[Task, ...]

    @property
    def cell(self) -> Cell:
        """That of each."""
        return self.sequences_[0].cell

    @property
    def phi(self) -> Activation | None:
        """That of each."""
        return self.sequences_[0].phi

    @property
    def charged(self) -> Loss:
        """That of each."""
        return self.sequences_[0].charged

    @property
    def weight(self) -> Fraction:
        """That of each."""
        return self.sequences_[0].weight

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """Those of each."""
        return self.sequences_[0].sizes

    @cached_property
    def weights(self) -> dict[str, Array]:
        """(K, …)."""
        return self._stacked([sequence.weights for sequence in self.sequences_])

    @cached_property
    def initial(self) -> dict[str, Array]:
        """(K, 1, n)."""
        return self._stacked([sequence.initial for sequence in self.sequences_])

    @cached_property
    def inputs(self) -> Array:  # type: ignore[override]
        """(T, K, 1, m)."""
        return np.stack([sequence.inputs for sequence in self.sequences_], axis=1)

    def target_columns(self) -> Array:
        """(T, K, 1, p)."""
        return np.stack([sequence.target_columns() for sequence in self.sequences_], axis=1)

    @staticmethod
    def _stacked(each: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
        return {name: np.stack([arrays[name] for arrays in each]) for name in each[0]}
