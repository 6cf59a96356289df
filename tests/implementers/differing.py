"""How code differs from right code in what it computes, keeps or changes: plain comparisons, with no check of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from backproof.theory.nets.networks import Net

from .nets import net_at
from .right import Code, P, Right, changed

NEAR = 1e-12
"""Of the largest entry: what orders of summation make, at nets of `nets.NETS`."""


def net_for(code: Any, name: str) -> Net:
    """The net of that name, with the settings that the code says of itself."""
    said = {word: getattr(code, word, None) for word in ("activation", "loss_name", "reduction")}
    words = {word: value for word, value in said.items() if isinstance(value, str)}
    names = getattr(code, "names", None)
    plain = isinstance(names, Mapping) and not {"c", "h0"} <= set(names)
    return net_at(
        name,
        words.get("activation", "tanh"),
        words.get("loss_name", "cross_entropy"),
        words.get("reduction", "sum"),
        plain=plain,
    )


def differences(code: Code) -> list[str]:
    """What sets the code apart from right code at the net where it shows; empty for right code."""
    subject = code.make()
    net = net_for(subject, code.at)
    settings = {"activation": net.activation, "loss_name": net.loss, "reduction": net.reduction}
    with np.errstate(all="ignore"):
        return list(_differences(subject, changed(**settings)(), net))


def _arguments(net: Net, sign: float = 1.0) -> tuple[P, Any, Any]:
    parameters = {name: sign * array for name, array in net.parameters.items()}
    return parameters, net.inputs[::-1].copy() if sign < 0 else net.inputs.copy(), net.targets[:: int(sign)].copy()


def _differences(subject: Any, right: Right, net: Net) -> Iterator[str]:
    first = None
    for number in range(40):  # as it is, and every second time otherwise
        arguments = _arguments(net, (-1.0) ** number)
        before = [np.array(array) for array in (*arguments[0].values(), *arguments[1:])]
        expected = right.gradients(*_arguments(net, (-1.0) ** number))
        try:
            got = subject.gradients(*arguments)
        except (ValueError, IndexError) as error:
            yield f"raises {type(error).__name__}"
            return
        unlike = [name for name in expected if not _like(got, name, expected[name])]
        if unlike:
            yield f"call {number + 1}: {', '.join(unlike)}"
            return
        after = (*arguments[0].values(), *arguments[1:])
        if not all(map(np.array_equal, before, after)):
            yield "its arguments changed"
            return
        first = first or got
    arguments[0]["W"] /= 2  # the same arrays with other numbers in them
    expected, got = right.gradients(*arguments), subject.gradients(*arguments)
    if not all(_like(got, name, g) for name, g in expected.items()):
        yield "called with the same arrays: its answer did not change with their numbers"
    if not all(_like(first, name, g) for name, g in right.gradients(*_arguments(net)).items()):
        yield "its first answer changed"
    ours, theirs = right.loss(*_arguments(net)), subject.loss(*_arguments(net))
    if not isinstance(theirs, float) or not abs(ours - theirs) <= NEAR * abs(ours):
        yield "loss"


def _like(got: Any, name: str, expected: Any) -> bool:
    """A gradient of the right shape in double precision whose entries are near."""
    if not isinstance(got, Mapping) or name not in got or np.shape(got[name]) != expected.shape:
        return False
    array = np.asarray(got[name])
    largest = np.max(np.abs(expected), initial=0)
    return array.dtype == np.float64 and bool(np.all(np.abs(array - expected) <= NEAR * largest))
