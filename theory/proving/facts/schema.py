"""What a fact is, the register of facts, and the rule that makes an instance of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sympy import MatrixSymbol, Symbol

from backproof.theory.nets.cells import ELMAN, GRU, LSTM
from backproof.theory.proving.equality import alike
from backproof.theory.proving.kernel import Frame, Granted, Line, Proposition, Sequent, rule

OF_CELLS = frozenset(parameter for cell in (ELMAN, LSTM, GRU) for parameter in cell.parameters)
Built = tuple[tuple[Proposition, ...], Proposition]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A schema: ``build`` takes matrices and numbers by name and gives hypotheses and conclusion."""

    name: str
    source: str
    build: Callable[..., Built]


FACTS: dict[str, Fact] = {}


def require(condition: Any, message: str) -> None:
    """What a schema can be said of; anything else is no instance of it.

    Raises
    ------
    ValueError
        If the condition is not certainly true.
    """
    if condition is not True:
        raise ValueError(message)


def fact(name: str, source: str) -> Callable[[Callable[..., Built]], Callable[..., Built]]:
    """Enter a schema into the register."""

    def enter(build: Callable[..., Built]) -> Callable[..., Built]:
        if name in FACTS:
            raise ValueError(f"two facts are called {name!r}")
        FACTS[name] = Fact(name=name, source=source, build=build)
        return build

    return enter


def are_fresh(symbols: Iterable[Any], taken: frozenset[Any]) -> bool:
    """Whether these are distinct symbols, of which nothing is known but that they are real, and none of them is taken.

    A matrix symbol has real entries. The parameters of cells are taken, for the equations of a cell speak of them.
    """
    found = tuple(symbols)
    plain = Symbol("plain", real=True).assumptions0
    if not all(isinstance(one, MatrixSymbol) or (one.is_Symbol and one.assumptions0 == plain) for one in found):
        return False
    return len(set(found)) == len(found) and not (taken | OF_CELLS) & set(found)


@rule("fact")
def instance_of_fact(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """``given``: "fact", its name; "of", what it is said of, by the names of its arguments."""
    schema = FACTS[line.given["fact"]]
    try:
        hypotheses, conclusion = schema.build(**line.given.get("of", {}))
    except (TypeError, ValueError, AttributeError):  # shapes that do not fit, or arguments of another kind
        return None
    said = [premise.says for premise in premises]
    if not all(any(alike(says, hypothesis) for says in said) for hypothesis in hypotheses):
        return None
    return Granted() if alike(conclusion, line.says) else None
