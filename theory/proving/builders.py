"""Proofs that are built: several equations, each by one rule. Builders make lines; they check nothing."""

from __future__ import annotations

from typing import Any

from backproof.theory.language.relations import parts
from backproof.theory.proving.kernel import Proof, line


def each_by_the_chain_rule(statement: Any, *, ranges: tuple[Any, ...] = (), **given: Any) -> Proof:
    """A proof of several equations, each of which the chain rule gives by itself; ``given`` may name the "cell"."""
    pieces = parts(statement)
    names = tuple(f"by {piece.lhs.args[0]}" for piece in pieces)
    lines = tuple(line(name, piece, "chain rule", **given) for name, piece in zip(names, pieces, strict=True))
    return Proof(ranges=ranges, lines=(*lines, line("all", statement, "together", *names)))
