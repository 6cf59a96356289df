"""Instances at which something is drawn at random: a net or values, and the outcomes with their probabilities.

Every outcome is listed, so that a mean is a finite sum and exact; nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation import Environment
from backproof.theory.evaluation.random import Law, Outcome
from backproof.theory.language.display import Displayed, count
from backproof.theory.language.notation import Sequence, t
from backproof.theory.language.written import construction
from backproof.theory.nets.networks import net_of


@dataclass(frozen=True, eq=False, repr=False)
class UnderLaw(Displayed):
    """An instance, and for the symbol of each law what may be drawn.

    Where the instance has no steps of its own, as plain values have none, ``steps`` says for which times t the
    statement is read: from 1 to there.
    """

    instance: Any
    laws: Mapping[Any, Law]
    steps: int | None = None

    @property
    def net(self) -> Any:
        """The net whose algorithm draws; the plain values where there is no net."""
        return net_of(self.instance)

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """Those of the instance, with the laws; one for each t where the instance has no times."""
        for environment in self.instance.environments(arithmetic, statement):
            environment |= self.laws
            if self.steps is None or t not in statement.free_symbols:
                yield environment
            else:
                yield from (environment.bound(t, step) for step in range(1, self.steps + 1))

    @property
    def in_words(self) -> str:
        """What the instance is, and how many outcomes there are."""
        outcomes = (f"{name}: {count(len(law), 'outcome')}" for name, law in self.laws.items())
        return "; ".join(filter(None, [str(self.instance.in_words), *outcomes]))

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """Those of the instance."""
        return tuple(self.instance.in_formulas)

    def __repr__(self) -> str:
        """The call that builds it again."""
        return construction(self)


def sign_patterns(units: int, steps: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every way to give each unit a sign at each step: a tuple of the steps, each a tuple of 1 and −1."""
    return product(product((1, -1), repeat=units), repeat=steps)


class Listed:
    """A law that is told by a rule, and lists its outcomes when it is asked for them."""

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """All of them."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Outcome]:
        """The outcomes."""
        return iter(self.outcomes)

    def __len__(self) -> int:
        """How many outcomes there are."""
        return len(self.outcomes)


@dataclass(frozen=True, eq=False, repr=False)
class FairSigns(Listed):
    """Independent fair signs for each unit at each step, as values of a sequence."""

    sequence: Sequence
    units: int
    steps: int

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """One for each pattern of signs."""
        patterns = list(sign_patterns(self.units, self.steps))
        chance = Fraction(1, len(patterns))
        return tuple(Outcome(probability=chance, values=over_time(self.sequence, pattern)) for pattern in patterns)

    def __repr__(self) -> str:
        """The call that builds it again."""
        return f"FairSigns({self.sequence.base.name}, {self.units}, {self.steps})"


def over_time(sequence: Sequence, rows: Any) -> dict[Any, Any]:
    """Values of a sequence at the times 1, 2, …: for each a row of numbers, which becomes a column."""
    return {sequence[step]: [[entry] for entry in row] for step, row in enumerate(rows, 1)}
