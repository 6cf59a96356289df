"""The search for a counterexample: instances of the record's strategy, instances from anywhere, and a directed search.

A refutation is an instance at which the statement is certainly false, or the subject certainly off. An exception is
none: it says that the statement could not be evaluated. What can be settled neither way is counted, and says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from sympy import MatrixSymbol

from backproof.referee.directed import climb, symbols_of
from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.subject import Lacks, drawing_for, narrow, suited
from backproof.theory.instances.reach import Reach
from backproof.theory.instances.reaching import reaching
from backproof.theory.instances.strategies import regions
from backproof.theory.instances.symbols import assumed, cases
from backproof.theory.language.notation import At
from backproof.theory.language.relations import premises
from backproof.theory.language.written import construction
from backproof.theory.nets.networks import Net, net_of
from backproof.theory.records.records import Theorem

EXAMPLES = {"ci": 200, "dev": 80, "thorough": 3000}
"""Instances for each theorem by profile."""

BEYOND = 2
"""For every so many instances of the record's own strategy there is one from anywhere."""

FAR = 8
"""For every so many instances there is one with a large or a long net, where the record's own strategy is free to."""

SAMPLED = 20
"""So many instances are kept at first, and then each one whose number is a multiple of it."""


@dataclass(kw_only=True, repr=False)
class Search:
    """What a search found: how many instances were confronted, how close they came, and a counterexample if any."""

    offered: bool = True
    lacking: str | None = None
    examples: int = 0
    undecided: int = 0
    worst_margin: float | None = None
    worst_instance: str | None = None
    regions: dict[str, int] = field(default_factory=dict)
    reach: Reach = field(default_factory=Reach)
    digits: float | None = None  # to how many digits sides met, where nothing more certain could be said
    closest: float | None = None  # how close a directed search brought the sides: 1 is a tie
    counterexample: str | None = None
    message: str | None = None
    unsuited: int = 0  # instances with a setting that the subject does not offer
    instance: Any = None  # the counterexample
    sample: list[Any] = field(default_factory=list)  # some of the instances that were confronted, for the siblings
    crashed: bool = False  # an exception, at the instance: the statement could not be evaluated there

    @property
    def passes(self) -> bool:
        """No counterexample, on at least one instance, and most of them decided."""
        return self.offered and self.counterexample is None and self.examples > 0 and not self.too_open

    @property
    def too_open(self) -> bool:
        """Whether more instances were left undecided than decided.

        With half of N instances decided, a fault that N decided ones would miss once in a million is missed once in a
        thousand; with fewer the number of instances says little.
        """
        return self.undecided > self.examples

    def __repr__(self) -> str:
        """The call that makes it again, without what says nothing."""
        return construction(self)


class _Refuted(AssertionError):
    """The instance breaks the statement."""


def needs_subject(theorem: Theorem) -> bool:
    """Whether the theorem's check asks the subject; a statement that is settled as it stands asks none."""
    return theorem.check is not settled


def search(theorem: Theorem, statement: Any, subject: Any, *, count: int, seed: int = 0, shrink: bool = True) -> Search:
    """Look for an instance at which the subject breaks the statement, or at which it is false.

    A statement that needs no subject is also tried at instances from anywhere that meet the assumptions, and uphill.
    """
    found = Search()
    confront = _confronted(found, theorem, statement, subject)
    with reaching(far=False) as near:
        _draw(found, _hypothesis(theorem.instances, confront, count, seed, shrink, picky=narrow(subject)), subject)
    if near.possible and found.examples and found.counterexample is None:
        with reaching(far=True):
            _draw(found, _hypothesis(theorem.instances, confront, -(-count // FAR), seed, shrink, picky=True), subject)
    if found.unsuited and not found.examples and found.counterexample is None:
        found.offered = False
    if found.counterexample is None and found.message is None and not needs_subject(theorem):
        _look_elsewhere(found, theorem, statement, subject, count // BEYOND, seed, shrink)
    return found


def _confronted(found: Search, theorem: Theorem, statement: Any, subject: Any) -> Callable[[Any], None]:
    """The function that Hypothesis calls with each instance."""

    def confront(instance: Any) -> None:
        if needs_subject(theorem):
            try:
                instance = suited(subject, instance)
            except Lacks as lacking:
                found.unsuited, found.lacking = found.unsuited + 1, str(lacking)
                hypothesis.reject()
        if not all(assumption.holds(instance) for assumption in theorem.assumptions):
            hypothesis.reject()
        try:
            comparisons = list(theorem.check(statement, subject, instance))
        except Undecided:
            found.undecided += 1
            hypothesis.reject()
        except (Lacks, hypothesis.errors.UnsatisfiedAssumption):
            raise
        except NotImplementedError as error:  # so says a subject of an argument that it does not take
            found.unsuited, found.lacking = found.unsuited + 1, str(error)
            hypothesis.reject()
        except Exception as error:
            found.counterexample, found.instance, found.crashed = repr(instance), instance, True
            found.message = f"{type(error).__name__}: {error}"
            raise
        _note(found, instance, comparisons)

    return confront


def _draw(found: Search, confronted: Callable[[], None], subject: Any) -> None:
    """Run the function that draws and confronts; the record says what came of it."""
    try:
        with drawing_for(subject):
            confronted()
    except Lacks as lacking:
        found.offered, found.lacking = False, str(lacking)
    except (Unsatisfiable, _Refuted):
        pass
    except hypothesis.errors.FailedHealthCheck as unhealthy:
        found.message = f"the strategy is unhealthy: {unhealthy}"
        found.examples = 0
    except Exception as error:
        if found.counterexample is None:
            found.message = f"{type(error).__name__}: {error}"
            found.examples = 0


def _look_elsewhere(
    found: Search, theorem: Theorem, statement: Any, subject: Any, count: int, seed: int, shrink: bool
) -> None:
    """Instances from anywhere, and a directed search, for a statement on matrices and numbers alone."""
    symbols = set().union(*map(symbols_of, (statement, *assumptions_said(theorem))))
    if not symbols or not all(isinstance(s, MatrixSymbol) or (s.is_Symbol and not isinstance(s, At)) for s in symbols):
        return
    before = found.undecided
    confront = _confronted(found, theorem, statement, subject)

    def meeting(instance: Any) -> None:
        try:
            meets = all(assumption.holds(instance) for assumption in theorem.assumptions)
        except (ArithmeticError, KeyError, TypeError, ValueError, IndexError, AttributeError):
            meets = False  # an assumption that speaks of something else than these symbols
        hypothesis.assume(meets)
        confront(instance)

    said = [*assumptions_said(theorem), *premises(statement)]
    drawn = cases(*assumed(sorted(symbols, key=str), said), wide=True)
    _draw(found, _hypothesis(drawn, meeting, count, seed, shrink, picky=True), subject)
    found.undecided = before  # an instance from anywhere may well be beyond what balls can settle
    if found.counterexample is not None:
        return
    uphill = climb(statement, theorem.assumptions, seed=seed)
    found.closest = uphill.closest
    if uphill.instance is not None:
        found.counterexample, found.instance = repr(uphill.instance), uphill.instance
        found.message = f"{statement} is certainly false, found by going uphill on the violation"


def assumptions_said(theorem: Theorem) -> list[Any]:
    """The assumptions that are propositions."""
    return [assumption.says for assumption in theorem.assumptions if assumption.says is not None]


def _hypothesis(
    strategy: SearchStrategy[Any], confront: Any, count: int, seed: int, shrink: bool, *, picky: bool
) -> Callable[[], None]:
    """The function with Hypothesis' settings; the same seed gives the same instances."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    unhealthy = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    configured = settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=phases,
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=hypothesis.Verbosity.quiet,
        suppress_health_check=[*unhealthy, HealthCheck.filter_too_much] if picky else unhealthy,
    )
    return hypothesis.seed(seed)(configured(given(strategy)(confront)))


def _note(found: Search, instance: Any, comparisons: list[Any]) -> None:
    """Take the comparisons of one instance into the record; raise if one fails."""
    failing = [comparison for comparison in comparisons if not comparison.passes]
    if failing:
        worst = max(failing, key=lambda comparison: comparison.margin)
        found.crashed = False
        found.counterexample, found.instance = repr(instance), instance
        found.message = worst.detail or f"{worst.what}: margin {worst.margin:.3g}"
        raise _Refuted(found.message)
    if not comparisons:
        hypothesis.reject()
    found.examples += 1
    found.reach.take(instance)
    if found.examples <= SAMPLED or found.examples % SAMPLED == 0:
        found.sample.append(instance)
    met = [comparison.digits for comparison in comparisons if comparison.digits is not None]
    found.digits = min(met if found.digits is None else [found.digits, *met], default=None)
    margin = max(comparison.margin for comparison in comparisons)
    if found.worst_margin is None or margin > found.worst_margin:
        found.worst_margin, found.worst_instance = margin, repr(instance)
    net = net_of(instance)
    for region in regions(net) if isinstance(net, Net) else ():
        found.regions[region] = found.regions.get(region, 0) + 1
