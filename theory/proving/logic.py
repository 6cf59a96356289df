"""Rules of logic: suppositions, parts and cases, induction, contradiction, and arithmetic of real numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import (
    Eq,
    Ge,
    Gt,
    Implies,
    Integer,
    Le,
    Lt,
    Ne,
    Or,
    Symbol,
)
from sympy.core.relational import Relational

from backproof.theory.language.relations import parts
from backproof.theory.proving.equality import alike, substituted
from backproof.theory.proving.indices import within
from backproof.theory.proving.kernel import Frame, Granted, Line, Premises, Proposition, bound_symbols, rule
from backproof.theory.proving.reals import Unreadable, follows


@rule("supposition")
def supposition(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """Anything may be supposed; it stays open until a rule closes it."""
    return Granted(opens=True) if not premises else None


@rule("part")
def part(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A part of a conjunction, or what one premise says."""
    (whole,) = premises
    return Granted() if any(alike(line.says, piece) for piece in (whole.says, *parts(whole.says))) else None


@rule("together")
def together(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A conjunction of what the premises say."""
    known = [piece for premise in premises for piece in parts(premise.says)]
    return Granted() if all(any(alike(piece, other) for other in known) for piece in parts(line.says)) else None


@rule("symmetry")
def symmetry(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """An equation with its sides exchanged."""
    (known,) = premises
    if not isinstance(known.says, Eq) or not isinstance(line.says, Eq):
        return None
    return Granted() if line.says.args == known.says.args[::-1] else None


@rule("implication")
def implication(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From what holds under a supposition: the supposition implies it."""
    (conclusion,) = premises
    if not isinstance(line.says, Implies) or line.says.args[1] != conclusion.says:
        return None
    closed = frozenset(name for name, says in conclusion.supposed.items() if says == line.says.args[0])
    return Granted(closes={0: closed})


@rule("modus ponens")
def modus_ponens(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From "p implies q" and p: q."""
    implied, premise = premises
    return Granted() if implied.says == Implies(premise.says, line.says, evaluate=False) else None


@rule("cases")
def cases(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """The same shown in every case: the first premise is a disjunction, the others show the line under each part."""
    either, *shown = premises
    if not isinstance(either.says, Or) or any(premise.says != line.says for premise in shown):
        return None
    closes: dict[int, frozenset[str]] = {}
    for number, premise in enumerate(shown, 1):
        under = {name: says for name, says in premise.supposed.items() if says in either.says.args}
        if len(set(under.values())) > 1:  # a branch may rest on one case only
            return None
        closes[number] = frozenset(under)
    covered = {says for premise in shown for says in premise.supposed.values()}
    return Granted(closes=closes) if covered.issuperset(either.says.args) else None


def is_natural(symbol: Any) -> bool:
    """Whether a symbol may be any integer from 0 on, and is declared to be nothing more."""
    return isinstance(symbol, Symbol) and symbol.assumptions0 == NATURAL


NATURAL = Symbol("s", integer=True, nonnegative=True).assumptions0


@rule("induction")
def induction(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From the line at 0, and at v + 1 supposing it at v, for every v; ``given["index"]``: v, an integer from 0 on."""
    base, step = premises
    index = line.given["index"]
    if not is_natural(index):
        return None
    if any(index in limit.free_symbols for limit in frame.ranges) or index in bound_symbols(line.says):
        return None
    hypothesis = frozenset(name for name, says in step.supposed.items() if says == line.says)
    others = {name: says for name, says in step.supposed.items() if name not in hypothesis}
    if index in frame.fixed((base, replace(step, supposed=others))):
        return None
    starts = alike(substituted(line.says, {index: Integer(0)}), base.says)
    goes_on = alike(substituted(line.says, {index: index + 1}), step.says)
    return Granted(closes={1: hypothesis}, marks=frozenset({"induction"})) if starts and goes_on else None


@rule("lag")
def lag(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From ``k + l`` for every lag l ≥ 0 to ``t`` for every t ≥ k. ``given``: "late" t, "early" k, "lag" l."""
    (general,) = premises
    late, early, distance = (line.given[word] for word in ("late", "early", "lag"))
    if distance in frame.fixed(premises) or late in general.says.free_symbols:
        return None
    if not is_natural(distance) or not within(frame.ranges, [late >= early]):
        return None
    if {late, early, distance} & bound_symbols(general.says):
        return None
    return Granted() if alike(substituted(general.says, {distance: late - early}), line.says) else None


@rule("contradiction")
def contradiction(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From two premises of which one denies the other, under a supposition: the opposite of that supposition."""
    first, second = premises
    if not _opposite(first.says, second.says):
        return None
    closes = {
        number: frozenset(name for name, says in premise.supposed.items() if _opposite(says, line.says))
        for number, premise in enumerate(premises)
    }
    return Granted(closes=closes)


def _opposite(left: Proposition, right: Proposition) -> bool:
    """Whether two relations between the same real sides, or the same matrices, deny each other."""
    return isinstance(left, Relational) and type(right) is OPPOSITES.get(type(left)) and left.args == right.args


OPPOSITES = {Eq: Ne, Ne: Eq, Le: Gt, Gt: Le, Ge: Lt, Lt: Ge}


@rule("real arithmetic")
def real_arithmetic(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A relation between real numbers that follows from those of the premises, decided by z3."""
    try:
        return Granted() if follows([premise.says for premise in premises], line.says) else None
    except Unreadable:
        return None
