"""A subject whose functions are watched: a gradient may be right and the function still not fit for use.

It has to leave its arguments as they are, and what it returned once has to stay what it was. What it raises is said to
be its own, and what it prints is printed once, however often it is called.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, redirect_stdout
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.referee.moved import in_one_line
from backproof.referee.subjects import SubjectError

Array = NDArray[Any]
WATCHED = ("loss", "gradients")
ARGUMENTS = ("parameters", "inputs", "targets", "last")


class WrongGradient(AssertionError):
    """A gradient is off by more than rounding can explain; the message says which, where, and what it looks like."""


class Watched:
    """The subject, with ``loss`` and ``gradients`` watched; or a function, which is its own ``gradients``."""

    def __init__(self, own: Any) -> None:
        self._own, self._calls = own, 0
        self._returned: list[tuple[str, Array, Array]] = []
        self.__name__ = getattr(own, "__name__", type(own).__name__)

    def __getattr__(self, name: str) -> Any:
        """What the subject has by this name."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name == "gradients" and callable(self._own) and not hasattr(self._own, name):
            return _Function(self, self._own, name)
        found = getattr(self._own, name)
        return _Function(self, found, name) if name in WATCHED and callable(found) else found

    def called(
        self, name: str, function: Callable[..., Any], args: tuple[Any, ...], settings: Mapping[str, Any]
    ) -> Any:
        """What the function returns.

        Raises
        ------
        SubjectError
            If it raises.
        WrongGradient
            If it changes an argument, or what it returned before.
        """
        before = [(label, array, array.copy()) for label, array in _arrays(args)]
        self._calls += 1
        with nullcontext() if self._calls == 1 else redirect_stdout(io.StringIO()):
            found = _run(name, function, args, settings)
        for label, array, copy in before:
            if not _same(array, copy):
                raise WrongGradient(f"{name} changes its argument {label} in place")
        if [label for label, _ in _arrays(args)] != [label for label, _, _ in before]:
            raise WrongGradient(f"{name} changes its argument parameters: entries come or go")
        for label, array, copy in self._returned:
            if not _same(array, copy):
                raise WrongGradient(f"a call of {name} changes what an earlier one returned: {label} is used again")
        if name == "gradients" and isinstance(found, Mapping):
            arrays = [(f"∂L/∂{key}", value) for key, value in found.items() if isinstance(value, np.ndarray)]
            ours = [array for _, array in _arrays(args)]
            self._returned = [
                (label, array, array.copy())
                for label, array in arrays
                if not any(np.may_share_memory(array, argument) for argument in ours)
            ]
        return found


class _Function:
    """A watched function with the signature of its own."""

    def __init__(self, watched: Watched, function: Callable[..., Any], name: str) -> None:
        self._watched, self._name, self.__wrapped__ = watched, name, function
        self.__name__ = name

    def __call__(self, *args: Any, **settings: Any) -> Any:
        return self._watched.called(self._name, self.__wrapped__, args, settings)


def _run(name: str, function: Callable[..., Any], args: tuple[Any, ...], settings: Any) -> Any:
    try:
        return function(*args, **settings)
    except (Exception, SystemExit) as error:
        raise SubjectError(f"{name} raises {type(error).__name__} ({in_one_line(error)})") from error


def _arrays(args: tuple[Any, ...]) -> Iterator[tuple[str, Array]]:
    for label, value in zip(ARGUMENTS, args, strict=False):
        if isinstance(value, np.ndarray):
            yield label, value
        elif isinstance(value, Mapping):
            yield from ((f"{label}[{key!r}]", part) for key, part in value.items() if isinstance(part, np.ndarray))


def _same(one: Array, other: Array) -> bool:
    """Whether all entries are the same, bit by bit or both NaN."""
    if one.shape != other.shape:
        return False
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))
