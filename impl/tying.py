"""Weight tying: parameters that start equal, and share the sum of their gradients, stay equal.

If E depends on w₁ and w₂ and both are set to w, then dE/dw = ∂E/∂w₁ + ∂E/∂w₂ by the chain rule. Giving each
that sum keeps them equal to the last bit, under every optimiser that treats entries alike: the same numbers
go through the same correctly rounded operations. With its own gradient each would go its own way.

>>> import numpy as np
>>> from backproof.impl.optimisers import SGD
>>> params = tie({"w1": np.array([1.0]), "w2": np.array([1.0])}, [("w1", "w2")])
>>> gradients = {"w1": np.array([0.25]), "w2": np.array([0.5])}
>>> optimiser = SGD(rate=1.0)
>>> optimiser.step(params, tied_gradients(gradients, [("w1", "w2")]), optimiser.init(params))[0]
{'w1': array([0.25]), 'w2': array([0.25])}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from backproof.impl.arrays import Array, require_no_overflow, unwarned
from backproof.impl.checks import checked_arrays, checked_words, kind_of

Group = Sequence[str]


def tie(params: Mapping[str, Array], groups: Iterable[Group]) -> dict[str, Array]:
    """Return copies of the parameters in which the members of each group, given by name, are equal in every bit.

    Raises ValueError for an unknown name, a group of fewer than two, a name in two places, or members that
    differ in shape, dtype or value: no gradient would ever bring those together; and TypeError or ValueError for what
    is not a mapping to arrays of finite floats.
    """
    checked_arrays("params", params)
    groups = _checked(groups, params, "params")
    tied = {name: theta.copy() for name, theta in params.items()}
    for group in groups:
        first = params[group[0]]
        for name in group[1:]:
            _check_alike(group[0], first, name, params[name])
            if not np.array_equal(first, params[name]):
                raise ValueError(f"groups: {group[0]!r} and {name!r} differ at the start, expected equal values")
            # Equal values may still differ in the sign of a zero.
            tied[name] = first.copy()
    return tied


@unwarned
def tied_gradients(gradients: Mapping[str, Array], groups: Iterable[Group]) -> dict[str, Array]:
    """Return gradients in which each member of a group has the sum over its group, as a new array.

    Raises as `tie` does, except for values that differ, and FloatingPointError where a sum overflows.
    """
    checked_arrays("gradients", gradients)
    groups = _checked(groups, gradients, "gradients")
    tied = {name: g.copy() for name, g in gradients.items()}
    for group in groups:
        first = gradients[group[0]]
        total = first.copy()
        for name in group[1:]:
            _check_alike(group[0], first, name, gradients[name])
            total += gradients[name]
        require_no_overflow(f"the gradient shared by {', '.join(group)}", total)
        tied.update({name: total.copy() for name in group})
    return tied


def _checked(groups: Iterable[Group], arrays: Mapping[str, Array], argument: str) -> list[tuple[str, ...]]:
    if isinstance(groups, str | bytes | Mapping | np.ndarray) or not isinstance(groups, Iterable):
        raise TypeError(f"groups: expected sequences of names, got {kind_of(groups)}")
    seen: set[str] = set()
    found = []
    for group in groups:
        if isinstance(group, str):
            raise TypeError(f"groups: expected sequences of names, got the string {group!r}")
        checked_words("groups", group)
        if len(group) < 2:
            raise ValueError(f"groups: expected at least two names in a group, got {tuple(group)}")
        for name in group:
            if name not in arrays:
                raise ValueError(f"groups: {name!r} is not one of the {argument}")
            if name in seen:
                raise ValueError(f"groups: expected each name once, got {name!r} twice")
            seen.add(name)
        found.append(tuple(group))
    return found


def _check_alike(first: str, a: Array, second: str, b: Array) -> None:
    if a.shape != b.shape or a.dtype != b.dtype:
        raise ValueError(
            f"groups: expected one shape and dtype, got {first!r} of {a.shape} {a.dtype} "
            f"and {second!r} of {b.shape} {b.dtype}"
        )
