"""Rules that cite: a premise, or a theorem that is proved elsewhere, at other values of its free symbols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import (
    sympify,
)
from sympy.core.relational import Relational
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.notation import At
from backproof.theory.language.relations import parts
from backproof.theory.proving.equality import BY_NAME, alike, substituted
from backproof.theory.proving.indices import within
from backproof.theory.proving.kernel import Frame, Granted, Line, Premises, Proposition, Sequent, bound_symbols, rule


@rule("instance")
def instance(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A premise at other values of its free symbols, which nothing behind it fixes; indices keep within their ranges.

    ``given["at"]``: the values by symbol.
    """
    (general,) = premises
    at = line.given["at"]
    if not at.keys().isdisjoint(frame.fixed(premises)) or not _admissible(at, general.says, frame):
        return None
    return Granted() if alike(substituted(general.says, at), line.says) else None


@rule("theorem")
def theorem(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A theorem that is proved elsewhere, or a part of it, within its ranges; the premises give what it assumes.

    ``given``: "id", and "at", values for its free symbols, in what it says and in what it assumes. What it assumes at
    every step has to be known at every step; the values keep within its ranges.
    """
    cited = frame.context.theorems.get(line.given["id"])
    if cited is None:
        return None
    at = {symbol: sympify(value) for symbol, value in line.given.get("at", {}).items()}
    frame = replace(frame, ranges=(*frame.ranges, *about_indices(premises)))
    if any(not _admissible(at, claim, frame) for claim in (cited.says, *(claim for claim, _ in cited.assumes))):
        return None
    if not within(frame.ranges, [limit.xreplace(at) for limit in cited.ranges]):
        return None
    if not all(_given(claim, every, at, premises, frame) for claim, every in cited.assumes):
        return None
    said = substituted(cited.says, at)
    said_so = any(alike(piece, line.says) for piece in (said, *parts(said)))
    return Granted(marks=frozenset({"theorem"})) if said_so else None


def about_indices(premises: Premises) -> list[Proposition]:
    """What the premises say of time indices alone, as the ranges do."""
    return [
        piece
        for premise in premises
        for piece in parts(premise.says)
        if isinstance(piece, Relational) and not piece.has(MatrixExpr)
        if all(symbol.is_integer for symbol in piece.free_symbols)
    ]


def _given(claim: Proposition, every: frozenset[Any], at: Mapping[Any, Any], premises: Premises, frame: Frame) -> bool:
    """Whether a premise says what a theorem assumes, for all the indices for which it does."""
    inside = {symbol: value for symbol, value in at.items() if symbol not in every}
    if any(every & value.free_symbols for value in inside.values()):
        return False
    wanted = substituted(claim, inside)
    limited = any(every & limit.free_symbols for limit in frame.ranges)

    def general(premise: Sequent) -> bool:
        """Known at every step: what is assumed is so whatever the ranges here, what is shown is so within them."""
        assumed = premise.says in frame.context.assumptions.values()
        return every.isdisjoint(frame.fixed((premise,))) and (assumed or not limited)

    known = [piece for p in premises if general(p) for piece in (p.says, *parts(p.says))]
    return any(alike(wanted, piece) for piece in known)


def _admissible(at: Mapping[Any, Any], claim: Proposition, frame: Frame) -> bool:
    """Whether values may be put for free symbols of a claim: of one kind and sign, within ranges, capturing nothing.

    Of a net, only indices may be chosen: its parameters and sequences are those of its cell.
    """
    of_a_net = claim.has(At, *BY_NAME)
    caught = bound_symbols(claim)
    for symbol, value in at.items():
        if getattr(symbol, "shape", None) != getattr(value, "shape", None) or symbol in caught:
            return False
        if not _allowed(symbol, value, frame) or caught & getattr(value, "free_symbols", set()):
            return False
        if (of_a_net and not symbol.is_integer) or symbol in sizes_in(claim):
            return False
    moved = [limit.subs(at, simultaneous=True) for limit in frame.ranges if limit.free_symbols & set(at)]
    return within(frame.ranges, moved)


def sizes_in(claim: Proposition) -> set[Any]:
    """The symbols for sizes of matrices in a claim."""
    shapes = [size for matrix in claim.atoms(MatrixExpr) for size in matrix.shape]
    return {symbol for size in shapes for symbol in sympify(size).free_symbols}


def _allowed(symbol: Any, value: Any, frame: Frame) -> bool:
    """Whether everything that a symbol is declared to be is certainly so of the value as well."""
    if isinstance(symbol, MatrixExpr):
        return True
    declared = symbol.assumptions0
    missed = {name for name, known in declared.items() if getattr(value, f"is_{name}") is not known}
    if (
        missed
        and symbol.is_nonnegative
        and symbol.is_integer
        and value.is_integer
        and missed <= {name for name in declared if "ative" in name or "itive" in name or "zero" in name}
    ):
        return within(frame.ranges, [value >= (1 if symbol.is_positive else 0)])
    return not missed
