"""One net on two trajectories: from two initial states, on two sequences of inputs, or both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation import Environment
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import arrays
from backproof.theory.language.declared import as_declared
from backproof.theory.language.notation import PRIME
from backproof.theory.language.validation import kind_of
from backproof.theory.nets.unrolled import Unrolled


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class TwoRuns(NetWithValues):
    """A net, and the same net on another trajectory: in a statement its quantities bear a prime, as ``h.prime[t]``.

    ``other`` differs from ``net`` in initial states, inputs or targets alone.

    Raises
    ------
    ValueError
        If the two differ in sizes, in a weight or in a setting; the message names it.
    """

    other: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.other, type(self.net)):
            raise TypeError(f"other must be a net like the first, got {kind_of(self.other)}")
        if self.net.sizes != self.other.sizes:
            raise ValueError(f"other: expected the sizes of the net, {self.net.sizes}, got {self.other.sizes}")
        for name, value in self.net.weights.items():
            if not np.array_equal(value, self.other.weights[name]):
                raise ValueError(f"other: expected the {name} of the net, as both runs are runs of one net")
        if self.net.settings != self.other.settings:
            raise ValueError(f"other: expected the settings of the net, {self.net.settings}, got {self.other.settings}")

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """The net's environments; each knows the quantities of the other run as well."""
        others = iter(self.other.sequences())
        for environment in super().environments(arithmetic, statement):
            unrolled: Unrolled = environment.unrolled  # type: ignore[attr-defined]
            if unrolled.other is None:  # the next sequence of the batch
                unrolled.other = Unrolled(next(others), arithmetic)
            yield environment

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """The net's arrays, then those that are others on the other run, with a prime."""
        ours = set(self.net.quantities())
        others = (each for each in self.other.quantities() if each not in ours)
        return (*super().in_formulas, *(f"{_primed(name)} = {value}" for name, value in others))


def _primed(name: str) -> str:
    base, mark, index = name.partition("_")
    return f"{base}{PRIME}{mark}{index}"


@as_declared
@st.composite
def two_runs(draw: Any, nets: SearchStrategy[Any], *, starts: bool = True, inputs: bool = False) -> TwoRuns:
    """A net that the strategy draws, and a second run of it: from other initial states, on other inputs, or both."""
    one = draw(nets)
    changes = {name: draw(arrays(*value.shape)) for name, value in one.initial.items()} if starts else {}
    if inputs:
        changes["inputs"] = draw(arrays(*one.inputs.shape))
    return TwoRuns(one, other=one.with_(**changes))
