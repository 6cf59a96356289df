"""Lines and proofs, written shortly: relations as they stand, instances of facts. Builders check nothing."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Le

from backproof.theory.language.relations import parts
from backproof.theory.proving.kernel import Line, Proof, line


def equal(left: Any, right: Any) -> Any:
    """``left = right``, left as it is written."""
    return Eq(left, right, evaluate=False)


def bounded(left: Any, right: Any) -> Any:
    """``left ≤ right``, left as it is written."""
    return Le(left, right, evaluate=False)


def by_fact(name: str, says: Any, fact: str, *by: str, why: str = "", **of: Any) -> Line:
    """A line that is an instance of a fact, said of what the keywords name."""
    return line(name, says, "fact", *by, why=why, fact=fact, of=of)


def both(name: str, says: Any, *by: str) -> Line:
    """A line that puts the parts of a statement together."""
    return line(name, says, "together", *by)


def each_by_the_chain_rule(statement: Any, *, ranges: tuple[Any, ...] = (), **given: Any) -> Proof:
    """A proof of several equations, each of which the chain rule gives by itself; ``given`` may name the "cell"."""
    pieces = parts(statement)
    names = tuple(f"by {piece.lhs.args[0]}" for piece in pieces)
    lines = tuple(line(name, piece, "chain rule", **given) for name, piece in zip(names, pieces, strict=True))
    return Proof(ranges=ranges, lines=(*lines, line("all", statement, "together", *names)))
