"""What code of a cell can take, where it cannot take every run of the ladder: a model has sizes of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backproof.theory.language.notation import m
from backproof.theory.nets.layers import Node

OF_SIZES = ("large", "sizes that are no multiples")
"""Rungs that are nothing beside their sizes."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The sizes of symbols by layer and direction, where they are not free; and what code does not have.

    ``firsts``, ``last``: whether it takes first states, and returns the last ones. ``absent``: parameters that it has
    not, which are zero. ``denormals``: whether numbers below the normal ones stay what they are.
    """

    sizes: Mapping[tuple[str, Any], int] = field(default_factory=dict)
    firsts: bool = True
    last: bool = True
    absent: tuple[str, ...] = ()
    denormals: bool = True

    def allows(self, rung: str) -> bool:
        """Whether a rung of the ladder is one for the code."""
        if (rung in OF_SIZES and self.sizes) or (rung == "denormal" and not self.denormals):
            return False
        return self.last or rung != "the last states alone"

    def width(self, otherwise: int, place: str = "", size: Any = m) -> int:
        """The size of a symbol: of the inputs, as it stands."""
        return self.sizes.get((place, size), otherwise)


def place_of(node: Node) -> str:
    """What a layer and direction is called in the names of its arrays: "_l0_reverse"; nothing for a cell alone."""
    assert node.cell is not None
    own = next((f"{q.base.name}0" for q in node.cell.states), next(iter(node.cell.symbols), ""))
    return node.names[own].removeprefix(own) if own else ""


FREE = Limits()
