"""Recurrent cells as their papers and libraries write them, a file each; which convention is meant is said there."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from backproof.theory.nets.cells import Cell


def cell_names() -> tuple[str, ...]:
    """The names of the files, in order."""
    return tuple(sorted(found.name for found in iter_modules(__path__)))


@cache
def cell_of(name: str) -> Cell:
    """The cell of a file.

    Raises
    ------
    KeyError
        If there is no such file.
    """
    if name not in cell_names():
        raise KeyError(name)
    found: Cell = import_module(f"{__name__}.{name}").CELL
    return found
