"""Where the times in an expression stand: indices of sequences and derivatives, and limits of sums over steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import MatrixSymbol, Product, Sum

from backproof.theory.language.nodes import (
    Carried,
    Contribution,
    CopyGradient,
    Immediate,
    Sensitivity,
    StateJacobian,
    StepLossGradient,
    StepSum,
    TimeProduct,
    TimeSum,
    TruncatedGradient,
)
from backproof.theory.language.notation import At

Path = tuple[int, ...]
"""Which argument, of that which argument, and so on."""

TIMES: dict[type, tuple[Path, ...]] = {
    At: ((1,),),
    StateJacobian: ((0,), (1,)),
    StepLossGradient: ((1,),),
    CopyGradient: ((1,),),
    Contribution: ((1,), (2,)),
    Sensitivity: ((1,),),
    Immediate: ((1,),),
    TruncatedGradient: ((1,),),
    TimeSum: ((2,), (3,)),
    TimeProduct: ((2,), (3,)),
    StepSum: ((2,), (3,)),
    Carried: ((3,), (4,)),
    Sum: ((1, 1), (1, 2)),
    Product: ((1, 1), (1, 2)),
}


def places_of_times(expression: Any, path: Path = ()) -> Iterator[Path]:
    """The path to each time in an expression."""
    for inner in TIMES.get(type(expression), ()):
        yield (*path, *inner)
    if not isinstance(expression, MatrixSymbol):  # its sizes are part of its name
        for place, part in enumerate(getattr(expression, "args", ())):
            yield from places_of_times(part, (*path, place))


def at(expression: Any, path: Path) -> Any:
    """What stands at the end of a path."""
    for place in path:
        expression = expression.args[place]
    return expression


def times_in(expression: Any) -> frozenset[Any]:
    """The times that an expression speaks of."""
    return frozenset(at(expression, path) for path in places_of_times(expression))
