"""What symbols stand for, and expressions turned into nested calls, once each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, singledispatch
from typing import Any

from sympy import Integer, Lambda, MatrixSymbol, Symbol, lambdify

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.language.nodes import DERIVATIVES, OpenFunction
from backproof.theory.language.notation import At

Evaluator = Callable[[Arithmetic, Any], Any]


class Environment(dict[Any, Any]):
    """The value of each symbol, and ``activation`` for φ, φ′ and φ″. Sizes and times are Python integers."""

    def __init__(self, values: Mapping[Any, Any], activation: Any = None) -> None:
        super().__init__(values)
        self.activation = activation

    def __missing__(self, key: Any) -> Any:
        """A quantity at a time, ``u[t]``, where its value at the number of that time is given, ``u[3]``."""
        exact = None if not isinstance(key, At) else self.given_at(key, self.integer(key.time))
        if exact is None:
            raise KeyError(key)
        return exact

    def given_at(self, quantity: At, time: int) -> Any:
        """The value that is given for a quantity at the number of a time; None if there is none."""
        return self.get(interned(At(quantity.args[0], time)))

    def integer(self, expression: Any) -> int:
        """A size or a time as an integer.

        Raises
        ------
        KeyError
            If a symbol in it has no value.
        """
        if isinstance(expression, int | Integer):
            return int(expression)
        symbols, value = _integer(expression)
        return int(value(*(self[symbol] for symbol in symbols)))

    def bound(self, index: Symbol, value: int) -> Environment:
        """The same environment with a time index set; `Timed` environments look quantities up by it."""
        inner = self.copy()
        inner[index] = value
        return inner

    def copy(self) -> Environment:
        """A shallow copy of the same kind."""
        return type(self)(self, self.activation)

    def function(self, function: Lambda) -> Lambda:
        """An elementwise function with φ and its derivatives replaced by this environment's activation."""
        head = function.expr
        if not isinstance(head, OpenFunction):
            return function
        if self.activation is None:
            raise KeyError(f"the expression uses {type(head).__name__}, but no activation is given")
        return self.activation.derivatives[DERIVATIVES.index(type(head))]


@lru_cache(maxsize=4096)
def interned(symbol: Any) -> Any:
    """One object for equal symbols: the first that was asked for.

    Environments are looked up by symbols at every node of every step. Python's dictionaries try identity before
    equality, so a key that is the very same object skips SymPy's slow ``==``.
    """
    return symbol


@lru_cache(maxsize=1024)
def _integer(expression: Any) -> tuple[tuple[Symbol, ...], Callable[..., Any]]:
    """An expression in sizes and times as a Python function of its symbols."""
    symbols = tuple(expression.free_symbols)
    return symbols, lambdify(symbols, expression, modules="math")


def evaluate(expression: Any, arithmetic: Arithmetic, environment: Environment) -> Any:
    """The value of a matrix or scalar expression.

    Raises
    ------
    KeyError
        If a symbol has no value.
    NotOffered, Undecided
        If the arithmetic lacks a function, or cannot settle a comparison.
    TypeError
        For a kind of node that has no value.
    """
    return compiled(expression)(arithmetic, environment)


@lru_cache(maxsize=4096)
def compiled(expression: Any) -> Evaluator:
    """The expression as nested calls, built once."""
    return evaluator(expression)


@singledispatch
def evaluator(expression: Any) -> Evaluator:
    """The call for a kind of node; what has none of its own is looked up as it stands."""
    return lambda _, env: env[expression]


@evaluator.register(Symbol)
@evaluator.register(MatrixSymbol)
@evaluator.register(At)
def _symbol(expression: Any) -> Evaluator:
    key = interned(expression)
    return lambda _, env: env[key]
