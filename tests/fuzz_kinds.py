"""Kinds of arguments: how to make a right one, and whether another value would make sense in its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Kind:
    """An argument: how to make a right one, what else makes sense, and its parts by key, if it holds some."""

    right: Callable[[], Any]
    sane: Callable[[Any], bool]
    parts: Mapping[Any, Kind] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A public function with the kinds of its arguments, all passed by name.

    `also` are words that may stand for any of them. `together` says of all arguments whether they make sense, where
    each alone does not tell.
    """

    name: str
    call: Callable[..., Any]
    kinds: Mapping[str, Kind]
    also: tuple[str, ...] = ()
    together: Callable[[Mapping[str, Any]], bool] | None = None


def plain(value: Any) -> bool:
    """Whether it is a Python or a NumPy number, and no boolean."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def integer(right: int, least: int = 1, most: float = math.inf) -> Kind:
    """An integer within bounds."""
    whole = (int, np.integer)
    return Kind(right=lambda: right, sane=lambda v: isinstance(v, whole) and plain(v) and least <= v <= most)


def number(right: float, low: float = 0, high: float = math.inf, *, ends: tuple[bool, bool] = (False, False)) -> Kind:
    """A real number between two, of which `ends` says whether they count."""

    def sane(v: Any) -> bool:
        real = plain(v) or isinstance(v, Fraction)
        return real and (low < v < high or (ends[0] and v == low) or (ends[1] and v == high))

    return Kind(right=lambda: right, sane=sane)


def choice(right: Any, options: Any) -> Kind:
    """One of some names."""
    return Kind(right=lambda: right, sane=lambda v: isinstance(v, str) and v in options)


def flag(right: bool = True) -> Kind:
    """True or False."""
    return Kind(right=lambda: right, sane=lambda v: isinstance(v, bool | np.bool_))


def text(right: str, *, empty: bool = True) -> Kind:
    """A string."""
    return Kind(right=lambda: right, sane=lambda v: isinstance(v, str) and bool(empty or v.strip()))


def instance(right: Any, *types: type, where: Callable[[Any], bool] = lambda v: True) -> Kind:
    """An object of one of these types, by default that of the right one."""
    kinds = types or (type(right),)
    return Kind(right=lambda: right, sane=lambda v: isinstance(v, kinds) and not isinstance(v, bool) and where(v))


def function(right: Any) -> Kind:
    """Something to call."""
    return Kind(right=lambda: right, sane=callable)


def optional(kind: Kind) -> Kind:
    """The same, or None."""
    return Kind(right=kind.right, sane=lambda v: v is None or kind.sane(v), parts=kind.parts)


def anything(right: Any) -> Kind:
    """Whatever it is: nothing is nonsense there."""
    return Kind(right=lambda: right, sane=always)


def always(_: Any) -> bool:
    """Nothing is nonsense."""
    return True


def clean(value: Any) -> bool:
    """Whether it is an array as NumPy has them, and no masked one."""
    return isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray)


def array(right: Any, shapes: Callable[[tuple[int, ...]], bool] | None = None, kinds: str = "") -> Kind:
    """An array of finite floats, of the right one's dtype and shape, or of those for which a function says so."""
    made = np.asarray(right)

    def sane(v: Any) -> bool:
        if not clean(v) or (v.dtype.kind not in kinds if kinds else v.dtype != made.dtype):
            return False
        return bool((shapes(v.shape) if shapes else v.shape == made.shape) and np.isfinite(v).all())

    return Kind(right=made.copy, sane=sane)


def classes(right: Any, size: float, least: int = 0) -> Kind:
    """An array of classes below a size."""
    made = np.asarray(right)

    def sane(v: Any) -> bool:
        fits = clean(v) and v.dtype.kind in "iu" and v.shape == made.shape
        return bool(fits and np.all((v >= least) & (v < size)))

    return Kind(right=made.copy, sane=sane)


def rows(
    right: Any, *others: tuple[int, ...], whole: bool = False, most: float = math.inf, least: float = -9e9
) -> Kind:
    """Nested lists of finite numbers, or an array, of the right one's shape or another that would do."""
    shapes = (np.shape(right), *others)

    def sane(v: Any) -> bool:
        if isinstance(v, np.ma.MaskedArray) or not isinstance(v, np.ndarray | list | tuple | int | float | np.number):
            return False
        try:
            made = np.asarray(v)
        except ValueError:
            return False
        if made.dtype.kind not in ("iu" if whole else "iuf") or made.shape not in shapes or _boolean(v):
            return False
        return bool(np.isfinite(made).all() and np.all((made >= least) & (made <= most)))

    return Kind(right=lambda: [*right] if isinstance(right, list) else right, sane=sane)


def _boolean(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_boolean, value))
    return isinstance(value, bool | np.bool_)


def mapping(parts: Mapping[Any, Kind], left_out: Sequence[Any] = (), *, others: Kind | None = None) -> Kind:
    """A mapping with these keys, of which some may be left out; others as well, if they have a kind."""

    def sane(v: Any) -> bool:
        if not isinstance(v, Mapping) or any(key not in v for key in parts if key not in left_out):
            return False
        known = [(parts.get(key, others), value) for key, value in v.items()]
        return all(kind is not None and kind.sane(value) for kind, value in known)

    return Kind(right=lambda: {key: kind.right() for key, kind in parts.items()}, sane=sane, parts=parts)


def several(of: Kind, *rights: Any, least: int = 0, most: float = math.inf, made: Callable[..., Any] = list) -> Kind:
    """A sequence of things of one kind."""

    def sane(v: Any) -> bool:
        return isinstance(v, list | tuple) and least <= len(v) <= most and all(map(of.sane, v))

    parts = {i: Kind(right=lambda right=right: right, sane=of.sane) for i, right in enumerate(rights)}
    return Kind(right=lambda: made(rights), sane=sane, parts=parts)
