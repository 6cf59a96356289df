"""The record of a run: what the referee writes and the report reads.

Plain frozen dataclasses that go to JSON and back unchanged. A record holds results and typeset formulas, never code:
everything the page shows can be traced to a field here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

from backproof.reports.proof_record import ProofRecord

TheoremVerdict = Literal["proved", "certified", "tested", "measured", "failed", "vacuous"]
ClaimVerdict = Literal["holds", "corrected", "refuted", "narrative", "failed"]

SOUND: frozenset[str] = frozenset({"proved", "certified", "tested", "measured"})
"""Verdicts of a theorem that stands; the others fail the run."""


@dataclass(frozen=True, kw_only=True)
class PropertyRecord:
    """What Hypothesis found: instances tried, the worst margin (error ÷ bound) and a counterexample if any.

    ``undecided`` instances could be settled neither way. ``reach`` says from where the others were: sizes, steps,
    magnitudes, structures. Where nothing but sides that meet speaks for the statement, ``digits`` says to how many.
    ``closest`` is how near a search uphill brought the two sides, 1 being a tie.
    """

    offered: bool
    examples: int = 0
    undecided: int = 0
    reach: str = ""
    digits: float | None = None
    closest: float | None = None
    worst_margin: float | None = None
    worst_instance: str | None = None
    regions: dict[str, int] = field(default_factory=dict)
    counterexample: str | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class MutantRecord:
    """A wrong sibling of the statement, and which kinds of evidence rejected it."""

    name: str
    tex: str
    killed_by: tuple[str, ...]
    missed_by: tuple[str, ...]

    @property
    def killed(self) -> bool:
        """Killed means rejected by every kind of evidence the theorem has, and by one at least."""
        return bool(self.killed_by) and not self.missed_by


OUTCOMES = ("rejected", "undecided", "accepted")
"""What may come of a sibling that no one wrote."""


@dataclass(frozen=True, kw_only=True)
class MachineRecord:
    """A sibling that no one wrote: the statement with one small change, and what came of it.

    It is rejected or accepted only if it is certainly false at an instance; else it is undecided, and says nothing.
    """

    kind: str  # "opposite", "sign", "index", "constant" or "assumption"
    change: str
    outcome: Literal["rejected", "undecided", "accepted"]
    tex: str = ""  # for one that is not rejected
    instance: str | None = None  # at which it is false
    accepted_by: tuple[str, ...] = ()  # "proof", "decide", "check"


@dataclass(frozen=True, kw_only=True)
class WitnessRecord:
    """An exact instance at which a statement certainly fails.

    `setting` and `equations` say the same as `text`, for the page: "A tanh net of 2 units, 1 step" and a TeX equation
    for each quantity. `values` are TeX relations too: what the two sides of the statement come to at the instance.
    """

    name: str  # the assumption dropped, or the reading refuted
    text: str
    certified: bool
    detail: str
    setting: str = ""
    equations: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TightnessRecord:
    """How close instances come to a bound: ratio 1 means that it is attained."""

    ratio: float
    attained: bool
    instance: str


@dataclass(frozen=True, kw_only=True)
class MeasurementRecord:
    """A statistic over seeds; the effect was fixed before the run."""

    seeds: int
    quantity: str
    effect: str
    estimate: float
    low: float
    high: float
    confidence: float
    shown: bool


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Numbers for one plot, drawn by `backproof.reports.plots` according to its kind."""

    kind: str
    title: str
    caption: str
    data: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SourceRecord:
    """A place in the literature."""

    key: str
    title: str
    place: str


@dataclass(frozen=True, kw_only=True)
class TheoremRecord:
    """Everything one run learned about one theorem on one subject."""

    id: str
    title: str
    words: str
    tex: str
    subject: str
    verdict: TheoremVerdict
    scope: str
    problems: tuple[str, ...]  # why it failed, in sentences; empty for a sound theorem
    assumptions: tuple[tuple[str, str], ...]  # name, text
    proof: ProofRecord | None
    certified: str | None  # what was certified, in words
    property: PropertyRecord
    mutants: tuple[MutantRecord, ...]
    sharp: tuple[WitnessRecord, ...]
    tight: TightnessRecord | None
    measured: MeasurementRecord | None
    pictures: tuple[Picture, ...]
    sources: tuple[SourceRecord, ...]
    claims: tuple[str, ...]
    uses: tuple[str, ...]
    reproduce: str
    seconds: float
    machine_made: tuple[MachineRecord, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CorrectionRecord:
    """The theorem that says what is true where a reading fails, and how the two differ.

    ``change`` names the difference; ``added`` are the assumptions that the reading lacks and its witness breaks.
    """

    theorem: str
    change: str
    added: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReadingRecord:
    """One literal reading of a claim, as it was run: ``tex`` is said to follow from the ``premises``.

    ``own`` marks the statement of the theorem itself, which is no reading of the source's words.
    """

    tex: str
    theorem: str
    holds: bool
    rejected_by: tuple[str, ...]
    witness: WitnessRecord | None
    premises: tuple[str, ...] = ()  # TeX, or words between the signs of text
    correction: CorrectionRecord | None = None
    own: bool = False


@dataclass(frozen=True, kw_only=True)
class SettingRecord:
    """The outcome at one value of a setting: a mean over seeds with its interval, and what it says of the claim."""

    value: float
    name: str
    estimate: float
    low: float
    high: float
    outcome: Literal["holds", "fails", "open"]


@dataclass(frozen=True, kw_only=True)
class DependenceRecord:
    """How a claim's outcome depends on a setting that its source leaves open."""

    setting: str
    quantity: str
    at_least: float
    seeds: int
    confidence: float
    grid: tuple[SettingRecord, ...]
    picture: Picture


@dataclass(frozen=True, kw_only=True)
class ClaimRecord:
    """What became of one statement of a source."""

    id: str
    source: SourceRecord
    words: str
    mapping: str  # how the source's notation maps onto ours; may be empty
    verdict: ClaimVerdict
    why: str
    readings: tuple[ReadingRecord, ...]
    theorems: tuple[str, ...]
    problems: tuple[str, ...]
    depends: tuple[DependenceRecord, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeviationRecord:
    """Where the subject does not do what the textbook says: at which instance, and by how much.

    A probe has what was `expected` and `found` there, and the relative `size` of the difference, None if one of the two
    is an error. A theorem that the subject is known to break has the counterexample, what was found, and `why`.
    """

    name: str
    theorem: str
    textbook: str
    instance: str
    expected: str
    found: str
    size: float | None
    why: str
    deviates: bool = True


@dataclass(frozen=True, kw_only=True)
class NotOfferedRecord:
    """A theorem or a claim of which nothing is left to judge on this subject, and why: neither passed nor failed."""

    id: str
    title: str
    subject: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """A whole run. `machine` alone holds what differs between two runs of the same seed and versions."""

    subject: str
    seed: int
    profile: str
    versions: dict[str, str]
    machine: dict[str, str]
    theorems: tuple[TheoremRecord, ...]
    claims: tuple[ClaimRecord, ...]
    deviations: tuple[DeviationRecord, ...] = ()
    not_offered: tuple[NotOfferedRecord, ...] = ()

    @property
    def claiming(self) -> int:
        """How many lines of all proofs claim something."""
        return sum(theorem.proof.claiming for theorem in self.theorems if theorem.proof)

    @property
    def agreed(self) -> int:
        """With how many of them the second engine agrees."""
        return sum(theorem.proof.agreed for theorem in self.theorems if theorem.proof)

    @property
    def sound(self) -> bool:
        """Whether every theorem stands and every claim has a verdict."""
        return all(t.verdict in SOUND for t in self.theorems) and all(c.verdict != "failed" for c in self.claims)


def as_json(record: Any) -> Any:
    """The record as plain dicts, lists and scalars, in field order."""
    return dataclasses.asdict(record)
