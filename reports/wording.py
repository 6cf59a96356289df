"""The words and numbers of a report: what each verdict and kind of evidence means, and how numbers read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from backproof.reports.proof_record import Line
from backproof.reports.record import ClaimRecord, MeasurementRecord, PropertyRecord, TheoremRecord

THEOREM_VERDICTS = {
    "proved": "Every line of a derivation holds by a rule of the kernel, for the scope named beside it.",
    "certified": "Ball arithmetic or exact rationals settle it at exact inputs or over whole boxes.",
    "tested": "No counterexample was found among the instances tried on this subject.",
    "measured": "A statistic over seeds shows the effect, whose size was fixed before the run.",
    "failed": "Some evidence speaks against it, or a check came to no answer. This fails the run.",
    "vacuous": "No instance met its assumptions, so nothing was shown. This fails the run.",
}
CLAIM_VERDICTS = {
    "holds": "The literal reading is a theorem that stands.",
    "corrected": "The literal reading fails at a witness, and a theorem corrects it; or a setting decides.",
    "refuted": "The literal reading fails at a witness, and no theorem named for it corrects it.",
    "narrative": "It says nothing that can be checked.",
    "failed": "The run reached no verdict. This fails the run.",
}
EVIDENCE = {
    "proved": "Every line of a derivation holds by a rule of the kernel, for a stated scope.",
    "certified": "Ball arithmetic or exact rationals settle it at exact inputs or over whole boxes.",
    "tested": "No counterexample in the stated number of instances. The worst margin is error ÷ bound: up to 1 passes.",
    "guarded": "Every wrong sibling of the statement is rejected, by each kind of evidence it meets.",
    "sharp": "For each assumption a certified witness that the statement fails without it; "
    "for a bound, how close instances come.",
    "measured": "A statistical statement: number of seeds, effect and confidence interval.",
}
GLYPHS = {
    "proved": "■",
    "certified": "◆",
    "tested": "●",
    "measured": "▲",
    "guarded": "◇",
    "sharp": "△",
    "failed": "✕",
    "vacuous": "∅",
    "holds": "=",
    "corrected": "≈",
    "refuted": "≠",
    "narrative": "¶",
}
"""A sign for each word, so that colour never speaks alone."""


@dataclass(frozen=True)
class Evidence:
    """One row of a theorem's evidence: what was found, and whether it speaks for the statement."""

    kind: str
    stands: bool
    facts: tuple[str, ...]


def evidence(theorem: TheoremRecord) -> list[Evidence]:
    """List the kinds of evidence that the theorem offers, in the order of `EVIDENCE`."""
    rows = []
    if proof := theorem.proof:
        rows.append(Evidence("proved", proof.closed, (proof.scope,)))
    if theorem.certified is not None:
        rows.append(Evidence("certified", True, (theorem.certified,)))
    if theorem.property.offered:
        rows.append(_tested(theorem.property))
    if theorem.mutants:
        killed = sum(mutant.killed for mutant in theorem.mutants)
        facts = (f"{killed} of {count(len(theorem.mutants), 'wrong sibling')} rejected",)
        rows.append(Evidence("guarded", killed == len(theorem.mutants), facts))
    if theorem.sharp or theorem.tight:
        rows.append(_sharp(theorem))
    if theorem.measured:
        rows.append(_measured(theorem.measured))
    return rows


def second_word(line: Line) -> str:
    """Say what the second engine found of a line of a derivation, as a clause after the rule; nothing if not asked."""
    if line.second == "agreed" and line.points:
        return f"; evaluation agrees at {count(line.points, 'point')}: {', '.join(line.engines)}"
    if line.second == "agreed":
        return f"; {', '.join(line.engines)} agrees"
    if line.second == "contradicted":
        return f"; false at {line.remark}"
    if line.second == "not looked at":
        return f"; on its rule alone: {line.remark}"
    return ""


def _tested(found: PropertyRecord) -> Evidence:
    stands = found.counterexample is None and found.examples > 0
    facts = [count(found.examples, "instance") + (", no counterexample" if stands else "")]
    if found.counterexample is not None:
        facts.append("a counterexample was found")
    if found.worst_margin is not None:
        facts.append(f"worst margin {number(found.worst_margin)}")
    if found.reach:
        facts.append(found.reach)
    if found.undecided:
        facts.append(f"{count(found.undecided, 'instance')} more could be settled neither way")
    if found.digits is not None:
        facts.append(f"where the two sides meet, they do so to {found.digits:.0f} digits at least")
    if found.closest is not None:
        facts.append(f"a search uphill brought the sides to a ratio of {number(found.closest)}")
    return Evidence("tested", stands, tuple(facts))


def _sharp(theorem: TheoremRecord) -> Evidence:
    facts = []
    if theorem.sharp:
        shown = {witness.name for witness in theorem.sharp if witness.certified}
        names = {name for name, _ in theorem.assumptions}
        facts.append(f"{len(shown & names)} of {count(len(names), 'assumption')} shown to be needed")
    if tight := theorem.tight:
        how = "attained" if tight.attained else "approached"
        facts.append(f"bound {how}: ratio {number(tight.ratio)} at {tight.instance}")
    return Evidence("sharp", all(witness.certified for witness in theorem.sharp), tuple(facts))


def _measured(found: MeasurementRecord) -> Evidence:
    interval = f"confidence interval [{number(found.low)}, {number(found.high)}]"
    facts = (
        f"{found.quantity}: {number(found.estimate)}, {percent(found.confidence)} {interval}",
        f"{count(found.seeds, 'seed')}; effect fixed before the run: {found.effect}",
    )
    return Evidence("measured", found.shown, facts)


def number(value: float | None, digits: int = 3) -> str:
    """Return a number for reading: 1,234, 0.0125, 1.2 × 10⁻¹², ∞, – for none."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "undefined" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e6):
        return f"{int(value):,}".replace("-", "−")
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    if -4 <= int(exponent) < 6:
        return f"{value:.{digits}g}".replace("-", "−") if int(exponent) < digits else f"{value:,.0f}"
    return f"{mantissa.replace('-', '−')} × {power_of_ten(int(exponent))}"


def power_of_ten(exponent: int) -> str:
    """10 with a raised exponent, as plain text: 10⁻¹²."""
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def percent(share: float) -> str:
    """Return a share between 0 and 1 as a percentage, with as many digits as it has."""
    return f"{100 * share:.4g} %"


def count(amount: int, noun: str) -> str:
    """Return the amount with its noun: 1 instance, 1,200 instances."""
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def tally(records: Iterable[TheoremRecord | ClaimRecord], verdicts: Iterable[str]) -> dict[str, int]:
    """How many records have each verdict, in the order of the verdicts."""
    found = [record.verdict for record in records]
    return {verdict: found.count(verdict) for verdict in verdicts}  # type: ignore[arg-type]
