"""Exact instances for reading: a setting in words, and one equation for each quantity."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import singledispatch
from typing import Any

import numpy as np
from sympy import latex

from backproof.theory.instances.net_with_values import Bounded
from backproof.theory.instances.values import Case
from backproof.theory.language.typeset import tex
from backproof.theory.nets.networks import Net


@singledispatch
def setting(instance: Any) -> str:
    """What kind of instance it is, in a few words; nothing for a plain assignment of values."""
    return ""


@singledispatch
def equations(instance: Any) -> tuple[str, ...]:
    """The values of its quantities as LaTeX; none for a kind of instance that has no such form."""
    return ()


@setting.register
def _net_setting(instance: Net) -> str:
    steps, batch, units, *_ = instance.sizes
    kind = "linear" if instance.phi.linear else instance.activation
    sizes = [_count(units, "unit"), _count(steps, "step"), *([_count(batch, "sequence")] if batch > 1 else [])]
    return f"A {kind} net: {', '.join(sizes)}"


@equations.register
def _net_equations(instance: Net) -> tuple[str, ...]:
    grouped: dict[Any, tuple[list[str], str]] = {}
    for name, value in _net_quantities(instance):
        shared = value in ("0", "I") or value.startswith("e_")  # equal zeros, identities and classes share a line
        grouped.setdefault(value if shared else name, ([], value))[0].append(name)
    return tuple(" = ".join([*names, value]) for names, value in grouped.values())


def _net_quantities(instance: Net) -> Iterator[tuple[str, str]]:
    """Name and value of every array of a net; classes are unit vectors e_k."""
    steps, batch, *_ = instance.sizes
    for name in ("W", "U", "V"):
        yield name, matrix(getattr(instance, name))
    for name in ("b", "c"):
        yield name, column(getattr(instance, name))
    for s in range(batch):
        mark = f"^{{({s + 1})}}" if batch > 1 else ""
        yield f"h_0{mark}", column(instance.h0[s])
        for t in range(steps):
            yield f"x_{{{t + 1}}}{mark}", column(instance.inputs[t, s])
            target = instance.targets[t, s]
            yield f"y_{{{t + 1}}}{mark}", f"e_{{{int(target) + 1}}}" if instance.charged.classes else column(target)


@equations.register
def _case_equations(instance: Case) -> tuple[str, ...]:
    shown = ((k, v) for k, v in instance.items() if not (getattr(k, "is_integer", False) and str(k) in ("n", "m", "p")))
    return tuple(f"{tex(symbol)} = {matrix(value)}" for symbol, value in shown)


@setting.register
def _bounded_setting(instance: Bounded) -> str:
    return setting(instance.net)


@equations.register
def _bounded_equations(instance: Bounded) -> tuple[str, ...]:
    return (*(f"{tex(k)} = {number(v)}" for k, v in instance.values.items()), *equations(instance.net))


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def column(values: Any) -> str:
    """A vector as a column."""
    return matrix(np.asarray(values, dtype=object).reshape(-1, 1))


def matrix(values: Any) -> str:
    """A matrix, with 0 and I for themselves, or a number."""
    rows = np.atleast_2d(np.asarray(values, dtype=object))
    if rows.shape == (1, 1):
        return number(rows[0, 0])
    if rows.shape[0] == rows.shape[1] and (rows == np.eye(len(rows))).all():
        return "I"
    if not (rows != 0).any():
        return "0"
    lines = (" & ".join(number(value) for value in row) for row in rows)
    return r"\begin{pmatrix}" + r" \\ ".join(lines) + r"\end{pmatrix}"


def number(value: Any) -> str:
    """An integer, a fraction or a decimal with its power of ten."""
    if isinstance(value, Fraction):
        text = rf"\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
        return str(value.numerator) if value.denominator == 1 else ("-" if value < 0 else "") + text
    if not isinstance(value, int | float | np.number):
        return str(latex(value))
    value = float(value)
    if abs(value) < 1e6 and value == int(value):
        return str(int(value))
    mantissa, _, exponent = repr(value).partition("e")
    return mantissa + (rf" \cdot 10^{{{int(exponent)}}}" if exponent else "")
