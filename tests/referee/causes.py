"""What a wrong gradient is: explanations that are tried on every network at which the subject was asked.

An explanation predicts what the subject returns. It is given only if it holds at every network, at those where the
subject is right as well; and none is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from backproof.referee.explanation import (
    ROOM,
    Array,
    Evidence,
    Gradients,
    Prediction,
    holds,
    names_of,
    wrong_names,
)
from backproof.referee.other_losses import other_losses
from backproof.referee.reference import Reference
from backproof.referee.zoo import FAULTS
from backproof.referee.zoo.bptt import Recipe
from backproof.referee.zoo.instances import recipe_gradients
from backproof.theory.arithmetic import Undecided
from backproof.theory.nets.networks import Net


def explanations(evidence: Sequence[Evidence]) -> tuple[bool, list[str]]:
    """What explains all the evidence, in sentences; the simplest kind that does.

    The first is whether it says what is wrong with the gradients as a whole, so that no step need be looked for.
    """
    decided = [one for one in evidence if _decided(one)]
    wrong = [one for one in decided if one.wrong]
    if all(one.predicted(one.right, one.bounds) for one in wrong):
        return False, []  # off by so little that what changes nothing would explain it
    decided = sorted(decided, key=lambda one: (not one.wrong, one.net.steps))  # most candidates fail at once
    for kind in (_factors, _precision, _exchanges, _limits, _of_losses, _of_the_zoo, _cancellation):
        found = list(kind(decided, wrong))
        if found:
            return kind is not _of_the_zoo, found
    return False, []


def _decided(one: Evidence) -> bool:
    try:
        return bool(one.bounds)
    except Undecided:
        return False


MOSTLY = 0.7
"""The share of the networks at which rounding to float32 shows. Like the other numbers below, that it is single
precision rather than another small error, it steers words, and no verdict."""


def _precision(evidence: Sequence[Evidence], wrong: Sequence[Evidence]) -> Iterator[str]:
    """Entries that are all numbers of float32, or off by what its rounding makes."""
    names = wrong_names(wrong)
    parts = [one.got[name] for one in wrong for name in names if name in one.wrong]
    with np.errstate(all="ignore"):
        short = all(np.array_equal(part.astype(np.float32), part) for part in parts)
        sizes = [
            np.max(np.abs(one.got[name] - one.right[name]) / np.max(np.abs(one.right[name]), initial=1e-300), initial=0)
            for one in wrong
            for name in one.wrong
            if np.any(one.right[name])
        ]
    unit = float(np.finfo(np.float32).eps) / 2
    finite = [size for size in sizes if np.isfinite(size)]
    typical = float(np.median(finite)) if finite else 0.0
    if not (1e-2 * unit <= typical <= 1e3 * unit):
        return
    single = [(one, bound) for one in wrong if (bound := _in_float32(one))]
    inside = bool(single) and all(
        np.all(np.abs(one.got[name] - one.right[name]) <= ROOM * bound[name])
        for one, bound in single
        for name in one.wrong
    )
    usual = len(single) >= MOSTLY * sum(_in_float32(one) is not None for one in evidence)
    if short and inside:
        yield f"{names_of(wrong, evidence)}: entries are of float32 alone, computed or kept in single precision."
    elif inside and usual and _mixed(wrong) and typical >= unit / 4:
        yield (
            f"{names_of(wrong, evidence)}: the errors have both signs and are within what float32 rounds; something "
            "before may run in single precision."
        )


def _mixed(wrong: Sequence[Evidence]) -> bool:
    """Whether errors have both signs, as those of rounding have."""
    with np.errstate(all="ignore"):
        each = [np.sign((one.got[name] - one.right[name]) * one.right[name]) for one in wrong for name in one.wrong]
    signs = np.concatenate([np.ravel(sign) for sign in each])
    signs = signs[signs != 0]
    return bool(signs.size and 1 - MOSTLY <= np.mean(signs > 0) <= MOSTLY)


def _in_float32(one: Evidence) -> Gradients | None:
    """The bounds of float32 at the network; None where it cannot decide, or its range is too short."""
    sizes = np.concatenate([np.abs(array).ravel() for array in (*one.net.numbers.values(), *one.right.values())])
    limits = np.finfo(np.float32)
    if np.any(sizes > np.sqrt(limits.max)) or np.any(sizes[sizes > 0] < np.sqrt(limits.tiny)):
        return None
    try:
        return Reference.of(one.net, dtype=np.float32)[0].bounds
    except Undecided:
        return None


FACTORS: Mapping[str, Callable[[int, int], float]] = {
    "1/T": lambda T, B: 1 / T,
    "1/B": lambda T, B: 1 / B,
    "1/(T B)": lambda T, B: 1 / (T * B),
    "T": lambda T, B: T,
    "B": lambda T, B: B,
    "T B": lambda T, B: T * B,
}
SAID = {0.5: "half (1/2 times)", 2.0: "twice (2 times)", -1.0: "the negative (−1 times)"}


def _factors(evidence: Sequence[Evidence], wrong: Sequence[Evidence]) -> Iterator[str]:
    """One factor of all that is wrong: of the sizes, or the same everywhere; among them 0."""
    names = wrong_names(wrong)

    def times(factor: Callable[[int, int], float]) -> Prediction:
        def predict(one: Evidence) -> Gradients:
            T, B, *_ = one.net.sizes
            return {name: g * factor(T, B) if name in names else g for name, g in one.right.items()}

        return predict

    one_alone = len(names) == 1
    what = names_of(wrong, evidence) + (" is" if one_alone or len(names) == len(wrong[0].got) else " are")
    if holds(evidence, times(lambda T, B: 0.0)):
        yield f"{what} 0 at every network."
        return
    for words, factor in FACTORS.items():
        if holds(evidence, times(factor)):
            yield f"{what} {words} times the right one at every network."
            return
    value = _ratio(wrong[0], names)
    if value is not None and holds(evidence, times(lambda T, B: value)):
        yield f"{what} {SAID.get(value, f'{value:.12g} times')} the right one at every network, whatever T and B are."


def _ratio(one: Evidence, names: Sequence[str]) -> float | None:
    """Got ÷ right at the largest entry, as a simple fraction if it is near one."""
    name = next(name for name in names if name in one.wrong)
    place = np.unravel_index(int(np.argmax(np.abs(one.right[name]))), one.right[name].shape)
    if not one.right[name][place]:
        return None
    value = float(one.got[name][place] / one.right[name][place])
    if not np.isfinite(value):
        return None
    simple = float(Fraction(value).limit_denominator(64))
    return simple if abs(simple - value) <= 1e-12 * abs(value) else value


def _exchanges(evidence: Sequence[Evidence], wrong: Sequence[Evidence]) -> Iterator[str]:
    """A gradient transposed, symmetric, or that of another parameter."""
    for name in wrong_names(wrong):
        others = [other for other in wrong[0].got if other != name]

        candidates: dict[str, Callable[[Gradients], Array]] = {
            f"∂L/∂{name} is transposed": partial(_transposed, name),
            f"∂L/∂{name} is made symmetric": partial(_symmetric, name),
            **{f"∂L/∂{name} is what ∂L/∂{other} should be": itemgetter(other) for other in others},
        }
        for words, make in candidates.items():
            same = [one for one in evidence if _fits(make, one, name)]
            told = any(name in one.wrong for one in same)
            if told and holds(same, _instead(name, make), _either(name, make)):
                yield f"{words}."


def _transposed(name: str, right: Gradients) -> Array:
    return right[name].T


def _symmetric(name: str, right: Gradients) -> Array:
    return np.asarray((right[name] + right[name].T) / 2)


def _instead(name: str, make: Callable[[Gradients], Array]) -> Prediction:
    def predict(one: Evidence) -> Gradients:
        return {**one.right, name: make(one.right)}

    return predict


def _either(name: str, make: Callable[[Gradients], Array]) -> Prediction:
    """The bounds on this gradient and on what is there instead of it, added up."""

    def within(one: Evidence) -> Gradients:
        return {**one.bounds, name: one.bounds[name] + make(one.bounds)}

    return within


def _fits(make: Callable[[Gradients], Array], one: Evidence, name: str) -> bool:
    """Whether what is made of the right gradients has the shape of this one."""
    try:
        return bool(make(one.right).shape == one.got[name].shape)
    except ValueError:
        return False


def _limits(evidence: Sequence[Evidence], wrong: Sequence[Evidence]) -> Iterator[str]:
    """A common threshold: by the norm of all gradients, or entry by entry."""
    with np.errstate(all="ignore"):
        norm = _norm(wrong[0].got)
        largest = max(float(np.max(np.abs(g), initial=0)) for g in wrong[0].got.values())

    def by_norm(one: Evidence) -> Gradients:
        size = _norm(one.right)
        return {name: g * min(1.0, norm / size) if size else g for name, g in one.right.items()}

    def by_value(one: Evidence) -> Gradients:
        return {name: np.clip(g, -largest, largest) for name, g in one.right.items()}

    if np.isfinite(norm) and norm and holds(evidence, by_norm):
        yield f"Every gradient has one factor, such that the norm of all is {norm:.6g}: they are clipped by norm."
    elif np.isfinite(largest) and holds(evidence, by_value):
        yield f"Entries beyond ±{largest:.6g} are cut off there."


def _norm(gradients: Gradients) -> float:
    """The Euclidean norm of all together, without overflow."""
    largest = max((float(np.max(np.abs(g), initial=0)) for g in gradients.values()), default=0.0)
    if not largest or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(sum(np.sum((g / largest) ** 2) for g in gradients.values())))


def _of_losses(evidence: Sequence[Evidence], wrong: Sequence[Evidence]) -> Iterator[str]:
    """The derivative of another known loss."""
    if not all(isinstance(one.net, Net) for one in evidence):
        return
    for words, gradients in other_losses(wrong[0]):
        if holds(evidence, partial(_of_net, gradients)):
            yield f"It differentiates another loss: {words}."


def _of_net(gradients: Callable[[Any], Gradients], one: Evidence) -> Gradients:
    return gradients(one.net)


def _of_the_zoo(evidence: Sequence[Evidence], wrong: Sequence[Evidence]) -> Iterator[str]:
    """The faults of the zoo that do the same."""
    if not all(isinstance(one.net, Net) for one in evidence):
        return
    recipes = {name: fault for name, fault in FAULTS.items() if isinstance(fault.recipe, Recipe)}
    found = [
        f"{name!r} ({fault.what.rstrip('.')})"
        for name, fault in recipes.items()
        if holds(evidence, partial(_of_net, partial(recipe_gradients, fault.recipe)))
    ]
    if found:
        yield f"It looks like the fault {' or '.join(found)}."


BESIDE_1 = 64
"""Roundings beside 1 that a step may commit in its activation: some operations of some units in the last place each."""
SMALL = ("small states", "smaller states", "states of every size")
"""Regimes in which an error as large as rounding beside 1 is large beside the states."""


def _cancellation(evidence: Sequence[Evidence], wrong: Sequence[Evidence]) -> Iterator[str]:
    """Errors as large as rounding beside 1, where the states are smaller: an activation in which something cancels."""
    if not any(one.where in SMALL for one in wrong):
        return
    unit = float(np.finfo(np.float64).eps)
    for one in (one for one in wrong if all(np.all(np.isfinite(g)) for g in one.got.values())):
        states = float(np.max(np.abs(one.reference.states()), initial=0))
        for name in one.wrong:
            size = np.max(np.abs(one.right[name]), initial=0)
            scale = size / min(states, 1.0) if states else 0.0
            if not np.all(
                np.abs(one.got[name] - one.right[name]) <= BESIDE_1 * one.net.steps * unit * max(scale, size)
            ):
                return
    yield (
        "The errors are what rounding beside 1 makes, and the states are smaller: something cancels in the activation, "
        "as in (e^(2a) - 1)/(e^(2a) + 1) for tanh(a)."
    )
