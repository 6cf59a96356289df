"""What `backproof check` does with a file of cells: climb the ladder with its code, another's, or a planted fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from backproof.referee.cellcheck import Gradients, by_equations, climbed
from backproof.referee.cellladder import ladder
from backproof.referee.othercells import other_cells
from backproof.referee.subjects import SubjectError, load_object
from backproof.theory.language.suggest import did_you_mean
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.layers import Layers, alone, layered_faults
from backproof.theory.records.records import Theorem

Heard = Callable[[str], None]


def nets_in(module: ModuleType) -> dict[str, Cell | Layers]:
    """The cells and nets of layers of a module, by their names in it; none where it defines theorems."""
    values = vars(module)
    if any(isinstance(value, Theorem) for value in values.values()):
        return {}
    return {name: value for name, value in values.items() if isinstance(value, Cell | Layers)}


def faults_of(net: Cell | Layers) -> Iterator[Layers]:
    """Every fault that a cell or a net of layers invites."""
    return layered_faults(alone(net) if isinstance(net, Cell) else net)


def checked(module: ModuleType, subject: str | None, fault: str | None, seed: int, heard: Heard) -> dict[str, Any]:
    """The nets of a module, each with what was found at every rung; ``heard`` gets a line for each.

    Under test is ``subject``, a function of a file or module, or else the module's own ``gradients``; with ``fault``
    the equations with that fault, in float64.

    Raises
    ------
    SubjectError
        If the module has no code to check and none is named, or there is no such fault.
    """
    code = {name: (net, _under_test(module, net, subject, fault)) for name, net in nets_in(module).items()}
    return {name: _climbed(name, *tried, seed, heard) for name, tried in code.items()}


def stands(found: dict[str, Any]) -> bool:
    """Whether nothing was wrong, and something was decided for each net."""
    return all(
        not any(rung["wrong"] for rung in rungs) and any(rung["wrong"] is not None for rung in rungs)
        for rungs in found.values()
    )


def _climbed(name: str, net: Cell | Layers, code: Gradients, seed: int, heard: Heard) -> list[dict[str, Any]]:
    rungs = []
    for rung, run, wrong in climbed(code, net, seed):
        if wrong:
            wrong += other_cells(code, net, (one for _, one in ladder(net, seed)))
        rungs.append({"rung": rung, "run": repr(run), "wrong": wrong})
        verdict = "not decided in float64" if wrong is None else "wrong" if wrong else "right"
        lines = [repr(run), *wrong] if wrong else []
        heard("\n    ".join((f"{name}, {rung}: {verdict}", *lines)))
        if wrong:
            break
    return rungs


def _under_test(module: ModuleType, net: Cell | Layers, subject: str | None, fault: str | None) -> Gradients:
    if fault is not None:
        return _planted(net, fault)
    code: Any = load_object(subject) if subject is not None else getattr(module, "gradients", None)
    if not callable(code):
        raise SubjectError(
            f"{subject or module.__file__}: a cell is checked by a function gradients(params, inputs, upstream, last), "
            "in its file or named by --subject file.py:function; there is none"
        )
    return code  # type: ignore[no-any-return]


def _planted(net: Cell | Layers, fault: str) -> Gradients:
    known = {faulty.what: faulty for faulty in faults_of(net)}
    if fault not in known:
        near = did_you_mean(fault, known) or f"; `backproof derive --faults` lists its {len(known)}"
        raise SubjectError(f"{net.name} has no fault {fault!r}{near}")
    return by_equations(known[fault])
