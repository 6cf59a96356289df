"""The search for what is wrong with gradients that are: it asks again, and at other networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from backproof.referee.answers import NoGradient, NothingChecked
from backproof.referee.asking import Only
from backproof.referee.causes import explanations
from backproof.referee.explanation import Evidence
from backproof.referee.localising import first_wrong_step, where_it_starts
from backproof.referee.own_loss import in_single, wrong_loss
from backproof.referee.reference import Reference
from backproof.referee.subjects import SubjectError
from backproof.referee.watching import WrongGradient
from backproof.theory.arithmetic import Undecided
from backproof.theory.nets.networks import Net

TRIES = 12
"""How often a subject is asked again where it was wrong, to see whether its calls differ."""
LONGEST, WIDEST = 100, 100
"""Steps and width of inputs beyond which a regime is not asked for its evidence."""


class Search:
    """What a climb that found something wrong can find out about it."""

    def __init__(self, climb: Any) -> None:  # a `backproof.referee.climbing.Climb`, which imports this module
        self.climb = climb

    def why(self, here: Evidence) -> Iterator[str]:
        """That calls differ; or where it starts, and what explains it."""
        differing = self._calls_differ(here)
        if differing:
            yield differing
            return
        self.climb.find_out()
        self._gather()
        whole, found = explanations(self.climb.evidence)
        start = where_it_starts(self.climb.evidence)
        yield from [start] if start else [] if whole else self._first_step()
        yield from found
        if not found and not self._loss_is_ours():
            yield "Its own loss is another one, too: it differentiates another network or another loss."

    def cause(self) -> list[str]:
        """What is wrong with gradients that are known to be, in sentences; nothing where nothing can be said."""
        self._gather()
        wrong = [one for one in self.climb.evidence if one.wrong]
        return list(self.why(wrong[0])) if wrong else []

    def _calls_differ(self, here: Evidence) -> str:
        """That another call says something else, or the same as at another network before."""
        for _ in range(TRIES):
            try:
                again = self.climb.ask(here.net).gradients
            except (SubjectError, NoGradient, NothingChecked, WrongGradient):
                break
            for name, first in here.got.items():
                with np.errstate(all="ignore"):
                    off = np.abs(first - again[name]) > 2 * _bounds(here, name)
                if np.any(off) or np.any(np.isnan(first) != np.isnan(again[name])):
                    place = np.unravel_index(int(np.argmax(off)), off.shape)
                    return (
                        f"Two calls with the same arguments differ: ∂L/∂{name}[{', '.join(map(str, place))}] is "
                        f"{first[place]:.17g} and then {again[name][place]:.17g}."
                    )
        return self._stale(here)

    def _stale(self, here: Evidence) -> str:
        """That it is right at the first network of some sizes, and wrong at the next, whichever comes first."""
        before = [one for one in self.climb.evidence if one.net.sizes == here.net.sizes and one is not here]
        if not before or before[0].wrong:
            return ""
        first, second = before[0].reference, here.reference
        found = []
        for more, pair in enumerate(((first, second), (second, first)), start=1):
            verdicts = [self.climb.right_at(_longer(reference.net, more)) for reference in pair]
            found.append(verdicts == [True, False])
        if all(found):
            return (
                "It is right at the first network of some sizes and wrong at the next one, whichever comes first: "
                "something is kept from an earlier call."
            )
        return ""

    def _gather(self) -> None:
        """Ask at the other regimes, too, so that an explanation has to hold there."""
        seen = {one.where for one in self.climb.evidence}
        for where, net in self.climb.drawn():
            if where in seen or net.steps > LONGEST or net.inputs.shape[-1] > WIDEST:
                continue
            (reference,) = Reference.of(net, dtype=self.climb.dtype)
            try:
                got = self.climb.ask(net).gradients
                found = zip(got, reference.compare(Only(got)), strict=True)
                wrong = tuple(name for name, each in found if not each.passes)
            except (SubjectError, NoGradient, NothingChecked, WrongGradient, Undecided):
                continue
            self.climb.evidence.append(Evidence(where=where, reference=reference, got=got, wrong=wrong))

    def _first_step(self) -> Iterator[str]:
        """The step from which adjoints are wrong, at the shortest network of some steps at which anything is."""
        if not self.climb.freedom.sizes or not isinstance(self.climb.network, Net):
            return
        long = [one for one in self.climb.evidence if one.wrong and one.net.steps >= 3]
        for one in sorted(long, key=lambda each: each.net.steps)[:2]:
            try:
                found = first_wrong_step(one.net, lambda net: self.climb.ask(net).gradients)
            except (Undecided, SubjectError, NoGradient, NothingChecked, WrongGradient, ArithmeticError):
                continue
            if found:
                yield found
                return

    def _loss_is_ours(self) -> bool:
        for one in self.climb.evidence:
            if one.wrong and self.climb.ask.has_loss(one.net):
                try:
                    got = self.climb.ask.loss(one.net)
                    return not wrong_loss(got, one.reference, self.climb.dtype) or in_single(got, one.net)
                except (SubjectError, WrongGradient, Undecided):
                    return True
        return True


def _bounds(here: Evidence, name: str) -> Any:
    try:
        return here.bounds[name]
    except Undecided:
        return np.full(here.got[name].shape, np.inf)


def _longer(net: Any, more: int) -> Any:
    """The network with its last inputs and targets once more: other sizes, for code that keeps something by size."""
    inputs = np.concatenate([net.inputs, np.repeat(net.inputs[-1:], more, axis=0)])
    targets = np.concatenate([net.targets, np.repeat(net.targets[-1:], more, axis=0)])
    return net.with_(inputs=inputs, targets=targets)
