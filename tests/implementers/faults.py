"""Mistakes that implementers of an RNN make, planted in right code, each with what a check should make of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from .right import Code, P, Right, changed, each, only

CALLS = r"call|again|repeat|overwr|kept|state of"
"""What is said of code whose answers depend on other calls."""


def fault(
    name: str, teaches: str, says: str, at: str = "README's own", *verdicts: str, never: str = "(?!)", **steps: Any
) -> Code:
    """The right code with these steps replaced; where no verdict is given, WrongGradient."""
    made = changed(**steps)
    return Code(
        name=name, make=made, teaches=teaches, says=says, at=at, never=never, verdicts=verdicts or ("WrongGradient",)
    )


def _by_bytes(self: Right, alpha: Any, h: Any) -> Any:
    return self.product(alpha, h[np.arange(len(alpha)).astype(np.uint8)])


def _in_blocks(self: Right, adjoint: Any, value: Any) -> Any:
    columns = value.shape[-1]
    found = Right.product(self, adjoint, value)
    if columns >= 8:
        found[:, columns - columns % 8 :] = 0
    return found


def _in_pairs(self: Right, alpha: Any, inputs: Any) -> Any:
    even = len(alpha) - len(alpha) % 2
    return self.product(alpha[:even], inputs[:even])


def _by_size(self: Right, alpha: Any, h: Any) -> Any:
    return self.product(alpha, h[1:] if alpha.shape[1] > alpha.shape[2] else h[:-1])


def _in_buffers(self: Right, found: P, *_: Any) -> P:
    for name, array in found.items():
        buffer = self.kept.setdefault((name, array.shape), np.empty_like(array))
        buffer[...] = array
        found[name] = buffer[:]
    return found


def _reversed_in_place(self: Right, found: P, p: P, inputs: Any, targets: Any) -> P:
    inputs[:] = inputs[::-1].copy()
    return found


def _stepped_in_place(self: Right, found: P, p: P, inputs: Any, targets: Any) -> P:
    p["W"] -= 0.1 * found["W"]
    return found


def _cached(key: Callable[[P, Any], Any]) -> Any:
    def states(self: Right, p: P, inputs: Any) -> Any:
        if key(p, inputs) not in self.kept:
            self.kept[key(p, inputs)] = Right.states(self, p, inputs)
        return self.kept[key(p, inputs)]

    return states


def _from_the_last_call(self: Right, p: P, inputs: Any) -> Any:
    first = self.kept.get(p["h0"].shape, p["h0"])
    a, h = Right.states(self, {**p, "h0": first}, inputs)
    self.kept[p["h0"].shape] = h[-1]
    return a, h


def _at_random(self: Right, found: P, *_: Any) -> P:
    return found | {"W": found["W"] * (1.001 if random.random() < 0.3 else 1)}


def _clamped(self: Right, p: P, h: Any) -> Any:
    return np.clip(Right.outputs(self, p, h), -80, 80)


def _flushed(self: Right, p: P, alpha: Any) -> Any:
    found = Right.carry(self, p, alpha)
    return np.where(np.abs(found) < np.finfo(float).tiny, 0, found)


def _clipped(self: Right, found: P, *_: Any) -> P:
    norm = np.sqrt(sum(np.sum(g**2) for g in found.values()))
    return {name: g * min(1.0, 1000 / norm) for name, g in found.items()}


def _summed_in_single(self: Right, alpha: Any, h: Any) -> Any:
    return self.product(alpha.astype(np.float32), h[:-1].astype(np.float32)).astype(float)


def _all_in_single(self: Right, p: P, inputs: Any, targets: Any) -> Any:
    single = {name: array.astype(np.float32) for name, array in p.items()}
    found = Right.gradients(self, single, inputs.astype(np.float32), targets)
    return {name: g.astype(float) for name, g in found.items()}


def _decayed_loss(self: Right, p: P, inputs: Any, targets: Any) -> float:
    return float(Right.loss(self, p, inputs, targets) + 0.5e-2 * (p["W"] ** 2).sum())


def _decayed(self: Right, found: P, p: P, *_: Any) -> P:
    return found | {"W": found["W"] + 1e-2 * p["W"]}


def _smoothed_charges(self: Right, o: Any, targets: Any) -> Any:
    over_classes = np.stack([Right.charges(self, o, np.full_like(targets, k)) for k in range(o.shape[-1])])
    return 0.9 * Right.charges(self, o, targets) + 0.1 * over_classes.mean(axis=0)


def _dropped_out(self: Right, p: P, inputs: Any) -> Any:
    a, h = Right.states(self, p, inputs)
    h[1:] *= np.random.random(h[1:].shape) < 0.9  # noqa: NPY002
    return a, h


def _not_a_number(self: Right, o: Any, targets: Any) -> Any:
    best = np.sort(o, axis=-1)[..., -2:]
    gap = best[..., -1:] - best[..., :1] if o.shape[-1] > 1 else 1.0
    with np.errstate(invalid="ignore"):
        return Right.asked(self, o, targets) * (gap / gap)


def _typed(self: Right, o: Any) -> Any:
    e = 2.718281828 ** (o - o.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _without_class_0(self: Right, o: Any, targets: Any) -> Any:
    return Right.asked(self, o, targets) * (targets != 0)[..., None]


def _exchanged(self: Right, found: P, *_: Any) -> P:
    return found | {"U": found["W"], "W": found["U"]}


def _by_exponentials(self: Right, a: Any) -> Any:
    return (np.exp(2 * a) - 1) / (np.exp(2 * a) + 1)


NOTHING = ("NothingChecked", "SubjectError", "WrongGradient")
SHAPES = ("WrongGradient", "SubjectError")
SUM_NOT_ADJOINT = r"∂L/∂a_t is wrong"
ANOTHER_LOSS = r"another (network|loss)|own loss|differentiates"
SINGLE = "single precision|float32"

FAULTS = (
    fault("a time index in 8 bits", "lengths past 256", "∂L/∂W", "300 steps", of_W=_by_bytes, never=SUM_NOT_ADJOINT),
    fault(
        "columns beyond the last whole block of 8 dropped",
        "sizes that are no multiples of 8",
        "∂L/∂[WUV]",
        "12 units, tokens",
        product=_in_blocks,
        never=SUM_NOT_ADJOINT,
    ),
    fault(
        "two steps at a time in the sum for U, so that odd lengths lose one",
        "odd lengths; the sum apart from the adjoint",
        "∂L/∂U",
        "middling",
        of_U=_in_pairs,
        never=SUM_NOT_ADJOINT,
    ),
    fault(
        "another loop where B > n, with h_t for h_{t−1}",
        "more sequences than units",
        "∂L/∂W",
        "more sequences than units",
        of_W=_by_size,
    ),
    fault("gradients that the next call overwrites", "an answer after the next call", CALLS, answered=_in_buffers),
    fault("inputs changed in place", "arguments after a call", "input|argument", answered=_reversed_in_place),
    fault("parameters changed in place", "arguments after a call", "parameter|argument", answered=_stepped_in_place),
    fault(
        "states cached by shape",
        "two calls at one shape",
        CALLS,
        states=_cached(lambda p, inputs: (inputs.shape, p["W"].shape)),
    ),
    fault(
        "states cached by id", "two calls with the arrays of one", CALLS, states=_cached(lambda p, inputs: id(inputs))
    ),
    fault(
        "a state carried over from the last call",
        "two calls with the same arguments",
        CALLS,
        states=_from_the_last_call,
    ),
    fault("wrong in 3 of 10 calls", "many calls, and no seed of ours", CALLS, answered=_at_random),
    fault(
        "an imaginary part",
        "types before a cast",
        "complex|imaginary",
        "README's own",
        "WrongGradient",
        "SubjectError",
        answered=each(lambda g: g + 1j),
    ),
    fault("outputs clamped to ±80", "loud outputs", "loud|large|output|∂L", "loud outputs", outputs=_clamped),
    fault(
        "tanh(a) = a below 1e-4",
        "states near 0",
        "∂L",
        "quiet states",
        phi=lambda self, a: np.where(np.abs(a) < 1e-4, a, np.tanh(a)),
    ),
    fault(
        "what is not finite made finite, and all capped at 1e6",
        "gradients above 1e6",
        "∂L",
        "huge gradients",
        answered=each(lambda g: np.clip(np.nan_to_num(g), -1e6, 1e6)),
    ),
    fault("denormal adjoints flushed to 0", "adjoints below 1e-308", "∂L", "faint adjoints", carry=_flushed),
    fault(
        "clipped by norm at 1000 before it is returned",
        "gradients above 1000",
        "factor|times|share|clip",
        "huge gradients",
        answered=_clipped,
        never="wrong from the last step",
    ),
    fault("the gradient of W summed in float32", "the size of the error", SINGLE, of_W=_summed_in_single),
    fault("everything in float32", "the size of the error", SINGLE, gradients=_all_in_single),
    fault(
        "gradients returned as float32",
        "types of what is returned",
        SINGLE,
        answered=each(lambda g: g.astype(np.float32)),
    ),
    fault(
        "a temperature of 2",
        "its own loss",
        ANOTHER_LOSS,
        charges=lambda self, o, targets: Right.charges(self, o / 2, targets),
        asked=lambda self, o, targets: Right.asked(self, o / 2, targets) / 2,
    ),
    fault("weight decay", "its own loss", ANOTHER_LOSS + "|decay", loss=_decayed_loss, answered=_decayed),
    fault(
        "label smoothing",
        "its own loss",
        ANOTHER_LOSS + "|smooth",
        charges=_smoothed_charges,
        one_hot=lambda self, targets, p: 0.9 * np.eye(p)[targets] + 0.1 / p,
    ),
    fault(
        "class 0 ignored",
        "its own loss",
        ANOTHER_LOSS + "|class 0|ignor",
        asked=_without_class_0,
        charges=lambda self, o, targets: Right.charges(self, o, targets) * (targets != 0),
    ),
    fault("dropout left on", "two calls with the same arguments", CALLS + "|random", states=_dropped_out),
    fault(
        "a loss divided by T, gradients right",
        "the loss as well",
        "loss",
        loss=lambda self, p, inputs, targets: Right.loss(self, p, inputs, targets) / len(inputs),
    ),
    fault(
        "a loss in float32, gradients right",
        "the loss as well",
        "loss.*(float32|single)",
        loss=lambda self, *at: np.float32(Right.loss(self, *at)),
    ),
    fault(
        "c forgotten in the dictionary",
        "every parameter by name",
        r"(?<!\w)c(?!\w)",
        "README's own",
        *NOTHING,
        answered=lambda self, found, *_: {name: g for name, g in found.items() if name != "c"},
    ),
    fault(
        "an empty dictionary",
        "that anything was compared",
        "nothing|no gradient|lack|missing|none",
        "README's own",
        *NOTHING,
        answered=lambda self, *_: {},
    ),
    fault(
        "keys dW, dU, …, every gradient 17 times too large",
        "names of what is returned",
        "dW",
        "README's own",
        *NOTHING,
        answered=lambda self, found, *_: {f"d{name}": 17 * g for name, g in found.items()},
    ),
    fault(
        "a pair of loss and gradients",
        "the type of what is returned",
        "tuple|pair|dictionary|mapping",
        "README's own",
        *NOTHING,
        answered=lambda self, found, *_: (1.0, found),
    ),
    fault(
        "None for a gradient",
        "types of what is returned",
        "None|none",
        "README's own",
        *NOTHING,
        answered=only("b", lambda g: None),
    ),
    fault(
        "∂L/∂W with a row too many",
        "shapes",
        "shape",
        "README's own",
        *SHAPES,
        answered=only("W", lambda g: np.vstack([g, g[:1]])),
    ),
    fault(
        "a bias's gradient as a column",
        "shapes",
        "shape",
        "README's own",
        *SHAPES,
        answered=only("b", lambda g: g[:, None]),
    ),
    fault("gradients of U and W exchanged", "shapes", "shape|∂L/∂[UW]", "small", *SHAPES, answered=_exchanged),
    fault("NaN where the outputs tie", "ties", "nan|NaN|not finite", "tied outputs", asked=_not_a_number),
    fault(
        "a bias that is two, with half the gradient each",
        "more than one batch size",
        "half|½|1/2",
        "README's own",
        never="over the batch",
        answered=only("b", lambda g: g / 2),
    ),
    fault(
        "the bias's gradient without the last step",
        "a net without zeros",
        "∂L/∂b",
        never="slope of another",
        answered=lambda self, found, p, inputs, targets: (
            found | {"b": found["b"] - _last_share(self, p, inputs, targets)}
        ),
    ),
    fault(
        "the bias's gradient 0",
        "a net without zeros",
        "∂L/∂b.* is 0",
        never="slope of another",
        answered=only("b", np.zeros_like),
    ),
    fault(
        "e typed as 2.718281828",
        "the size of the error, which is not float32's",
        "∂L",
        never="single precision",
        softmax=_typed,
    ),
    fault(
        "the gradient of h_0 rolled over the batch",
        "more than one sequence",
        "∂L/∂h0",
        "small",
        answered=only("h0", lambda g: np.roll(g, 1, axis=0)),
    ),
    fault(
        "the gradient of h_0 summed over the batch",
        "more than one sequence",
        "∂L/∂h0",
        "small",
        answered=only("h0", lambda g: np.broadcast_to(g.sum(axis=0), g.shape)),
    ),
    fault("tanh as (e²ᵃ − 1)/(e²ᵃ + 1)", "what cancels near 0", "cancel", "quiet states", phi=_by_exponentials),
)


def _last_share(self: Right, p: P, inputs: Any, targets: Any) -> Any:
    a, h = self.states(p, inputs)
    return self.adjoints(p, a, h, self.asked(self.outputs(p, h), targets))[0][-1].sum(axis=0)
