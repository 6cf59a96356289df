"""`gradcheck` of the code of a cell, of a net of layers, or of one run of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from backproof.referee.answers import NoGradient, NothingChecked
from backproof.referee.cellcheck import Gradients, answered, looked_at, looks_like, resembling
from backproof.referee.cellladder import ladder
from backproof.referee.checked import Checked, Looked
from backproof.referee.fitting import SubjectError
from backproof.referee.limits import FREE, Limits
from backproof.referee.othercells import other_cells
from backproof.referee.watching import Watched, WrongGradient
from backproof.theory.arithmetic import Undecided
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layers import Layers

AT_LEAST = 4
"""Rungs that are looked at, whatever the time."""
TELLING = 6
"""Rungs at which a fault has to explain what came back, if it is to be named."""


class CellClimb:
    """Code of one cell on its way up the ladder of `backproof.referee.cellcheck`."""

    def __init__(
        self,
        subject: Any,
        of: Cell | Layers | Layered,
        *,
        dtype: str,
        skip: tuple[str, ...],
        seed: int,
        thorough: bool,
        limits: Limits = FREE,
    ) -> None:
        self.watched = Watched(subject)
        self.ask: Gradients = self.watched.gradients
        self.of, self.dtype, self.skip = of, dtype, skip
        seeds = range(seed, seed + (3 if thorough else 1))
        self.runs = (
            [("the run", of)]
            if isinstance(of, Layered)
            else [one for each in seeds for one in ladder(of, each, limits)]
        )
        self.seed, self.thorough = seed, thorough

    def run(self, start: float, seconds: float) -> Checked:
        """All of it, in so many seconds from the start.

        Raises
        ------
        WrongGradient, NothingChecked, SubjectError, Undecided
            As `gradcheck` does.
        """
        looked: list[Looked] = []
        missed: list[str] = []
        for number, (rung, run) in enumerate(self.runs):
            if number >= AT_LEAST and time.perf_counter() > start + seconds and not self.thorough:
                missed.append(rung)
                continue
            looked.append(self._look(rung, run))
        decided = [number for number, one in enumerate(looked) if one.margin is not None]
        if not decided:
            raise Undecided(
                f"{self.dtype} decides no run of {self._name}: rounding moves its states too far, or they have no value"
            )
        for _ in range(64 if self.thorough else 1):
            self._again(*self.runs[decided[0]])
        names = [name for name in self.runs[0][1].parameters if name not in self.skip]
        return Checked(
            subject=self.watched.__name__,
            network=self._name,
            parameters=tuple(names),
            skipped=self.skip,
            looked=tuple(looked),
            not_reached=tuple(missed),
            loss=False,
            format=self.dtype,
            seed=self.seed,
            seconds=time.perf_counter() - start,
        )

    @property
    def _name(self) -> str:
        return self.of.of.name if isinstance(self.of, Layered) else self.of.name

    def _look(self, rung: str, run: Layered) -> Looked:
        sizes = f"T {run.inputs.shape[0]}, B {run.inputs.shape[1]}"
        try:
            found = looked_at(self.ask, run, self.dtype, self.skip, faults=False)
        except Undecided:
            return Looked(where=rung, sizes=sizes, entries=0, margin=None)
        except SubjectError as error:
            raise SubjectError(f"at {rung!r}: {error}") from error
        if found.wrong:
            raise WrongGradient("\n".join((f"{rung}: {run!r}", *found.wrong, *self._why(run))))
        return Looked(where=rung, sizes=sizes, entries=found.entries, margin=found.margin)

    def _again(self, rung: str, run: Layered) -> None:
        """The first run once more: what was right has to be right again."""
        try:
            found = looked_at(self.ask, run, self.dtype, self.skip, faults=False)
        except Undecided:
            return
        if found.wrong:
            raise WrongGradient(
                "\n".join((f"Two calls with the same arguments differ, at {rung}: {run!r}", *found.wrong))
            )

    def _why(self, run: Layered) -> Iterator[str]:
        """The faults that explain this run and others, and the cells for which the code is right."""
        if isinstance(self.of, Layered):
            others: Sequence[Layered] = ()
        else:
            others = [one for _, one in self.runs if one is not run and one.inputs.shape[0] <= 4][:TELLING]
        try:
            left = resembling(answered(self.ask, run), run, self.dtype)
            for other in others if left else ():
                left = self._alike(other, left)
            yield from map(looks_like, left)
            yield from other_cells(self.ask, self.of, (one for _, one in self.runs), self.dtype)
        except (NoGradient, NothingChecked, SubjectError, WrongGradient, Undecided):
            return

    def _alike(self, run: Layered, names: list[str]) -> list[str]:
        """The faults among these that explain a run; all of them where the format cannot decide it."""
        try:
            return resembling(answered(self.ask, run), run, self.dtype, names)
        except Undecided:
            return names
