"""The records that make up the catalogue: sources, assumptions, theorems, claims.

Each is frozen and keyword-only, and is checked when it is made: a missing or unknown field, an empty text, a statement
with one wrong sibling only is a `RecordError` that names the file and the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from html import escape
from typing import Any

from hypothesis.strategies import SearchStrategy
from sympy import Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanAtom

from backproof.theory.confronting.comparison import Comparison
from backproof.theory.confronting.settling import settled
from backproof.theory.evaluation.truth import decide
from backproof.theory.evaluation.understood import obstacle
from backproof.theory.language.typeset import tex
from backproof.theory.language.validation import kind_of
from backproof.theory.proving.kernel import Proof
from backproof.theory.records.forms import Record, record

Statement = Any  # a SymPy relation, or a conjunction of them; SymPy has no types of its own
Decide = Callable[[Any, Any], bool | None]
Check = Callable[[Any, Any, Any], Iterable[Comparison]]


def _no_relations(field_: str, values: Iterable[Any], *kinds: Any) -> Iterator[str]:
    """What stands in a field and is no relation, nor a combination of them, nor of another kind that may be there."""
    for value in values:
        if not isinstance(value, kinds):
            yield f"the field {field_!r} must hold relations, got {kind_of(value)}"


@record
class Source(Record):
    """A text that is cited: lecture notes, a paper, a book."""

    key: str
    title: str
    by: str = ""
    year: int | None = None

    def at(self, place: str) -> Place:
        """A place in it: a page, a section, an equation."""
        return Place(source=self, place=place)


@record
class Place(Record):
    """A place in a source: the source, and a page, section or equation in words."""

    source: Source
    place: str

    def __repr__(self) -> str:
        """As it is written in a theorem."""
        return f"{self.source!r}.at({self.place!r})"


@record
class Assumption(Record):
    """A condition on instances: its text for the page, a proposition for proofs, a predicate for the run.

    ``every``: the index symbols of the proposition for all of whose values it is assumed, as t for "at every step".
    """

    name: str
    text: str
    holds: Callable[[Any], bool]
    says: Any = None
    every: tuple[Symbol, ...] = ()

    def problems(self) -> Iterable[str]:
        """Empty texts, and a predicate that cannot be called."""
        yield from super().problems()
        yield from _no_relations("says", () if self.says is None else (self.says,), Boolean)


@record
class Measurement(Record):
    """A statistic over seeds. ``sample`` gives one number a seed; ``expected`` was fixed before any run.

    The statistic is shown if the whole confidence interval of its mean lies within ``expected`` (low, high).
    """

    quantity: str
    effect: str
    seeds: int
    sample: Callable[[Any, int], float]  # subject, seed
    expected: tuple[float, float]
    confidence: float = 0.99

    def problems(self) -> Iterable[str]:
        """Empty texts, too few seeds, and an interval that excludes nothing."""
        yield from super().problems()
        if self.seeds < 20:
            yield f"the field 'seeds' must be at least 20, got {self.seeds}"
        if not 0 < self.confidence < 1:
            yield f"the field 'confidence' must be between 0 and 1, got {self.confidence}"
        low, high = self.expected
        if not low < high:
            yield f"the field 'expected' must be (low, high), got {self.expected}"


@record
class Theorem(Record):
    """A statement with everything that speaks for it.

    ``statement`` is the one expression that is typeset, proved, checked and mutated. ``proof``, ``check`` and
    ``decide`` are functions of a statement, so each wrong sibling in ``mutants`` runs through the same three.

    - ``instances``: a Hypothesis strategy that builds instances which meet the assumptions.
    - ``check(statement, subject, instance)``: comparisons of what the subject does with what the statement says; by
      default the statement is settled at the instance in exact or ball arithmetic, and needs no subject.
    - ``decide(statement, instance)``: True or False if exact or ball arithmetic settles it, None if it does not.
    - ``certified``: exact instances at which ``decide`` must answer True.
    - ``without``: for each assumption an instance that breaks it alone and at which the statement certainly fails.
    - ``sequences``: by name, what a sequence of the proof is that no instance gives, at a time: a function of an
      arithmetic, an environment and the time.
    - ``attained``: an instance at which an inequality comes as close as it can, and ``ratio`` to measure it.
    """

    title: str
    words: str
    sources: tuple[Place, ...]
    statement: Statement
    instances: SearchStrategy[Any]
    mutants: Mapping[str, Statement]
    check: Check = settled
    proof: Proof | None = None
    definitions: Mapping[str, Any] = field(default_factory=dict)
    sequences: Mapping[str, Callable[[Any, Any, int], Any]] = field(default_factory=dict)
    decide: Decide = decide
    assumptions: tuple[Assumption, ...] = ()
    without: Mapping[Assumption, Any] = field(default_factory=dict)
    certified: tuple[Any, ...] = ()
    attained: Any = None
    ratio: Callable[[Any], float] | None = None
    measurement: Measurement | None = None
    ledger: tuple[str, ...] = ()  # what readers of the sources ask next: F1, F2, …
    pictures: tuple[Callable[[Any], Any], ...] = ()
    examples: int | None = None

    @property
    def uses(self) -> tuple[str, ...]:
        """The ids of the theorems that its proof cites."""
        return () if self.proof is None else self.proof.cites

    def problems(self) -> Iterable[str]:
        """Empty texts, and what a sceptic asks for: two wrong siblings, a source, a witness for each assumption."""
        yield from super().problems()
        if not isinstance(self.statement, Relational | Boolean | bool):
            yield f"the field 'statement' must be a relation, got {type(self.statement).__name__}"
        if not self.sources:
            yield "the field 'sources' names no source"
        yield from _no_relations("mutants", self.mutants.values(), Boolean, bool)
        if self.examples is not None and self.examples < 1:
            yield f"the field 'examples' must be at least 1, got {self.examples}"
        if len(self.mutants) < 2:
            yield f"the field 'mutants' must hold at least 2 wrong siblings, got {len(self.mutants)}"
        yield from self._settled_beforehand()
        yield from self._alike()
        yield from self._not_understood()
        for assumption in self.without:
            if assumption not in self.assumptions:
                yield f"the field 'without': {assumption.name!r} is not an assumption of this theorem"
        for assumption in self.assumptions:
            if assumption not in self.without:
                yield f"the field 'without' has no witness that {assumption.name!r} is needed"
        if (self.attained is None) != (self.ratio is None):
            yield "the fields 'attained' and 'ratio' go together"

    def _settled_beforehand(self) -> Iterator[str]:
        """What SymPy reduces to True or False says nothing of any instance, and neither proof nor run can judge it."""
        way = "write it with evaluate=False, or say something that depends on the instance"
        if isinstance(self.statement, BooleanAtom | bool):
            yield f"the field 'statement' is {self.statement} before any instance is seen: {way}"
        for name, mutant in self.mutants.items():
            if isinstance(mutant, BooleanAtom | bool):
                yield f"the field 'mutants': {name!r} is {mutant} before any instance is seen: {way}"

    def _alike(self) -> Iterator[str]:
        """A sibling that is the statement, or another sibling, guards nothing."""
        first: dict[Any, str] = {}
        for name, mutant in self.mutants.items():
            if mutant == self.statement:
                yield f"the field 'mutants': {name!r} is the statement itself"
            if mutant in first:
                yield f"the field 'mutants': {name!r} is the same as {first[mutant]!r}"
            first.setdefault(mutant, name)

    def _not_understood(self) -> Iterator[str]:
        """What the default check could not evaluate; a check of the record's own may know more."""
        if self.check is not settled:
            return
        if why := obstacle(self.statement):
            yield f"the field 'statement': {why}"
        for name, mutant in self.mutants.items():
            if why := obstacle(mutant):
                yield f"the field 'mutants', {name!r}: {why}"

    def _repr_html_(self) -> str:
        """Title, words, the statement typeset and the assumptions, as a notebook shows them."""
        where = "".join(f"<li>{escape(one.name)}: {escape(one.text)}</li>" for one in self.assumptions)
        where = f"<p>where</p><ul>{where}</ul>" if where else ""
        formula = f"$$\\displaystyle {escape(tex(self.statement))}$$"
        return f"<h4>{escape(self.title)}</h4><p>{escape(self.words)}</p><p>{formula}</p>{where}"


@record
class Dependence(Record):
    """A setting that a source leaves open: the outcome at each of its values, as a mean over seeds.

    The claim holds at a value if the whole confidence interval of the mean lies above ``at_least``, and fails there if
    the whole of it lies below.
    """

    setting: str
    values: tuple[float, ...]
    quantity: str
    at_least: float
    sample: Callable[[Any, float, int], float]  # subject, value of the setting, seed
    seeds: int = 24
    confidence: float = 0.99
    names: tuple[str, ...] = ()  # of the values, where they are no numbers

    def problems(self) -> Iterable[str]:
        """Empty texts, a grid of one value, and too few seeds."""
        yield from super().problems()
        if len(self.values) < 2:
            yield "the field 'values' needs two values or more: one shows no dependence"
        if self.seeds < 20:
            yield f"the field 'seeds' must be at least 20, got {self.seeds}"


@record
class Reading(Record):
    """A literal reading of a claim: what it supposes, and what is said to follow.

    ``statement`` is the conclusion; None means that the theorem's own statement is read, under its own assumptions.
    ``premises`` are relations, or assumptions with a predicate. ``witness`` is an exact instance at which every premise
    certainly holds and the conclusion is expected to fail; the run certifies both with ``decide``, by default that of
    the theorem whose proof and check judge the reading.
    """

    theorem: str
    premises: tuple[Any, ...] = ()
    statement: Any = None
    witness: Any = None
    decide: Decide | None = None

    def problems(self) -> Iterable[str]:
        """Empty texts, and what is said to follow, or supposed, without being a relation."""
        yield from super().problems()
        yield from _no_relations("statement", () if self.statement is None else (self.statement,), Boolean)
        yield from _no_relations("premises", self.premises, Boolean, Assumption)


@record
class Claim(Record):
    """A statement of a source, in our words, with the readings that judge it.

    Whether a reading fails, which theorem corrects it and by what change is for the run to say. ``depends`` are
    settings that the source leaves open and that decide the outcome.
    """

    id: str
    source: Place
    words: str
    readings: tuple[Reading, ...]
    mapping: str = ""
    why: str = ""
    depends: tuple[Dependence, ...] = ()

    def problems(self) -> Iterable[str]:
        """Empty texts, and a claim without a reading."""
        yield from super().problems()
        if not self.readings:
            yield f"the field 'readings' of {self.id} is empty: a claim needs something that runs"
