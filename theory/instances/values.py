"""Instances that are no nets: exact values for the symbols of a statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from sympy import MatrixSymbol, Symbol

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation import Environment
from backproof.theory.evaluation.truth import environments
from backproof.theory.language.notation import At
from backproof.theory.nets.networks import readable


class Case(dict[Any, Any]):
    """Values for symbols: numbers for scalars, nested rows for matrices; sizes follow from the shapes.

    Floats and Fractions are taken exactly. ``Case({A: [[0, 2], [0, 0]], k: 2})``.
    """

    def __init__(self, values: Mapping[Any, Any]) -> None:
        super().__init__(values)
        for symbol, value in values.items():
            if isinstance(symbol, MatrixSymbol | At):
                self._take_sizes(symbol, value)

    def _take_sizes(self, symbol: Any, value: Any) -> None:
        found = (len(value), len(value[0]))
        for size, number in zip(symbol.shape, found, strict=True):
            if isinstance(size, Symbol) and self.setdefault(size, number) != number:
                raise ValueError(f"{symbol} is {found[0]} by {found[1]}, but {size} is {self[size]} elsewhere")

    def __repr__(self) -> str:
        """Symbols and values, sizes left out."""
        shown = {
            str(k): _show(v)
            for k, v in self.items()
            if not (isinstance(k, Symbol) and k.is_integer and k.name in "nmp")
        }
        return ", ".join(f"{name} = {value}" for name, value in shown.items())


def _show(value: Any) -> str:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_show(part) for part in value) + "]"
    return readable(value)


@environments.register
def _case(instance: Case, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
    environment = Environment({})
    for symbol, value in instance.items():
        if isinstance(symbol, MatrixSymbol | At):
            environment[symbol] = arithmetic.matrix(value)
        else:
            environment[symbol] = value if symbol.is_integer else arithmetic.number(value)
    yield environment
