"""Arguments and fields against their annotations, when a function is called or a record is made.

An annotation says what kind of thing an argument is; what values it may have is for the function to check.
"""

from __future__ import annotations

import dataclasses
import sys
import types
from collections import abc
from collections.abc import Callable
from functools import cache, wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from backproof.theory.language.validation import kind_of

P = ParamSpec("P")
R = TypeVar("R")

NUMBERS: dict[Any, tuple[type, ...]] = {
    bool: (bool, np.bool_),
    int: (int, np.integer),
    float: (float, int, np.floating, np.integer),
}


def as_declared(function: Callable[P, R]) -> Callable[P, R]:
    """The function, whose arguments are checked against their annotations first; TypeError for one that is another."""
    parameters: list[Parameter] = []
    hints: dict[str, Any] = {}
    rest: list[str] = []

    def look() -> None:  # at the first call, when every name that an annotation uses is there
        found = [p for p in signature(function).parameters.values() if p.name != "draw"]
        hints.update(get_type_hints(function, vars(sys.modules[function.__module__])))
        parameters.extend(p for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
        rest.extend(p.name for p in found if p.kind is p.VAR_POSITIONAL)

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if not hints:
            look()
        for place, value in enumerate(args):
            name = parameters[place].name if place < len(parameters) else "".join(rest)
            check_kind(name, value, hints.get(name, Any))
        for name, value in kwargs.items():
            check_kind(name, value, hints.get(name, Any))
        return function(*args, **kwargs)

    return checked


def check_fields(record: Any) -> None:
    """Check each field of a dataclass against its annotation; TypeError for one that is another."""
    kind: Any = type(record)
    for name, hint in fields_of(kind):
        check_kind(name, getattr(record, name), hint)


@cache
def fields_of(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The fields of a dataclass with their annotations."""
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in dataclasses.fields(kind))


def check_kind(name: str, value: Any, hint: Any) -> None:
    """Refuse a value that its annotation does not allow, with a TypeError that names it."""
    if not fits(value, hint):
        raise TypeError(f"{name} must be {in_words(hint)}, got {kind_of(value)}")


def fits(value: Any, hint: Any) -> bool:
    """Whether an annotation allows a value; of one that says nothing of values, it does."""
    if hint is Any:
        return True
    if hint in NUMBERS:
        if hint is float and isinstance(value, int) and value.bit_length() > 1023:  # out of the range of a float
            return False
        return isinstance(value, NUMBERS[hint]) and (hint is bool or not isinstance(value, bool))
    if hint in (None, type(None)):
        return value is None
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in args)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        whole = args[:1] * len(value) if args[-1] is ... else args
        return len(whole) == len(value) and all(map(fits, value, whole))
    if origin is abc.Callable:
        return callable(value)
    kind = origin or hint
    if not isinstance(kind, type) or kind is object:
        return True
    if not _is_a(value, kind) or isinstance(value, np.ma.MaskedArray):
        return False
    if origin is abc.Sequence:
        return not isinstance(value, str | bytes) and all(fits(one, args[0]) for one in value)
    if origin is abc.Mapping:
        return all(fits(key, args[0]) and fits(one, args[1]) for key, one in value.items())
    return True


def _is_a(value: Any, kind: type) -> bool:
    return isinstance(value, kind)


def in_words(hint: Any) -> str:
    """An annotation as a message says it."""
    origin, args = get_origin(hint), get_args(hint)
    if hint in (None, type(None)):
        return "None"
    if origin in (Union, types.UnionType):
        return " or ".join(map(in_words, args))
    if origin is tuple:
        parts = in_words(args[0]) if args[-1] is ... else ", ".join(map(in_words, args))
        return f"a tuple of {parts}"
    if origin in (abc.Sequence, abc.Mapping):
        return f"a {origin.__name__.lower()} of {in_words(args[-1])}"
    if origin is abc.Callable:
        return "a function"
    return str(getattr(origin or hint, "__name__", hint))
