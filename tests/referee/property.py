"""The search for a counterexample: Hypothesis draws instances, the theorem's check confronts them with the subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.subject import Lacks, drawing_for, narrow, suited
from backproof.theory.instances.strategies import regions
from backproof.theory.language.written import construction
from backproof.theory.nets.networks import Net, net_of
from backproof.theory.records.records import Theorem

EXAMPLES = {"ci": 200, "dev": 80, "thorough": 3000}
"""Instances for each theorem by profile."""


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
    counterexample: str | None = None
    message: str | None = None
    unsuited: int = 0  # instances with a setting that the subject does not offer
    instance: Any = None  # the counterexample
    crashed: bool = False  # the counterexample is an exception, not a number out of bounds

    @property
    def passes(self) -> bool:
        """No counterexample, on at least one instance."""
        return self.offered and self.counterexample is None and self.examples > 0

    def __repr__(self) -> str:
        """The call that makes it again, without what says nothing."""
        return construction(self)


class _Refuted(AssertionError):
    """The instance breaks the statement."""


def search(theorem: Theorem, statement: Any, subject: Any, *, count: int, seed: int = 0, shrink: bool = True) -> Search:
    """Look for an instance at which the subject breaks the statement."""
    found = Search()
    needs_subject = theorem.check is not settled

    def confront(instance: Any) -> None:
        if needs_subject:
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

    try:
        with drawing_for(subject):
            _settled(theorem, confront, count, seed, shrink, narrow(subject))()
    except Lacks as lacking:
        found.offered, found.lacking = False, str(lacking)
    except Unsatisfiable:
        pass
    except _Refuted:
        pass
    except hypothesis.errors.FailedHealthCheck as unhealthy:
        found.message = f"the strategy is unhealthy: {unhealthy}"
        found.examples = 0
    except Exception as error:
        if found.counterexample is None:
            found.message = f"{type(error).__name__}: {error}"
            found.examples = 0
    if found.unsuited and not found.examples and found.counterexample is None:
        found.offered = False
    return found


def _settled(theorem: Theorem, confront: Any, count: int, seed: int, shrink: bool, picky: bool) -> Any:
    """The function with Hypothesis' settings; the same seed gives the same instances.

    ``picky``: the subject offers some settings only, so that many instances may have to be rejected.
    """
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
    return hypothesis.seed(seed)(configured(given(theorem.instances)(confront)))


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
    margin = max(comparison.margin for comparison in comparisons)
    if found.worst_margin is None or margin > found.worst_margin:
        found.worst_margin, found.worst_instance = margin, repr(instance)
    net = net_of(instance)
    for region in regions(net) if isinstance(net, Net) else ():
        found.regions[region] = found.regions.get(region, 0) + 1
