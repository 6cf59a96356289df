"""Clipping where there is nothing to project, or nowhere: thresholds that are no radius, gradients that are not finite.

What is counted are entries that come back other than they went in. A subject that refuses gives none back, but may not
refuse an infinite threshold, which is one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Symbol

from backproof.theory.confronting.quantities import drawn_satisfies
from backproof.theory.confronting.subject import offered


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A gradient of two tensors, a threshold that is no radius, and what is put in the place of one entry."""

    first: tuple[float, ...]
    second: tuple[float, ...]
    threshold: float = -1.0
    entry: float = math.nan

    def gradients(self, entry: float | None = None) -> dict[str, Any]:
        """The two tensors by name; the first entry of the first is replaced if another is given."""
        first = self.first if entry is None else (entry, *self.first[1:])
        return {"A": np.array(first), "B": np.array(self.second)}


_entries = st.lists(st.integers(1, 8).map(lambda k: k / 2), min_size=1, max_size=3).map(tuple)
edges = st.builds(
    Edge,
    first=_entries,
    second=_entries,
    threshold=st.sampled_from([-1.0, -0.5, -(2.0**40), -math.inf, math.nan]),
    entry=st.sampled_from([math.nan, math.inf, -math.inf]),
)
"""No entry is 0, so that whatever turns, scales or poisons a gradient changes every entry."""


def _changed(subject: Any, gradients: dict[str, Any], threshold: float) -> float:
    """How many entries come back changed."""
    before = {name: g.copy() for name, g in gradients.items()}
    after = offered(subject, "clip_by_norm")(gradients, threshold).gradients
    return float(sum(np.sum(~_same(np.asarray(after[name]), g)) for name, g in before.items()))


def _spoilt(subject: Any, gradients: dict[str, Any], threshold: float) -> float:
    """The same, or 0 if the subject refuses."""
    try:
        return _changed(subject, gradients, threshold)
    except NotImplementedError:  # what it does not offer it does not refuse
        raise
    except (ArithmeticError, RuntimeError, ValueError):
        return 0.0


def _same(after: Any, before: Any) -> Any:
    return (after == before) | (np.isnan(after) & np.isnan(before))


by_infinity, by_no_radius, by_one_entry = (Symbol(f"N_{{{name}}}", nonnegative=True) for name in ("∞", "ε", "g"))
edges_satisfy = drawn_satisfies(
    {
        by_infinity: lambda subject, edge: _changed(subject, edge.gradients(), math.inf),
        by_no_radius: lambda subject, edge: _spoilt(subject, edge.gradients(), edge.threshold),
        by_one_entry: lambda subject, edge: _spoilt(subject, edge.gradients(edge.entry), 1.0),
    }
)
