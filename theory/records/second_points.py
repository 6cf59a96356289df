"""Points at which a line of a proof can be looked at: an instance, values for indices, values for all other symbols.

An instance gives what it gives; the other symbols of a line may have any value of their kind, and get a few exact
ones. What a definition or a supposed equation says a symbol is, it is. The rules of the kernel share nothing of this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

import flint
from sympy import Eq, Integer, solve

from backproof.theory.arithmetic import Arithmetic, NotOffered, Undecided
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.truth import Instance
from backproof.theory.instances.values import Case, evaluated
from backproof.theory.language.notation import At, T, k, t


class Completed(Environment):
    """The values of an instance, and of whatever else a line speaks of: definitions first, then values from a seed."""

    source: Environment
    point: Point
    arithmetic: Arithmetic

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, At) and not key.time.is_Integer:
            return self._at(key)
        try:
            inner = self.source.copy()
            inner.update(self)
            return inner[key]
        except KeyError:
            found = self._otherwise(key)
            if found is None:
                raise
            return found

    def _at(self, key: At) -> Any:
        """A quantity at a time that is written as an expression: at the number that it is, or at the last step."""
        time = self.integer(key.time)
        last = At(key.args[0], T)
        if T in self and time == self[T] and last in self:
            return self[last]
        return self[At(key.args[0], Integer(time))]

    def _otherwise(self, key: Any) -> Any:
        """What the theorem says that it is, or anything: a sequence is free to be what it likes where nothing is."""
        if isinstance(key, At) and key.name in self.point.ground.sequences:
            return self.point.ground.sequences[key.name](self.arithmetic, self, int(key.time))
        defined = self._defined(key, self.point.definitions)
        if defined is None and isinstance(key, At) and not self.point.ground.knows(key.name):
            return self.arithmetic.matrix(self.point.column(key.args[0], int(key.time), self))
        return self._defined(key, self.point.ground.definitions) if defined is None else defined

    def _defined(self, key: Any, definitions: Any) -> Any:
        """What a definition says that it is, at the indices that make its left side this key."""
        for says in definitions:
            if isinstance(says, Eq) and says.lhs.func == key.func and len(says.lhs.args) == len(key.args):
                at = self._matched(says.lhs.args, key.args)
                if at is not None:
                    inner = self.copy()
                    inner.update(at)
                    return evaluate(says.rhs, self.arithmetic, inner)
        return None

    def _matched(self, pattern: Any, args: Any) -> dict[Any, int] | None:
        """Values of the indices of the pattern, if it can be the key."""
        at: dict[Any, int] = {}
        open_pairs = []
        for wanted, given in zip(pattern, args, strict=True):
            if getattr(wanted, "is_integer", None) and getattr(given, "is_integer", None):
                open_pairs.append((wanted, self.integer(given)))
            elif wanted != given:
                return None
        for wanted, value in sorted(open_pairs, key=lambda pair: len(pair[0].free_symbols)):
            here = wanted.xreplace({T: Integer(self[T])} if T in self else {})
            here = here.xreplace({s: Integer(v) for s, v in at.items()})
            if here.is_Integer:
                if int(here) != value:
                    return None
                continue
            if len(here.free_symbols) != 1:
                return None
            (index,) = here.free_symbols
            roots = solve(here - value, index)
            if len(roots) != 1 or not roots[0].is_Integer:
                return None
            at[index] = int(roots[0])
        return at

    def copy(self) -> Completed:
        """A copy of the values, of the same point."""
        twin = Completed(self, self.activation)
        twin.source, twin.point, twin.arithmetic = self.source, self.point, self.arithmetic
        return twin


@dataclass(eq=False)
class Ground:
    """An instance with what it gives in each arithmetic, and which of the theorem's assumptions it meets."""

    instance: Any
    statement: Any
    met: frozenset[str]
    sequences: Mapping[str, Any] = field(default_factory=dict)
    definitions: tuple[Any, ...] = ()
    kept: dict[Any, Any] = field(default_factory=dict)

    def environment(self, arithmetic: Arithmetic) -> Environment:
        """What the instance gives to symbols, whatever the time.

        Raises
        ------
        NotOffered, Undecided
            If the arithmetic cannot evaluate the instance.
        """
        key = (type(arithmetic), flint.ctx.prec)
        if key not in self.kept:
            self.kept[key] = self._made(arithmetic)
        found = self.kept[key]
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]

    def _made(self, arithmetic: Arithmetic) -> Environment | Exception:
        try:
            if not isinstance(self.instance, Instance):
                return Environment({})
            environment = next(iter(self.instance.environments(arithmetic, self.statement)))
        except (NotOffered, Undecided) as refused:
            return refused
        except TypeError as unreadable:
            return NotOffered(str(unreadable))
        if not isinstance(self.instance, Case):
            for index in (t, k):
                environment.pop(index, None)
        for key in [key for key in environment if {t, k} & getattr(key, "free_symbols", set()) and key not in (t, k)]:
            del environment[key]  # the value at one time, which other times do not have
        return environment

    @property
    def is_case(self) -> bool:
        """Whether it gives values one by one, and no net in which they hang together."""
        return type(self.given) is Environment

    @property
    def given(self) -> Any:
        """What it gives, in whichever arithmetic was asked first."""
        return next(found for found in self.kept.values() if not isinstance(found, Exception))

    def knows(self, name: str) -> bool:
        """Whether the instance has this sequence, be it at other times."""
        source = self.given
        if any(isinstance(key, At) and key.name == name for key in source):
            return True
        unrolled = getattr(source, "unrolled", None)
        if unrolled is None:
            return False
        adjoints = {adjoint.base.name for adjoint in unrolled.cell.adjoints.values()}
        return name in {*unrolled.series, *unrolled.given, *adjoints}


@dataclass(eq=False)
class Point:
    """An instance and values for what it leaves open; it gives one environment."""

    ground: Ground
    values: Mapping[Any, Any]
    indices: Mapping[Any, int]
    definitions: tuple[Any, ...] = ()
    equations: tuple[tuple[Any, Any, Any], ...] = ()
    seed: int = 0
    made: dict[Any, Any] = field(default_factory=dict)

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """The one environment of the point in an arithmetic, made once."""
        key = (type(arithmetic), flint.ctx.prec)
        if key not in self.made:
            self.made[key] = self._completed(arithmetic)
        yield self.made[key]

    def _completed(self, arithmetic: Arithmetic) -> Completed:
        source = self.ground.environment(arithmetic)
        environment = Completed(source, source.activation)
        environment.source, environment.point, environment.arithmetic = source, self, arithmetic
        environment.update(evaluated(self.values, arithmetic))
        environment.update(self.indices)
        for symbol, value, _ in self.equations:
            environment[symbol] = evaluate(value, arithmetic, environment)
        return environment

    def column(self, base: Any, time: int, environment: Environment) -> list[list[Fraction]]:
        """A sequence that is free to be anything, at a time."""
        rows, columns = (environment.integer(size) for size in base.shape)
        draw = Random(f"{self.seed} {base.name} {time}")
        return [[Fraction(draw.randint(-4, 4), 2) for _ in range(columns)] for _ in range(rows)]

    def __repr__(self) -> str:
        """The instance, the indices and the other values, as they are written."""
        chosen = {**self.indices, **{s: v for s, v in self.values.items() if s not in self.indices}}
        extra = ", ".join(f"{symbol} = {_readable(value)}" for symbol, value in chosen.items())
        return f"{self.ground.instance!r}" + (f" with {extra}" if extra else "")


def _readable(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_readable(entry) for entry in value) + "]"
    return str(value)
