"""Sequences evaluated side by side, in arithmetics whose matrices may have further axes in front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

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
        """The cell, the same for every sequence."""
        return self.sequences_[0].cell

    @property
    def phi(self) -> Activation | None:
        """The activation, the same for every sequence."""
        return self.sequences_[0].phi

    @property
    def charged(self) -> Loss:
        """The loss of a step, the same for every sequence."""
        return self.sequences_[0].charged

    @property
    def weight(self) -> Fraction:
        """ω, the same for every sequence."""
        return self.sequences_[0].weight

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """(T, B, n, m, p) of each sequence, so that B is 1."""
        return self.sequences_[0].sizes

    @property
    def dimensions(self) -> dict[Any, int]:
        """The value of each size symbol, the same for every sequence."""
        return self.sequences_[0].dimensions

    @cached_property
    def final(self) -> dict[str, Array]:
        """What is asked of each state after the last step, stacked over the K sequences: shape (K, 1, n)."""
        return self._stacked([sequence.final for sequence in self.sequences_])

    @cached_property
    def given(self) -> dict[str, Array]:
        """What each step is told beside its input, time first, then the K sequences: shape (T, K, 1, n)."""
        each = [sequence.given for sequence in self.sequences_]
        return {name: np.stack([arrays[name] for arrays in each], axis=1) for name in each[0]}

    @cached_property
    def weights(self) -> dict[str, Array]:
        """The parameters by name, stacked over the K sequences: shape (K, …)."""
        return self._stacked([sequence.weights for sequence in self.sequences_])

    @cached_property
    def initial(self) -> dict[str, Array]:
        """The initial states by name, stacked over the K sequences: shape (K, 1, n)."""
        return self._stacked([sequence.initial for sequence in self.sequences_])

    @cached_property
    def inputs(self) -> Array:  # type: ignore[override]
        """The inputs, time first, then the K sequences: shape (T, K, 1, m)."""
        return np.stack([sequence.inputs for sequence in self.sequences_], axis=1)

    def target_columns(self) -> Array:
        """The targets as numbers, time first, then the K sequences: shape (T, K, 1, p)."""
        return np.stack([sequence.target_columns() for sequence in self.sequences_], axis=1)

    @staticmethod
    def _stacked(each: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
        return {name: np.stack([arrays[name] for arrays in each]) for name in each[0]}
