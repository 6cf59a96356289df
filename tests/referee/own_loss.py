"""Whether a subject's loss is that of its gradients, in value, in reduction and in precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproof.referee.reference import Reference
from backproof.theory.arithmetic import Roundoff, Undecided


def wrong_loss(got: Any, reference: Reference, dtype: str) -> str:
    """What is wrong with a loss at a network; nothing if it is ours.

    Raises
    ------
    Undecided
        If the format cannot decide the network.
    """
    if got is None or isinstance(got, str | bytes | list | tuple | dict):
        return f"the loss is {got!r}, expected a number"
    value = np.asarray(got.detach().cpu() if hasattr(got, "detach") else got)
    if value.dtype.kind == "c":
        return "the loss is complex, expected a real number"
    if value.dtype.kind not in "fiu" or value.size != 1:
        return f"the loss has shape {value.shape} and dtype {value.dtype}, expected a number"
    unit = Roundoff.of(dtype).unit
    if value.dtype.kind == "f" and Roundoff.of(value.dtype).unit > unit:
        return f"the loss comes in {value.dtype}, in single precision or less, and not in {dtype}"
    return _compared(float(value.ravel()[0]), reference)


def _compared(theirs: float, reference: Reference) -> str:
    found, ours = reference.compare_loss(theirs), reference.loss
    if found.passes:
        return ""
    T, B, *_ = reference.net.sizes
    factors = {"1/T": 1 / T, "1/B": 1 / B, "1/(T B)": 1 / (T * B), "T B": T * B, "-1": -1, "2": 2, "1/2": 0.5}
    for words, factor in factors.items():
        if factor != 1 and reference.compare_loss(theirs / factor).passes:
            return f"the loss is {words} times the right one: {theirs:.17g}, expected {ours:.17g}"
    return f"the loss is {theirs:.17g}, expected {ours:.17g}, {found.margin:.3g} times the derived bound"


def in_single(got: Any, net: Any) -> bool:
    """Whether a loss is as near as float32 would put it: then it is no other loss."""
    try:
        (reference,) = Reference.of(net, dtype=np.float32)
        return reference.compare_loss(float(np.asarray(got).ravel()[0])).passes
    except (Undecided, TypeError, ValueError):
        return False
