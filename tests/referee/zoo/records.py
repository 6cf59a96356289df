"""What a fault is, and a subject that has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from backproof.theory.confronting.subject import Lacks

NOT_FOUND = "plausible slip; no public instance found"


class Faulty:
    """A subject with some functions replaced; everything else is the subject's own, and what it lacks stays lacking."""

    def __init__(self, subject: Any, replaced: Mapping[str, Callable[..., Any]]) -> None:
        self._subject = subject
        self.replaced = {name: function for name, function in replaced.items() if hasattr(subject, name)}
        if not self.replaced:
            raise Lacks(" or ".join(replaced))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # copying and pickling ask before there is anything to delegate to
            raise AttributeError(name)
        return self.replaced[name] if name in self.replaced else getattr(self._subject, name)


Replacements = Callable[[Any], Mapping[str, Callable[..., Any]]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fault:
    """A small change to a right implementation.

    ``what`` says what is done instead; ``known_from`` where such a bug is known from, or that no instance was found;
    ``hides`` where it is hard to see; ``caught_by`` the theorem or check that must catch it. ``replaces`` gives the
    wrong functions for a subject. ``loss_agrees``: the wrong gradient is the derivative of the wrong loss, so that no
    comparison of the two can see it. ``recipe`` is what is done otherwise on the way through an Elman net.
    """

    name: str
    family: str
    what: str
    known_from: str
    hides: str
    caught_by: str
    replaces: Replacements = field(repr=False)
    loss_agrees: bool = False
    recipe: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for text in ("name", "family", "what", "known_from", "hides", "caught_by"):
            if not getattr(self, text).strip():
                raise TypeError(f"the fault {self.name!r} says nothing in {text!r}")

    def apply(self, subject: Any) -> Faulty:
        """The subject with this fault.

        Raises
        ------
        Lacks
            If the subject offers none of the functions that the fault changes.
        """
        return Faulty(subject, self.replaces(subject))


def fault_of(*, family: str, function: str, wrong: Callable[..., Any], **texts: str) -> Fault:
    """A fault that puts one wrong function in the place of a subject's; ``texts`` are the other fields of `Fault`."""
    return Fault(family=family, replaces=lambda subject: {function: wrong}, **texts)  # type: ignore[arg-type]


def faults_of(family: str, right: Callable[..., Any]) -> Callable[..., Fault]:
    """What makes faults of one function of a subject, each from the texts of `Fault` and what it does otherwise.

    ``right`` has the name of the subject's function, and a keyword for each choice in it.
    """

    def fault(*, name: str, what: str, known_from: str, hides: str, caught_by: str, **changes: Any) -> Fault:
        texts = {"name": name, "what": what, "known_from": known_from, "hides": hides, "caught_by": caught_by}
        return fault_of(family=family, function=right.__name__, wrong=partial(right, **changes), **texts)

    return fault
