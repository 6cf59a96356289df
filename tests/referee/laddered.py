"""The ladder of `gradcheck` for a subject that is named in a command: at networks with the settings that it has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from backproof.referee.answers import NoGradient, NothingChecked
from backproof.referee.asking import Network
from backproof.referee.climbing import Climb
from backproof.referee.fitting import SubjectError
from backproof.referee.regimes import SHAPES, Freedom, regime
from backproof.referee.watching import WrongGradient
from backproof.theory.arithmetic import Undecided
from backproof.theory.nets.network import DEFAULTS
from backproof.theory.nets.networks import net

SECONDS = 10.0
"""How long the ladder of one setting may take in a command; those of NumPy code take a fraction of one."""

SETTINGS = (
    DEFAULTS,
    {"activation": "sigmoid", "loss": "squared_error", "reduction": "mean"},
    {"activation": "relu", "loss": "cross_entropy", "reduction": "mean"},
)
"""What is asked of a subject that computes them all."""


@dataclass(frozen=True, kw_only=True)
class Laddered:
    """Whether gradients and loss are right at every network of the ladder; what was looked at, or what is wrong."""

    passes: bool
    says: tuple[str, ...]


def laddered(subject: Any, seed: int = 0) -> Laddered | None:
    """The ladder of a loaded subject, one for each setting; None if it offers no gradients.

    What is found out about it on the way, that it looks up indices of words or keeps vectors as columns, is kept for
    the rest of the run.
    """
    if not callable(getattr(subject, "gradients", None)):
        return None
    says: list[str] = []
    for network in _networks(subject):
        try:
            dtype = getattr(subject, "dtype", None) or "float64"
            climb = Climb(subject, network, dtype=dtype, freedom=_freedom(subject), seed=seed, loaded=True)
            says += str(climb.run(time.perf_counter(), SECONDS)).splitlines()
        except (WrongGradient, NothingChecked, SubjectError, NoGradient, Undecided) as wrong:
            return Laddered(passes=False, says=(*says, *str(wrong).splitlines()))
        climb.tell(subject)
    return Laddered(passes=True, says=tuple(says))


def _networks(subject: Any) -> Iterator[Network]:
    """One of words for each setting, without what the subject does not have."""
    offers = getattr(subject, "offers", {})
    for settings in SETTINGS if not offers else [{name: values[0] for name, values in offers.items()}]:
        found = regime("tokens, one of them twice", net(W=[[1]], inputs=[[1]], **(DEFAULTS | settings)))
        yield found.with_(**{name: 0 * found.parameters[name] for name in getattr(subject, "without", ())})


def _freedom(subject: Any) -> Freedom:
    """The word ``shapes`` beside the subject's functions, as `gradcheck` takes it."""
    said = getattr(subject, "shapes", "free")
    chosen = SHAPES.get(said, SHAPES["free"]) if isinstance(said, str) else SHAPES["free"]
    return replace(chosen, denormals=getattr(subject, "denormals", True) is not False)
