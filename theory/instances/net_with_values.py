"""A net together with values for symbols that a net itself does not give: bounds, windows, rates, bases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation import Environment
from backproof.theory.instances.values import Case, evaluated
from backproof.theory.language.display import Displayed, matrix
from backproof.theory.language.typeset import tex
from backproof.theory.language.validation import kind_of
from backproof.theory.language.written import construction
from backproof.theory.nets.network import Network


@dataclass(frozen=True, eq=False, repr=False)
class NetWithValues(Displayed):
    """A net and the values of further symbols, each meant exactly.

    ``net`` is an Elman net or a gated one; ``values`` maps a symbol to a number, or a matrix symbol to nested rows. A
    subclass adds what a symbol's value alone does not say: it extends the environments, and its own fields are
    keyword-only.
    """

    net: Any
    values: Mapping[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.net, Network):
            raise TypeError(f"net must be a net, as net and gated make one, got {kind_of(self.net)}")
        Case(self.values)

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """The net's environments, each with the further values added."""
        for environment in self.net.environments(arithmetic, statement):
            environment |= evaluated(self.values, arithmetic)
            yield environment

    @property
    def in_words(self) -> str:
        """Kind and sizes of the net."""
        return str(self.net.in_words)

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """The further values, then the net's arrays."""
        return (*(f"{tex(symbol)} = {matrix(v)}" for symbol, v in self.values.items()), *self.net.in_formulas)

    def __repr__(self) -> str:
        """The call that builds it again."""
        return construction(self)
