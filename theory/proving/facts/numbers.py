"""Powers and limits of numbers. a, b, q are real, s an exponent, an integer from 0 on, x a variable."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, Gt, Le, Limit, Lt, Ne, limit, oo

from backproof.theory.proving.equality import alike
from backproof.theory.proving.facts.schema import Built, fact
from backproof.theory.proving.kernel import Frame, Granted, Line, Sequent, rule

CALCULUS = "any course of calculus"


def must_be_exponent(s: Any) -> None:
    """Refuse what may be no exponent from 0 on."""
    if not (s.is_integer and s.is_nonnegative):
        raise ValueError(f"{s} is not an exponent from 0 on")


@fact("powers are monotone", CALCULUS)
def monotone(a: Any, b: Any, s: Any) -> Built:
    """``0 ≤ a ≤ b ⟹ a^s ≤ b^s``."""
    must_be_exponent(s)
    return (Ge(a, 0, evaluate=False), Le(a, b, evaluate=False)), Le(a**s, b**s, evaluate=False)


@fact("power of a product", CALCULUS)
def power_of_product(a: Any, b: Any, s: Any) -> Built:
    """``(a b)^s = a^s b^s``."""
    must_be_exponent(s)
    return (), Eq((a * b) ** s, a**s * b**s, evaluate=False)


@fact("one power more", CALCULUS)
def one_more(q: Any, e: Any) -> Built:
    """``q ≠ 0 ⟹ q q^e = q^(e+1)`` for an integer e, which may be negative."""
    if not e.is_integer:
        raise ValueError(f"{e} is not an integer")
    return (Ne(q, 0, evaluate=False),), Eq(q * q**e, q ** (e + 1), evaluate=False)


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


def _runs_on(x: Any, premises: tuple[Sequent, ...], frame: Frame) -> bool:
    """Whether what the premises say holds for every integer from some one on, put for x."""
    return bool(x.is_Symbol and x.is_integer) and x not in frame.fixed(premises) and _reaches_far(x, frame)


def _reaches_far(x: Any, frame: Frame) -> bool:
    """Whether the ranges bound a variable from below alone, by numbers that do not depend on it."""
    for bound in frame.ranges:
        if x in bound.free_symbols:
            low, high = bound.args if isinstance(bound, Le | Lt) else reversed(bound.args)
            if not isinstance(bound, Le | Lt | Ge | Gt) or high != x or x in low.free_symbols:
                return False
    return True


@rule("squeeze")
def squeeze(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """From ``0 ≤ f(x)``, ``f(x) ≤ g(x)`` for every x and ``g → 0``: ``f → 0``. ``given["variable"]``: x.

    x tends to ∞, or where ``given["to"]`` says; what is known within a range of x alone says nothing there.
    """
    above, below, vanishes = premises
    x, end = line.given["variable"], line.given.get("to", oo)
    named = any(x in limit.free_symbols for limit in frame.ranges)
    if x in frame.fixed((above, below)) or (named and not (end == oo and _reaches_far(x, frame))):
        return None
    if not (isinstance(above.says, Ge) and above.says.rhs == 0 and isinstance(below.says, Le)):
        return None
    f, g = below.says.args
    if above.says.lhs != f or not alike(vanishes.says, Eq(Limit(g, x, end), 0, evaluate=False)):
        return None
    return Granted() if line.says == Eq(Limit(f, x, end), 0, evaluate=False) else None


@rule("below what vanishes")
def below(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """From ``c ≤ g(x)`` for every x, c free of x, and ``g → 0``: ``c ≤ 0``. ``given["variable"]``: x."""
    bound, vanishes = premises
    x = line.given["variable"]
    if not _runs_on(x, premises[:1], frame) or not isinstance(bound.says, Le) or x in bound.says.lhs.free_symbols:
        return None
    if not alike(vanishes.says, Eq(Limit(bound.says.rhs, x, oo), 0, evaluate=False)):
        return None
    return Granted() if line.says == Le(bound.says.lhs, 0, evaluate=False) else None


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
