"""Powers and limits of numbers. a, b, q are real, s an exponent, an integer from 0 on, x a variable."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, Gt, Le, Limit, Lt, limit, oo

from backproof.theory.proving.facts.schema import Built, fact
from backproof.theory.proving.kernel import Frame, Granted, Line, Sequent, rule
from backproof.theory.proving.logic import alike

CALCULUS = "any course of calculus"


def _exponent(s: Any) -> None:
    if not (s.is_integer and s.is_nonnegative):
        raise ValueError(f"{s} is not an exponent from 0 on")


@fact("powers are monotone", CALCULUS)
def monotone(a: Any, b: Any, s: Any) -> Built:
    """``0 ≤ a ≤ b ⟹ a^s ≤ b^s``."""
    _exponent(s)
    return (Ge(a, 0, evaluate=False), Le(a, b, evaluate=False)), Le(a**s, b**s, evaluate=False)


@fact("powers below 1 vanish", CALCULUS)
def vanishing(q: Any, x: Any) -> Built:
    """``0 ≤ q < 1 ⟹ lim_{x → ∞} q^x = 0``."""
    if x in q.free_symbols:
        raise ValueError(f"{q} depends on {x}")
    return (Ge(q, 0, evaluate=False), Lt(q, 1, evaluate=False)), Eq(Limit(q**x, x, oo), 0, evaluate=False)


@fact("powers above 1 explode", CALCULUS)
def exploding(q: Any, x: Any) -> Built:
    """``q > 1 ⟹ lim_{x → ∞} q^x = ∞``."""
    if x in q.free_symbols:
        raise ValueError(f"{q} depends on {x}")
    return (Gt(q, 1, evaluate=False),), Eq(Limit(q**x, x, oo), oo, evaluate=False)


@fact("a multiple of what vanishes", CALCULUS)
def multiple(c: Any, f: Any, x: Any) -> Built:
    """``lim f = 0 ⟹ lim c f = 0`` for c that does not depend on x."""
    if x in c.free_symbols:
        raise ValueError(f"{c} depends on {x}")
    return (Eq(Limit(f, x, oo), 0, evaluate=False),), Eq(Limit(c * f, x, oo), 0, evaluate=False)


@rule("squeeze")
def squeeze(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """From ``0 ≤ f(x)``, ``f(x) ≤ g(x)`` for every x and ``g → 0``: ``f → 0``. ``given["variable"]``: x.

    x tends to ∞, or where ``given["to"]`` says; what is known within a range of x alone says nothing there.
    """
    above, below, vanishes = premises
    x, end = line.given["variable"], line.given.get("to", oo)
    if x in frame.fixed((above, below)) or not all(_reaches(limit, x, end) for limit in frame.ranges):
        return None
    if not (isinstance(above.says, Ge) and above.says.rhs == 0 and isinstance(below.says, Le)):
        return None
    f, g = below.says.args
    if above.says.lhs != f or not alike(vanishes.says, Eq(Limit(g, x, end), 0, evaluate=False)):
        return None
    return Granted() if line.says == Eq(Limit(f, x, end), 0, evaluate=False) else None


def _reaches(limit: Any, x: Any, end: Any) -> bool:
    """Whether a range leaves x free to go to that end: it does not name x, or it only keeps x above something else."""
    if x not in limit.free_symbols:
        return True
    low, high = limit.args if isinstance(limit, Le | Lt) else limit.args[::-1]
    return end == oo and isinstance(limit, Le | Lt | Ge | Gt) and high == x and x not in low.free_symbols


@rule("limit")
def limit_of(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """A limit that SymPy finds, of an expression in which every symbol but the variable is declared positive."""
    if premises or not isinstance(line.says, Eq) or not isinstance(line.says.lhs, Limit):
        return None
    body, variable, point = line.says.lhs.args[:3]
    if any(not symbol.is_positive for symbol in body.free_symbols - {variable}):
        return None
    found = limit(body, variable, point)
    return Granted() if found == line.says.rhs and found is not None and not found.has(Limit) else None
