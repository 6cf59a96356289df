"""The record of a proof: its lines, and who agreed with each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Line:
    """One numbered line of a derivation: why it follows, what it says, and whether the checker agreed.

    ``second`` is what an engine that shares nothing with the rules found: "agreed", "contradicted", "not looked at",
    "supposed" for a line that claims nothing, or nothing if it was not asked. ``engines`` says who looked, ``points``
    at how many points, ``remark`` why nobody did, or where the line is false.
    """

    why: str
    tex: str
    holds: bool
    method: str  # how it was checked: "matrix algebra", "componentwise, 2 and 3 units", …
    second: str = ""
    engines: tuple[str, ...] = ()
    points: int = 0
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class ProofRecord:
    """A proof attempt: its scope in words, its lines, and why it did not close if it did not."""

    closed: bool
    scope: str
    lines: tuple[Line, ...] = ()
    obstacle: str | None = None

    @property
    def claiming(self) -> int:
        """How many lines claim something, as suppositions do not."""
        return sum(line.second not in ("", "supposed") for line in self.lines)

    @property
    def agreed(self) -> int:
        """With how many of them the second engine agrees."""
        return sum(line.second == "agreed" for line in self.lines)
