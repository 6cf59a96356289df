"""The search for a counterexample: Hypothesis draws instances, the theorem's check confronts them with the subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from theory.arithmetic import Undecided
from theory.nets import Net
from theory.records import Theorem
from theory.strategies import regions
from theory.subject import Lacks

EXAMPLES = {"ci": 300, "dev": 100, "thorough": 3000}
"""Instances for each theorem by profile."""


@dataclass
class Search:
    """What a search found."""

    offered: bool = True
    lacking: str | None = None
    examples: int = 0
    undecided: int = 0
    worst_margin: float | None = None
    worst_instance: str | None = None
    regions: dict[str, int] = field(default_factory=dict)
    counterexample: str | None = None
    message: str | None = None
    crashed: bool = False  # the counterexample is an exception, not a number out of bounds

    @property
    def passes(self) -> bool:
        """No counterexample, on at least one instance."""
        return self.offered and self.counterexample is None and self.examples > 0


class _Refuted(AssertionError):
    """The instance breaks the statement."""


def search(theorem: Theorem, statement: Any, subject: Any, *, count: int, seed: int = 0, shrink: bool = True) -> Search:
    """Look for an instance at which the subject breaks the statement."""
    found = Search()

    def confront(instance: Any) -> None:
        if not all(assumption.holds(instance) for assumption in theorem.assumptions):
            hypothesis.reject()
        try:
            comparisons = list(theorem.check(statement, subject, instance))
        except Undecided:
            found.undecided += 1
            hypothesis.reject()
        except (Lacks, hypothesis.errors.UnsatisfiedAssumption):
            raise
        except Exception as error:
            found.counterexample, found.crashed = repr(instance), True
            found.message = f"{type(error).__name__}: {error}"
            raise
        _note(found, instance, comparisons)

    try:
        _settled(theorem, confront, count, seed, shrink)()
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
    return found


def _settled(theorem: Theorem, confront: Any, count: int, seed: int, shrink: bool) -> Any:
    """The function with Hypothesis' settings; the same seed gives the same instances."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    configured = settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=phases,
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=hypothesis.Verbosity.quiet,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    return hypothesis.seed(seed)(configured(given(theorem.instances)(confront)))


def _note(found: Search, instance: Any, comparisons: list[Any]) -> None:
    """Take the comparisons of one instance into the record; raise if one fails."""
    failing = [comparison for comparison in comparisons if not comparison.passes]
    if failing:
        worst = max(failing, key=lambda comparison: comparison.margin)
        found.crashed = False
        found.counterexample, found.message = repr(instance), worst.detail or f"{worst.what}: margin {worst.margin:.3g}"
        raise _Refuted(found.message)
    if not comparisons:
        hypothesis.reject()
    found.examples += 1
    margin = max(comparison.margin for comparison in comparisons)
    if found.worst_margin is None or margin > found.worst_margin:
        found.worst_margin, found.worst_instance = margin, repr(instance)
    net = getattr(instance, "net", instance)
    for region in regions(net) if isinstance(net, Net) else ():
        found.regions[region] = found.regions.get(region, 0) + 1
