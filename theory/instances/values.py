"""Instances that are no nets: exact values for the symbols of a statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sympy import MatrixSymbol, Symbol

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation import Environment
from backproof.theory.language.display import Displayed, matrix
from backproof.theory.language.notation import At
from backproof.theory.language.typeset import tex
from backproof.theory.language.validation import kind_of, number_rows, shown
from backproof.theory.language.validation import number as checked_number
from backproof.theory.language.written import call


def evaluated(values: Mapping[Any, Any], arithmetic: Arithmetic) -> dict[Any, Any]:
    """The values in an arithmetic: matrices and scalars; integers stay what they are, since they count or index."""
    found = {}
    for symbol, value in values.items():
        if isinstance(symbol, MatrixSymbol | At):
            found[symbol] = arithmetic.matrix(value)
        else:
            found[symbol] = value if symbol.is_integer else arithmetic.number(value)
    return found


def check_values(values: Any) -> None:
    """Refuse what is no mapping from symbols to numbers or, for matrices and columns, to rows of numbers.

    Raises
    ------
    TypeError, ValueError
        For what is wrong; the message names the symbol.
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"values must be a mapping from symbols to numbers and rows, got {kind_of(values)}")
    for symbol, value in values.items():
        if isinstance(symbol, MatrixSymbol | At):
            number_rows(f"values[{symbol}]", value)
        elif not isinstance(symbol, Symbol):
            raise TypeError(f"values: a symbol was expected, got {shown(symbol)}")
        elif checked_number(f"values[{symbol}]", value) and symbol.is_integer and value != int(value):
            raise ValueError(f"values[{symbol}] must be an integer, got {shown(value)}")


class Case(dict[Any, Any], Displayed):
    """Values for symbols: numbers for scalars, nested rows for matrices; sizes follow from the shapes.

    Floats and Fractions are taken exactly. ``Case({A: [[0, 2], [0, 0]], k: 2})``. The mapping holds the sizes, too;
    ``given`` holds what was given alone.

    Raises
    ------
    ValueError
        If two shapes disagree about a size, or a shape with a size that was given; for rows of different lengths, and
        numbers that are not finite.
    TypeError
        For what is no symbol, or no number.
    """

    def __init__(self, values: Mapping[Any, Any]) -> None:
        check_values(values)
        super().__init__(values)
        self.given: dict[Any, Any] = dict(values.given if isinstance(values, Case) else values)
        for symbol, value in values.items():
            if isinstance(symbol, MatrixSymbol | At):
                self._take_sizes(symbol, value)

    def _take_sizes(self, symbol: Any, value: Any) -> None:
        found = (len(value), len(value[0]))
        for size, number in zip(symbol.shape, found, strict=True):
            if isinstance(size, Symbol) and self.setdefault(size, number) != number:
                raise ValueError(f"{symbol} is {found[0]} by {found[1]}, but {size} is {self[size]} elsewhere")

    def with_(self, values: Mapping[Any, Any]) -> Case:
        """The case with some values changed or added; sizes follow anew."""
        return Case({**self.given, **values})

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """A single environment, since every symbol has one value."""
        yield Environment(evaluated(self, arithmetic))

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """Symbol and value of what was given."""
        return tuple(f"{tex(symbol)} = {matrix(value)}" for symbol, value in self.given.items())

    def __repr__(self) -> str:
        """The call that builds it again: what was given, and not the sizes that follow from it."""
        return call("Case", self.given)
