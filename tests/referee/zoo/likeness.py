"""Which named fault a wrong gradient looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproof.referee.zoo.bptt import Array, Recipe
from backproof.referee.zoo.instances import recipe_gradients
from backproof.referee.zoo.registry import FAULTS
from backproof.theory.confronting.subject import answer
from backproof.theory.nets.networks import Net
from backproof.theory.nets.rounding import tolerances


def looks_like(net: Net, subject: Any) -> list[str]:
    """The faults that reproduce every gradient of the subject at this net, to rounding; none for a right subject.

    Rounding is the derived bound of the right gradient, in proportion where a fault makes a gradient larger. Only
    faults that change the gradient of this net by more than that can be told, and only those of Elman nets.

    Raises
    ------
    Undecided
        If the net is too ill-conditioned for a bound in float64.
    """
    got = answer(subject, "gradients", net)
    lacking = {name: None for name in getattr(subject, "without", ()) if name not in got}
    right, bounds = recipe_gradients(Recipe(), net), tolerances(net).gradients
    found = []
    for name, fault in FAULTS.items():
        if not isinstance(fault.recipe, Recipe):
            continue
        wrong = recipe_gradients(fault.recipe, net)
        if _same(got | lacking, wrong, right, bounds) and not _same(right, wrong, right, bounds):
            found.append(name)
    return found


def _same(
    got: Mapping[str, Any], wrong: Mapping[str, Array], right: Mapping[str, Array], bounds: Mapping[str, Array]
) -> bool:
    with np.errstate(all="ignore"):
        for name, expected in wrong.items():
            if name in got and got[name] is None:  # the subject does not have this parameter
                continue
            value = np.asarray(got.get(name))
            if value.shape != expected.shape or value.dtype.kind != "f":
                return False
            larger = np.max(np.abs(expected), initial=0) / np.max(np.abs(right[name]), initial=0)
            room = bounds[name] * (1 + (larger if np.isfinite(larger) else 0))
            equal = (value == expected) | (np.isnan(value) & np.isnan(expected))
            if not np.all(equal | (np.abs(value - expected) <= room)):
                return False
    return True
