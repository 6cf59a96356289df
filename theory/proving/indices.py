"""Relations between time indices, decided by z3: what follows from the ranges in which they run.

Whatever is not a sum of multiples of indices, or the larger or smaller of such, is not read, and nothing follows.
"""

from __future__ import annotations

from operator import eq, ge, gt, le, lt
from typing import Any

import z3
from sympy import And, Dummy, Le, Max, Min, Or
from sympy.core.relational import Relational

from backproof.theory.language.notation import T, k, t
from backproof.theory.proving.kernel import Frame, Granted, Line, Proposition, Sequent, rule
from backproof.theory.proving.reals import Unreadable

COMPARED: dict[str, Any] = {"<=": le, "<": lt, ">=": ge, ">": gt, "==": eq}


class _Reader:
    """SymPy's relations between integers as z3's, a variable for each index."""

    def __init__(self) -> None:
        self.known: dict[Any, Any] = {}

    def number(self, value: Any) -> Any:
        """An integer expression."""
        if value.is_Integer:
            return z3.IntVal(int(value))
        if value.is_Add:
            return z3.Sum([self.number(arg) for arg in value.args])
        if value.is_Mul and len(value.args) == 2 and value.args[0].is_Integer:
            return int(value.args[0]) * self.number(value.args[1])
        if isinstance(value, Max | Min):
            best, *others = map(self.number, value.args)
            for other in others:
                best = z3.If(best >= other if isinstance(value, Max) else best <= other, best, other)
            return best
        if not value.is_Symbol or not value.is_integer:
            raise Unreadable(f"{value} is no index")
        return self.known.setdefault(value, z3.Int(f"i{len(self.known)}"))

    def relation(self, claim: Any) -> Any:
        """A relation, or several joined by "and" and "or"."""
        if isinstance(claim, And | Or):
            return (z3.And if isinstance(claim, And) else z3.Or)(*map(self.relation, claim.args))
        if claim in (True, False):
            return z3.BoolVal(bool(claim))
        if not isinstance(claim, Relational) or claim.rel_op not in COMPARED:
            raise Unreadable(f"{claim} does not compare indices")
        return COMPARED[claim.rel_op](*map(self.number, claim.args))


def _sign(symbol: Any, value: Any) -> Any:
    """What an index is declared to be: from 1 on, from 0 on, or any."""
    if symbol.is_positive:
        return value >= 1
    return value >= 0 if symbol.is_nonnegative else z3.BoolVal(True)


def within(ranges: tuple[Any, ...], claims: list[Any]) -> bool:
    """Whether relations between integers follow from the ranges; index symbols declared nonnegative are that."""
    reader = _Reader()
    try:
        wanted = z3.And(*map(reader.relation, claims))
        facts = [reader.relation(limit) for limit in ranges]
    except Unreadable:
        return False
    solver = z3.Solver()
    solver.add(*facts, *(_sign(*pair) for pair in reader.known.items()), z3.Not(wanted))
    return bool(solver.check() == z3.unsat)


def usual_ranges(claim: Proposition) -> tuple[Any, ...]:
    """Where the free indices t and k of a proposition run: ``1 ≤ t ≤ T`` and ``0 ≤ k ≤ t``."""
    free = claim.free_symbols
    late = (Le(1, t), Le(t, T)) if t in free else ()
    return (*late, Le(0, k), Le(k, t if t in free else T)) if k in free else late


def covers(ranges: tuple[Any, ...], claim: Proposition) -> bool:
    """Whether ranges leave out no time that a proposition speaks of, and leave room for every other index in them."""
    reader = _Reader()
    try:
        usual, asked = ([reader.relation(limit) for limit in limits] for limits in (usual_ranges(claim), ranges))
    except Unreadable:
        return False
    spoken_of = {symbol: value for symbol, value in reader.known.items() if symbol in claim.free_symbols | {T}}
    others = {symbol: value for symbol, value in reader.known.items() if symbol not in spoken_of}
    room = z3.And(*asked, *(_sign(*pair) for pair in others.items()))
    solver = z3.Solver()
    solver.add(*usual, *(_sign(*pair) for pair in spoken_of.items()))
    solver.add(z3.Not(z3.Exists(list(others.values()), room) if others else room))
    return bool(solver.check() == z3.unsat)


def reaches(ranges: tuple[Any, ...], index: Any, limits: tuple[Any, Any], spoken_of: Any) -> bool:
    """Whether the ranges let an index be any step between limits, whatever the other symbols spoken of are.

    Index symbols that are not spoken of may take any value that the ranges leave them; T is the same throughout.
    """
    reader = _Reader()
    named = set().union(*(limit.free_symbols for limit in ranges))
    step, others = Dummy("step", integer=True), {symbol: Dummy(symbol.name, **symbol.assumptions0) for symbol in named}
    free = {symbol: other for symbol, other in others.items() if symbol not in spoken_of | {T, index}}
    there = [limit.xreplace({**free, index: step}) for limit in ranges]
    try:
        asked = z3.And(*map(reader.relation, there))
        given = [reader.relation(limit) for limit in (*ranges, Le(limits[0], step), Le(step, limits[1]))]
    except Unreadable:
        return False
    inner = [reader.known[other] for other in free.values() if other in reader.known]
    signs = {symbol: _sign(symbol, value) for symbol, value in reader.known.items()}
    room = z3.And(
        asked, _sign(index, reader.number(step)), *(signs[other] for other in free.values() if other in signs)
    )
    solver = z3.Solver()
    solver.add(*given, *(sign for symbol, sign in signs.items() if symbol not in free.values()))
    solver.add(z3.Not(z3.Exists(inner, room) if inner else room))
    return bool(solver.check() == z3.unsat)


@rule("integers")
def integers(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """A relation between indices that follows from their ranges, and from what the premises say of them."""
    said = tuple(premise.says for premise in premises)
    return Granted() if within((*frame.ranges, *said), [line.says]) else None
