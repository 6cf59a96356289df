"""A directed search for a counterexample: uphill on the violation in floats, then at an exact point.

For a relation the violation is how far it is missed; a simplex search (Nelder and Mead, from SciPy) climbs it from
random starts. What it finds in floats is nothing yet: the point is rounded to as few digits as still break the
statement, and only an exact or ball decision that says False makes it a counterexample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, MatrixSymbol, Ne, Or
from sympy.core.relational import Relational

from backproof.theory.arithmetic import Floats
from backproof.theory.evaluation import Environment, compiled
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.notation import At

Array = NDArray[np.float64]

SHAPES = ((1, 1), (2, 2), (2, 3), (3, 2), (4, 3), (3, 3))
"""Sizes that are tried, in turn: of the first size symbol, and of the others."""

STARTS, STEPS = 2, 250


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a directed search came to: the closest that the sides came (1 is a tie), and a certified counterexample."""

    closest: float | None
    instance: Case | None


def climb(statement: Any, assumptions: Sequence[Any], *, seed: int = 0, starts: int = STARTS) -> Found:
    """Search for values of the statement's symbols at which it is certainly false and every assumption holds.

    Statements with symbols that are no matrices, columns or numbers, or with parts that floats cannot weigh, are left
    alone: nothing is found.
    """
    symbols = sorted(symbols_of(statement), key=str)
    if not symbols or not all(isinstance(s, MatrixSymbol | At) or s.is_Symbol for s in symbols):
        return Found(closest=None, instance=None)
    closest: float | None = None
    random = np.random.default_rng(seed)
    said = (assumption.says for assumption in assumptions)
    limits = [says for says in said if isinstance(says, Le | Lt | Ge | Gt) and symbols_of(says) <= set(symbols)]
    for part in _parts(statement):
        for shape in SHAPES:
            frame = _Frame(symbols, shape)
            for _ in range(starts):
                for point, ratio in _uphill(part, limits, frame, random):
                    closest = ratio if closest is None else max(closest, ratio)
                    instance = _exact(part, statement, frame, point, assumptions)
                    if instance is not None:
                        return Found(closest=closest, instance=instance)
    return Found(closest=closest, instance=None)


def symbols_of(statement: Any) -> set[Any]:
    """The free symbols of a statement that are given values, sizes left out."""
    matrices = statement.atoms(MatrixSymbol, At)
    inside = {m.args[0] for m in matrices if isinstance(m, At)}
    sizes = {s for m in matrices for size in m.shape for s in getattr(size, "free_symbols", ())}
    numbers = {s for s in statement.free_symbols if s.is_Symbol and not isinstance(s, MatrixSymbol)}
    found: set[Any] = (matrices - inside) | (numbers - sizes)
    return found


def _parts(statement: Any) -> Iterator[Any]:
    """The parts to break: those of a conjunction, the conclusion of an implication, the whole of anything else."""
    if isinstance(statement, And):
        for part in statement.args:
            yield from _parts(part)
    else:
        yield statement


class _Frame:
    """How a vector of floats stands for the values of symbols at given sizes; integers are drawn anew at each start."""

    def __init__(self, symbols: Sequence[Any], shape: tuple[int, int]) -> None:
        self.sizes: dict[Any, int] = {}
        self.slots: list[tuple[Any, tuple[int, int] | None]] = []
        self.integers = [s for s in symbols if not isinstance(s, MatrixSymbol | At) and s.is_integer]
        self.powers: dict[Any, int] = {}
        for symbol in symbols:
            if isinstance(symbol, MatrixSymbol | At):
                self.slots.append((symbol, tuple(self._size(part, shape) for part in symbol.shape)))  # type: ignore[arg-type]
            elif symbol not in self.integers:
                self.slots.append((symbol, None))
        self.count = sum(int(np.prod(shape)) if shape else 1 for _, shape in self.slots)

    def _size(self, part: Any, shape: tuple[int, int]) -> int:
        if part.is_Integer:
            return int(part)
        return self.sizes.setdefault(part, shape[min(len(self.sizes), 1)])

    def values(self, point: Any) -> dict[Any, Any]:
        """Values by symbol; entries keep the type that they have."""
        found: dict[Any, Any] = dict(self.powers)
        start = 0
        for symbol, shape in self.slots:
            if shape is None:
                value = point[start]
                found[symbol] = abs(value) if symbol.is_nonnegative else value
                start += 1
            else:
                stop = start + shape[0] * shape[1]
                found[symbol] = [
                    list(point[start + i * shape[1] : start + (i + 1) * shape[1]]) for i in range(shape[0])
                ]
                start = stop
        return found

    def draw(self, random: Any) -> Array:
        """A start: normal entries at a drawn scale; integers up to a dozen."""
        self.powers = {s: int(random.integers(1 if s.is_positive else 0, 13)) for s in self.integers}
        scale = 10.0 ** random.choice([-2, -1, 0, 0, 0, 1, 2])
        return np.asarray(scale * random.normal(size=self.count))


def _uphill(part: Any, limits: Sequence[Any], frame: _Frame, random: Any) -> Iterator[tuple[Array, float]]:
    """Where the violation of a part is largest within the limits, as the search from one start sees it.

    Beside the point is the ratio of the sides there.
    """
    start = frame.draw(random)

    def height(point: Array) -> float:
        with np.errstate(all="ignore"):
            try:
                here = _environment(frame, point)
                return -min(_violation(part, here), *(-_violation(limit, here) for limit in limits), np.inf)
            except (ArithmeticError, ValueError, KeyError, TypeError, IndexError, np.linalg.LinAlgError):
                return np.inf

    if frame.count == 0 or not np.isfinite(height(start)):
        yield start, 0.0
        return
    found = minimize(height, start, method="Nelder-Mead", options={"maxfev": STEPS, "xatol": 1e-9, "fatol": 1e-12})
    if np.isfinite(found.fun):
        yield found.x, float(1 - found.fun) if found.fun > -1e300 else np.inf


def _environment(frame: _Frame, point: Array) -> Environment:
    environment = Environment(dict(frame.sizes))
    for symbol, value in frame.values(point).items():
        environment[symbol] = np.array(value, dtype=np.float64) if isinstance(value, list) else value
    return environment


def _violation(part: Any, environment: Environment) -> float:
    """By how much of their size a relation's sides miss it: positive where it is broken."""
    if isinstance(part, And):
        return max(_violation(piece, environment) for piece in part.args)
    if isinstance(part, Or):
        return min(_violation(piece, environment) for piece in part.args)
    if isinstance(part, Implies):
        premise, conclusion = part.args
        return min(-_violation(premise, environment), _violation(conclusion, environment))
    if not isinstance(part, Relational):
        raise TypeError(f"{part} has no violation")
    left, right = (np.asarray(compiled(side)(Floats(), environment), dtype=np.float64) for side in part.args)
    size = float(np.max(np.abs(left)) + np.max(np.abs(right))) or 1.0
    if isinstance(part, Eq):
        return float(np.max(np.abs(left - right))) / size - 1e-9
    if isinstance(part, Ne):
        return 1e-9 - float(np.max(np.abs(left - right))) / size
    gap = (
        float(left.reshape(()) - right.reshape(()))
        if isinstance(part, Le | Lt)
        else float(right.reshape(()) - left.reshape(()))
    )
    assert isinstance(part, Le | Lt | Ge | Gt)
    return gap / size


def _exact(part: Any, statement: Any, frame: _Frame, point: Array, assumptions: Sequence[Any]) -> Case | None:
    """The point with as few digits as still break the statement for certain; None if nothing near does."""
    with np.errstate(all="ignore"):
        try:
            if _violation(part, _environment(frame, point)) < -1e-6:
                return None
        except (ArithmeticError, ValueError, KeyError, TypeError, IndexError, np.linalg.LinAlgError):
            return None

    def breaks(values: Sequence[Any]) -> bool:
        case = Case(frame.values(values))
        try:
            return all(a.holds(case) for a in assumptions) and decide(statement, case) is False
        except (ArithmeticError, ValueError, KeyError, TypeError, IndexError):
            return False

    for digits in (0, 1, 2, 3, 6, 12, None):
        rounded = [_rounded(float(value), digits) for value in point]
        if breaks(rounded):
            return Case(frame.values(_simpler(rounded, breaks)))
    return None


def _simpler(point: list[Any], breaks: Callable[[Sequence[Any]], bool]) -> list[Any]:
    """The point with one value after another made as simple as it can be while the statement stays broken."""
    simple = list(point)
    for place, value in enumerate(point):
        leading = _rounded(float(value), -1)
        for candidate in dict.fromkeys([0, 1, -1, 2, -2, Fraction(1, 2), Fraction(-1, 2), leading]):
            tried = [*simple[:place], candidate, *simple[place + 1 :]]
            if candidate != simple[place] and abs(candidate) <= abs(value) + 1 and breaks(tried):
                simple = tried
                break
    return simple


def _rounded(value: float, digits: int | None) -> Any:
    if digits is None or not np.isfinite(value) or value == 0:
        return value if np.isfinite(value) else 0
    exponent = int(np.floor(np.log10(abs(value))))
    if digits < 0:  # one leading digit
        leading = round(Fraction(value) / Fraction(10) ** exponent)
        return leading * Fraction(10) ** exponent
    power = max(digits - exponent, 0) if exponent < 0 else digits
    return Fraction(round(Fraction(value) * 10**power), 10**power)
