"""Whether `gradcheck` says rightly what is wrong: for the faults of the zoo, and for those that cells invite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from backproof.referee.answers import NothingChecked
from backproof.referee.cellcheck import by_equations, looks_like
from backproof.referee.comparison.catching import Progress, Table
from backproof.referee.fitting import SubjectError
from backproof.referee.gradcheck import gradcheck
from backproof.referee.laddered import laddered
from backproof.referee.subjects import load_subject
from backproof.referee.watching import WrongGradient
from backproof.referee.zoo.bptt import Recipe
from backproof.referee.zoo.registry import FAULTS
from backproof.theory.arithmetic import Undecided
from backproof.theory.cells import cell_names, cell_of
from backproof.theory.nets.faults import faults
from backproof.theory.nets.layers import Layers, alone

OF_A_CELL = 12
"""So many faults of each cell are planted, spread over all of them."""

NAMED = ("rightly", "by what it does", "wrongly", "not at all", "not caught")
"""What becomes of a fault: its name is among those that are said; a factor, a threshold, a precision or another loss is
said that predicts every gradient at every network; only other names are; nothing is; or it is not seen."""

DOES = (
    *("times the right one", " 0 at every network", "should be.", "transposed.", "symmetric.", "cut off", "clipped by"),
    *("another loss:", "single precision", "cancels in the activation"),
)


def naming(
    *,
    subject: str = "impl",
    faults_of_zoo: Iterable[str] = tuple(FAULTS),
    cells: Iterable[str] | None = None,
    progress: Progress = lambda _: None,
) -> Table:
    """How often each kind of `NAMED` came, for the zoo and by cell; ``zoo_faults`` has it for each fault."""
    zoo = dict(_of_the_zoo(load_subject(subject), faults_of_zoo, progress))
    by_cell = {name: _of_a_cell(name, progress) for name in (cell_names() if cells is None else cells)}
    return {"kinds": list(NAMED), "zoo_faults": zoo, "zoo": _counted(zoo.values()), "cells": by_cell}


def _counted(kinds: Iterable[str]) -> dict[str, int]:
    found = Counter(kinds)
    return {kind: found[kind] for kind in NAMED}


def _of_the_zoo(right: Any, names: Iterable[str], progress: Progress) -> Iterator[tuple[str, str]]:
    for name, fault in ((name, FAULTS[name]) for name in names):
        if isinstance(fault.recipe, Recipe):
            progress(f"naming {name}")
            found = laddered(fault.apply(right))
            said = "" if found is None or found.passes else "\n".join(found.says)
            yield name, _kind(said, repr(name), "It looks like the fault")


def _kind(said: str, name: str, looks: str) -> str:
    if not said:
        return "not caught"
    if name in said:
        return "rightly"
    if any(words in said for words in DOES):
        return "by what it does"
    return "wrongly" if looks in said else "not at all"


def _of_a_cell(name: str, progress: Progress) -> dict[str, int]:
    progress(f"naming faults of {name}")
    cell = cell_of(name)
    every = list(faults(cell))
    chosen = islice(every, 0, None, max(len(every) // OF_A_CELL, 1))
    return _counted(_said_of(by_equations(faulty), alone(cell), faulty.what) for faulty in chosen)


def _said_of(code: Callable[..., Any], of: Layers, what: str) -> str:
    try:
        gradcheck(code, of)
    except (WrongGradient, NothingChecked, SubjectError, Undecided) as wrong:
        return _kind(str(wrong), looks_like(what), "It looks like")
    return "not caught"
