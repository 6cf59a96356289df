"""A second engine looks at every line of a proof: each is evaluated at points that meet what it rests on.

The kernel believes a line because its rule grants it. Here the line's own relation is evaluated, in exact rationals or
balls, at instances of the theorem, with values for its indices within the ranges and for whatever else it speaks of;
and z3 reads what it can of the premises. Neither uses the rules. What is unknown never passes and never convicts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from random import Random
from typing import Any

from sympy import Eq, MatMul, Mul
from sympy.matrices.expressions.matexpr import MatrixElement

from backproof.theory.arithmetic import Balls, NotOffered, Rationals, Undecided
from backproof.theory.evaluation.meeting import Meeting
from backproof.theory.evaluation.relations import holds
from backproof.theory.language.notation import At, T
from backproof.theory.proving.kernel import Checked, Line, Sequent
from backproof.theory.records.records import Theorem
from backproof.theory.records.second_grounds import NOT_HERE, grounds_of, usable
from backproof.theory.records.second_points import Ground, Point
from backproof.theory.records.second_reals import READS_LIKE_Z3, certainly_follows
from backproof.theory.records.second_values import (
    FAR,
    fresh_values,
    indices_for,
    is_index,
    sizes_of,
    solved,
    symbols_of,
    within,
)

POINTS = 3
"""How many points a line is looked at, where so many are found."""

ATTEMPTS = 40
"""How many points are tried for a line, beside those where an assumption that it does not cite is broken."""

BROKEN = 4
"""How many points are tried at each instance that breaks such an assumption."""

UNREADABLE = 3
"""After how many points at which a kind of node has no value a line is given up."""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What the second engine found of a line.

    ``status``: "agreed", "contradicted", "not looked at", or "supposed" for a line that claims nothing. ``engines``:
    who looked. ``reason``: why nobody did. ``point``: where the line is certainly false.
    """

    status: str
    engines: tuple[str, ...] = ()
    points: int = 0
    reason: str = ""
    point: str = ""


@dataclass(frozen=True, kw_only=True)
class Behind:
    """A line with what it rests on: definitions as its premises cite them, and what the premises say."""

    line: Line
    sequent: Sequent
    definitions: tuple[Any, ...]
    premises: tuple[Any, ...]


def look_over(theorem: Theorem, found: Checked) -> tuple[Looked, ...]:
    """What the second engine finds of each line that the kernel granted, in order."""
    return SecondEngine(theorem).look(found)


class SecondEngine:
    """A theorem's instances, at which the lines of its proof are looked at."""

    def __init__(self, theorem: Theorem) -> None:
        self.theorem = theorem
        self.ranges = theorem.proof.ranges if theorem.proof is not None else ()
        self._meeting: dict[frozenset[str], list[Ground]] = {}

    @cached_property
    def grounds(self) -> list[Ground]:
        """The theorem's instances, each with what it meets."""
        return grounds_of(self.theorem)

    def look(self, found: Checked) -> tuple[Looked, ...]:
        """Each line that the kernel granted, in order."""
        seen: dict[str, Behind] = {}
        looked = []
        for line, sequent in found.lines:
            if sequent is None:
                break
            seen[line.name] = self._behind(line, sequent, seen)
            looked.append(self._line(seen[line.name]))
        return tuple(looked)

    def _behind(self, line: Line, sequent: Sequent, seen: dict[str, Behind]) -> Behind:
        defined = [says for name, says in self.theorem.definitions.items() if name in line.by]
        defined += [says for name in line.by if name in seen for says in seen[name].definitions]
        known = {a.name: a.says for a in self.theorem.assumptions} | dict(self.theorem.definitions)
        premises = tuple(seen[name].line.says if name in seen else known[name] for name in line.by)
        return Behind(line=line, sequent=sequent, definitions=tuple(dict.fromkeys(defined)), premises=premises)

    def _line(self, behind: Behind) -> Looked:
        if behind.line.name in behind.sequent.supposed:
            return Looked(status="supposed", reason="a supposition claims nothing")
        looked = self._evaluated(behind)
        if looked.status == "contradicted" or behind.line.rule in READS_LIKE_Z3:
            return looked
        supposed = behind.sequent.supposed.values()
        if certainly_follows((*behind.premises, *supposed, *self.ranges), behind.line.says):
            return Looked(status="agreed", engines=(*looked.engines, "z3"), points=looked.points)
        return looked

    def _evaluated(self, behind: Behind) -> Looked:
        """The line at several points; the first at which it is certainly false ends the search."""
        engines: list[str] = []
        reasons: list[str] = []
        unreadable = 0
        for asked, point in self._points(behind):
            try:
                verdict, certain, exact = self._judged(behind, point)
            except (NotOffered, Undecided, TypeError, NotImplementedError, *NOT_HERE) as error:
                reasons.append(_in_words(error))
                unreadable += isinstance(error, TypeError | NotImplementedError)
                if unreadable == UNREADABLE:
                    break
                continue
            if verdict is False and certain:
                return Looked(status="contradicted", engines=("evaluation",), points=len(engines), point=repr(point))
            if verdict is True:
                engines.append("rationals" if exact else "balls")
            elif verdict is False or certain:
                reasons.append("what it says or supposes is left open wherever it was evaluated")
            if len(engines) >= POINTS and not asked:
                break
        if engines:
            return Looked(status="agreed", engines=tuple(sorted(set(engines))), points=len(engines))
        return Looked(status="not looked at", reason=(reasons or ["no instance meets what it supposes"])[0])

    def _judged(self, behind: Behind, point: Point) -> tuple[bool | None, bool, bool]:
        """The verdict on a line at a point, whether what it rests on is certain there, and whether rationals said so.

        Where a supposition or a definition fails, nothing is said.
        """
        certain = True
        made_so = {says for _, _, says in point.equations}
        for says in behind.sequent.supposed.values():
            if says not in made_so:
                verdict, digits, _ = truth_at(says, point)
                if verdict is not True:
                    return None, False, False
                certain = certain and digits is None
        if not all(self._defined(says, point) for says in behind.definitions if says not in made_so):
            return None, False, False
        verdict, _, exact = truth_at(behind.line.says, point)
        return verdict, certain, exact

    def _defined(self, says: Any, point: Point) -> bool:
        """Whether a definition holds at the point at every time; it does where nothing else gives its left side."""
        left = says.args[0]
        given = isinstance(left, At) and (left.name in point.ground.sequences or point.ground.knows(left.name))
        if isinstance(says, Eq) and not isinstance(left, Mul | MatMul) and not given:
            return True
        names = sorted((s for s in symbols_of((says,)) - sizes_of((says,)) if is_index(s) and s != T), key=str)
        for values in product(range(FAR), repeat=len(names)):
            here = replace(point, indices={**point.indices, **dict(zip(names, values, strict=True))}, made={})
            try:
                (environment,) = here.environments(Balls(), says)
                inside = all(within(limit, environment) for limit in self.ranges)
                if inside and truth_at(says, here)[0] is not True:
                    return False
            except NOT_HERE:
                continue
        return True

    def _points(self, behind: Behind) -> Iterator[tuple[bool, Point]]:
        """Points at the instances that meet the line's assumptions, and whether they are tried in any case.

        Those are tried that break another assumption, and one at which only the line's own assumptions fix values.
        """
        assumed = behind.sequent.assumed
        if assumed not in self._meeting:
            self._meeting[assumed] = [ground for ground in self.grounds if usable(self.theorem, ground, assumed)]
        every = frozenset(assumption.name for assumption in self.theorem.assumptions)
        breaking = [ground for ground in self._meeting[assumed] if not ground.met >= every]
        others = [ground for ground in self._meeting[assumed] if ground.met >= every] or breaking
        loose = [ground for ground in others if ground.is_case]
        planned = [(True, ground, False) for _ in range(BROKEN) for ground in breaking]
        planned += [(True, ground, True) for ground in loose[:BROKEN]]
        rounds = [(ground, way) for way in (False, True) for ground in others if ground.is_case or not way]
        planned += [(False, *rounds[attempt % len(rounds)]) for attempt in range(ATTEMPTS if rounds else 0)]
        for number, (asked, ground, way) in enumerate(planned):
            point = self._point(behind, ground, number, way)
            if point is not None:
                yield asked, point

    def _point(self, behind: Behind, ground: Ground, seed: int, loose: bool) -> Point | None:
        draw = Random(f"{behind.line.name} {seed}")
        supposed = tuple(behind.sequent.supposed.values())
        claims = (behind.line.says, *supposed, *behind.definitions, *self.ranges)
        environment = ground.given
        symbols, sizes = symbols_of(claims), sizes_of(claims)
        if loose:
            environment = environment.copy()
            for symbol in symbols - sizes - self._spoken_of(behind.sequent.assumed):
                environment.pop(symbol, None)
        wanted = {symbol for symbol in symbols if symbol not in environment}
        places = set().union(*(says.atoms(MatrixElement, At) for says in claims))
        indices = indices_for(wanted, self.ranges, places, environment, draw)
        if indices is None:
            return None
        known = {s: indices[s] if s in indices else environment[s] for s in sizes if s in indices or s in environment}
        fresh = {symbol for symbol in wanted if not is_index(symbol)}
        values = fresh_values(fresh, known, draw)
        free = fresh | (symbols - self._spoken_of(behind.sequent.assumed) if ground.is_case else set())
        equations: list[tuple[Any, Any, Any]] = []
        for says in (*behind.definitions, *supposed):
            found = solved(says, {s for s in free if not is_index(s)} - {symbol for symbol, *_ in equations})
            if found is not None:
                equations.append((*found, says))
        return Point(
            ground=ground,
            values=values,
            indices={**known, **indices},
            definitions=behind.definitions,
            equations=tuple(equations),
            seed=seed,
        )

    def _spoken_of(self, assumed: frozenset[str]) -> set[Any]:
        """The symbols that assumptions fix."""
        known = (a.says for a in self.theorem.assumptions if a.name in assumed and a.says is not None)
        return symbols_of(tuple(known))


def truth_at(says: Any, point: Point) -> tuple[bool | None, float | None, bool]:
    """The truth at a point, to how many digits sides had to meet for it (none where it is certain), and if exactly."""
    try:
        (environment,) = point.environments(Rationals(), says)
        verdict = holds(says, Rationals(), environment)
        if verdict is not None:
            return verdict, None, True
    except (NotOffered, Undecided):
        pass
    meeting = Meeting(says, point)
    return meeting.verdict, meeting.digits if meeting.verdict is True else None, False


def _in_words(error: Exception) -> str:
    return str(error) if isinstance(error, TypeError | NotOffered | Undecided) else f"{type(error).__name__}: {error}"
