"""The kernel: what must be trusted of a proof. A proof is data, and only rules of the register make a line hold.

A line says a proposition, names the rule by which it holds and the hypotheses and earlier lines that the rule may use.
What it needs is carried along: the assumptions behind it, and the suppositions that are still open. A proposition with
free symbols is meant for every value that they may have; those of time indices are within the ranges that the proof
states. The last line has to be the statement, with no supposition open.

Trusted are this file, the rules, SymPy's arithmetic of expressions, and z3. A second engine looks at each line besides
(`records.second_engine`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Basic, Derivative
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from backproof.theory.proving.lines import Line as Line
from backproof.theory.proving.lines import Proof as Proof
from backproof.theory.proving.lines import Proposition as Proposition
from backproof.theory.proving.lines import line as line


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A theorem that lines may cite: what it says, within which ranges, and what it assumes.

    ``assumes``: each assumption, with the indices for all of which it is made.
    """

    says: Proposition
    assumes: tuple[tuple[Proposition, frozenset[Any]], ...] = ()
    ranges: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Context:
    """What lines may cite, by name. A theorem that is cited brings its assumptions, which must be proved or assumed."""

    assumptions: Mapping[str, Proposition] = field(default_factory=dict)
    every: Mapping[str, frozenset[Any]] = field(default_factory=dict)  # for which indices an assumption is made
    definitions: Mapping[str, Proposition] = field(default_factory=dict)
    theorems: Mapping[str, Cited] = field(default_factory=dict)

    def without(self, name: str) -> Context:
        """The same without one assumption."""
        rest = {other: says for other, says in self.assumptions.items() if other != name}
        return replace(self, assumptions=rest)


@dataclass(frozen=True, kw_only=True)
class Sequent:
    """What has been shown: a proposition, the assumptions behind it, and the suppositions still open, by name."""

    says: Proposition
    assumed: frozenset[str] = frozenset()
    supposed: Mapping[str, Proposition] = field(default_factory=dict)
    marks: frozenset[str] = frozenset()  # what the rules behind it say of its scope


Premises = tuple[Sequent, ...]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What a rule may know beside its line and premises: the ranges of indices, and what the assumptions say."""

    ranges: tuple[Any, ...]
    context: Context

    def fixed(self, premises: Premises) -> frozenset[Any]:
        """The symbols that are not free to be chosen in what the premises say.

        They are those of open suppositions, and what `assumed` finds.
        """
        supposed = {
            symbol for premise in premises for says in premise.supposed.values() for symbol in says.free_symbols
        }
        return self.assumed(premises) | supposed

    def assumed(self, premises: Premises) -> frozenset[Any]:
        """The symbols of which the assumptions behind the premises, or a definition, say something.

        Of assumptions all but the indices for which they are made; of definitions, which are made for every index,
        all but those.
        """
        found = {
            symbol
            for says in self.context.definitions.values()
            for symbol in says.free_symbols
            if not getattr(symbol, "is_integer", False)
        }
        for name in frozenset().union(*(premise.assumed for premise in premises)):
            every = self.context.every.get(name, frozenset())
            found |= self.context.assumptions[name].free_symbols - every
        return frozenset(found)

    def named(self, premises: Premises, closed: frozenset[str] = frozenset()) -> frozenset[Any]:
        """Every symbol that stands in what is behind the premises: a fresh symbol is none of them."""
        context = self.context
        behind = [
            *self.ranges,
            *context.definitions.values(),
            *(context.assumptions[name] for premise in premises for name in premise.assumed),
            *(says for premise in premises for name, says in premise.supposed.items() if name not in closed),
        ]
        return frozenset(symbol for says in behind for symbol in says.free_symbols)


@dataclass(frozen=True, kw_only=True)
class Granted:
    """A rule's consent: what it closes, whether it opens a supposition, what it says of the scope.

    ``closes``: the suppositions by name, for each premise by its number; another premise that makes the same
    supposition keeps it open.
    """

    closes: Mapping[int, frozenset[str]] = field(default_factory=dict)
    opens: bool = False
    marks: frozenset[str] = frozenset()


Rule = Callable[[Line, Premises, Frame], Granted | None]
RULES: dict[str, Rule] = {}


def rule(name: str) -> Callable[[Rule], Rule]:
    """Enter a function into the register."""

    def enter(function: Rule) -> Rule:
        if name in RULES:
            raise ValueError(f"two rules are called {name!r}")
        RULES[name] = function
        return function

    return enter


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the kernel found: each line with its sequent, None if it does not hold, and why the proof is open."""

    lines: tuple[tuple[Line, Sequent | None], ...]
    obstacle: str | None

    @property
    def closed(self) -> bool:
        """Whether every line holds and the last one is the statement."""
        return self.obstacle is None

    @property
    def assumed(self) -> frozenset[str]:
        """The assumptions that the last line rests on."""
        last = self.lines[-1][1] if self.lines else None
        return last.assumed if last is not None else frozenset()

    @property
    def marks(self) -> frozenset[str]:
        """What the rules behind the last line say of its scope."""
        last = self.lines[-1][1] if self.lines else None
        return last.marks if last is not None else frozenset()


def check(proof: Proof, statement: Proposition, context: Context) -> Checked:
    """Check line after line; stop at the first that does not hold."""
    frame = Frame(ranges=proof.ranges, context=context)
    known: dict[str, Sequent] = {}
    found: list[tuple[Line, Sequent | None]] = []
    for number, line in enumerate(proof.lines, 1):  # noqa: F402
        shown = infer(line, known, frame)
        if not isinstance(shown, Sequent):
            return Checked(lines=(*found, (line, None)), obstacle=f"line {number}{shown}")
        found.append((line, shown))
        known[line.name] = shown
    return Checked(lines=tuple(found), obstacle=_unfinished(found, statement))


def infer(line: Line, known: Mapping[str, Sequent], frame: Frame) -> Sequent | str:
    """What a line shows after the lines that are known, or why it does not hold, in words that follow its number."""
    context = frame.context
    if line.name in {*known, *context.assumptions, *context.definitions, *context.theorems}:
        return f": the name {line.name!r} is taken"
    if not isinstance(line.says, Boolean | Relational):
        return f" says {line.says}, which is no proposition"
    if line.rule not in RULES:
        return f": there is no rule {line.rule!r}"
    try:
        premises = tuple(_premise(name, known, context) for name in line.by)
    except KeyError as missing:
        return f" rests on {missing}, which is neither assumed nor shown"
    return _granted(line, premises, frame) or f" does not hold by {line.rule}: {line.why or line.says}"


def _premise(name: str, known: Mapping[str, Sequent], context: Context) -> Sequent:
    if name in known:
        return known[name]
    if name in context.assumptions:
        return Sequent(says=context.assumptions[name], assumed=frozenset({name}))
    if name in context.definitions:
        return Sequent(says=context.definitions[name])
    raise KeyError(name)


def _granted(line: Line, premises: Premises, frame: Frame) -> Sequent | None:
    """The sequent of a line, if its rule consents; an error inside a rule is no consent."""
    try:
        granted = RULES[line.rule](line, premises, frame)
    except (ArithmeticError, AttributeError, LookupError, NotImplementedError, TypeError, ValueError):
        return None
    if not isinstance(granted, Granted):
        return None
    supposed = {
        name: says
        for number, premise in enumerate(premises)
        for name, says in premise.supposed.items()
        if name not in granted.closes.get(number, ())
    }
    if granted.opens:
        supposed[line.name] = line.says
    return Sequent(
        says=line.says,
        assumed=frozenset().union(*(premise.assumed for premise in premises)),
        supposed=supposed,
        marks=granted.marks.union(*(premise.marks for premise in premises)),
    )


def _unfinished(found: list[tuple[Line, Sequent | None]], statement: Proposition) -> str | None:
    if not found:
        return "the proof has no lines"
    last = found[-1][1]
    assert last is not None
    if last.supposed:
        return f"the last line still supposes {', '.join(last.supposed)}"
    if last.says != statement:
        return "the last line is not the statement"
    return None


def bound_symbols(expression: Any) -> frozenset[Any]:
    """The symbols that are bound somewhere in an expression: they occur in it and are not free.

    The sizes of a matrix symbol are part of its name.
    """
    if not isinstance(expression, Basic):
        return frozenset()
    found: set[Any] = set()
    for node in _nodes(expression):
        if getattr(node, "is_symbol", False):
            continue
        inside = set().union(*(arg.free_symbols for arg in node.args)) if node.args else set()
        found |= inside - node.free_symbols
        if isinstance(node, Derivative):  # SymPy counts the variable as free, for it is where the derivative is taken
            found |= set(node.variables)
    return frozenset(found)


def _nodes(expression: Any) -> Any:
    yield expression
    if getattr(expression, "is_symbol", False):  # the sizes in a matrix symbol are part of its name
        return
    for arg in expression.args:
        if isinstance(arg, Basic):
            yield from _nodes(arg)
