"""What a check looked at: its result, to be printed, kept, or shown in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A network of the ladder: its sizes, how many entries were compared, and the largest error ÷ bound among them.

    ``margin`` is None where the format cannot decide the network.
    """

    where: str
    sizes: str
    entries: int
    margin: float | None


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A check that found nothing wrong, and what it looked at.

    ``parameters`` whose gradients were compared; ``skipped`` those that were not, as was asked or declared; ``looked``
    the networks; ``not_reached`` the regimes for which there was no time; ``loss`` whether the loss was compared, too;
    ``notes`` what was found out about the code on the way.
    """

    subject: str
    network: str
    parameters: tuple[str, ...]
    skipped: tuple[str, ...]
    looked: tuple[Looked, ...]
    not_reached: tuple[str, ...]
    loss: bool
    format: str
    seed: int
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def entries(self) -> int:
        """How many entries were compared."""
        return sum(one.entries for one in self.looked)

    @property
    def margin(self) -> float:
        """The largest error ÷ bound."""
        return max((one.margin for one in self.looked if one.margin is not None), default=0.0)

    @property
    def undecided(self) -> tuple[str, ...]:
        """The networks that the format cannot decide."""
        return tuple(one.where for one in self.looked if one.margin is None)

    def lines(self) -> Iterator[str]:
        """What was looked at, in sentences."""
        decided = len(self.looked) - len(self.undecided)
        names = ", ".join(self.parameters)
        yield (
            f"{self.subject}: the gradients by {names} agree in {self.format} at {decided} networks "
            f"({self.network}), {self.entries} entries; the largest error is {self.margin:.2g} of its bound."
        )
        yield f"The loss {'agrees' if self.loss else 'was not looked at'}. Seed {self.seed}, {self.seconds:.2g} s."
        if self.skipped:
            yield f"Not looked at: {', '.join(self.skipped)}."
        if self.undecided:
            yield f"Not decided by {self.format}: {', '.join(self.undecided)}."
        if self.not_reached:
            yield f"No time for: {', '.join(self.not_reached)}."
        yield from self.notes

    def __str__(self) -> str:
        """The sentences, a line each."""
        return "\n".join(self.lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The sentences, and a table of the networks."""
        rows = "".join(
            f"<tr><td>{escape(one.where)}</td><td>{escape(one.sizes)}</td><td>{one.entries}</td>"
            f"<td>{'undecided' if one.margin is None else f'{one.margin:.2g}'}</td></tr>"
            for one in self.looked
        )
        said = "".join(f"<p>{escape(line)}</p>" for line in self.lines())
        head = "<tr><th>network</th><th>sizes</th><th>entries</th><th>error ÷ bound</th></tr>"
        return f"{said}<table>{head}{rows}</table>"
