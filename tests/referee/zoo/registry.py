"""Every fault by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from backproof.referee.zoo import accounting_faults, clipping, gated_faults, initialisers, recursion_faults, tools
from backproof.referee.zoo.records import Fault, Faulty
from backproof.theory.language.suggest import did_you_mean

_FAMILIES = (recursion_faults, accounting_faults, gated_faults, clipping, initialisers, tools)
_ALL: tuple[Fault, ...] = tuple(fault for family in _FAMILIES for fault in family.FAULTS)

FAULTS: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in _ALL})
"""The faults in the order of their families."""

if len(FAULTS) != len(_ALL):
    raise TypeError("two faults share a name")


class UnknownFault(KeyError):
    """There is no fault of that name."""

    def __str__(self) -> str:
        """Without the quotes of a KeyError."""
        return str(self.args[0])


def apply(name: str, subject: Any) -> Faulty:
    """The subject with the fault of that name; what the fault does not touch is the subject's own.

    Raises
    ------
    UnknownFault
        If there is none.
    Lacks
        If the subject offers none of the functions that the fault changes.
    """
    if name not in FAULTS:
        raise UnknownFault(f"no fault is called {name!r}{did_you_mean(name, FAULTS)}")
    return FAULTS[name].apply(subject)
