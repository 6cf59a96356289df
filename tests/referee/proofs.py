"""What becomes of a proof: the kernel's judgement, and that of an engine which shares nothing with its rules."""

from __future__ import annotations

from backproof.reports.proof_record import Line, ProofRecord
from backproof.theory.language.typeset import tex
from backproof.theory.proving.kernel import Checked
from backproof.theory.records import derivations
from backproof.theory.records.records import Theorem
from backproof.theory.records.second_engine import Looked, look_over


def proved(theorem: Theorem) -> ProofRecord | None:
    """The judgement of the kernel and of the second engine, line by line.

    An assumption without which the proof still closes is an obstacle, and so is a line that is false at a point.
    """
    if theorem.proof is None:
        return None
    found = derivations.attempt(theorem)
    looked = look_over(theorem, found)
    obstacle = found.obstacle
    if obstacle is None:
        idle = [name for name, breaks in derivations.without_each(theorem) if not breaks]
        obstacle = f"the proof closes without the assumption {idle[0]!r}" if idle else None
    obstacle = obstacle or contradicted(found, looked)
    seconds = (*looked, *[Looked(status="")] * (len(found.lines) - len(looked)))
    lines = tuple(
        Line(
            why=line.why,
            tex=tex(line.says),
            holds=sequent is not None and second.status != "contradicted",
            method=line.rule,
            second=second.status,
            engines=second.engines,
            points=second.points,
            remark=second.point or second.reason,
        )
        for (line, sequent), second in zip(found.lines, seconds, strict=True)
    )
    scope = derivations.scope_of(theorem, found, looked)
    return ProofRecord(closed=obstacle is None, scope=scope, lines=lines, obstacle=obstacle)


def contradicted(found: Checked, looked: tuple[Looked, ...]) -> str | None:
    """The first line that is certainly false at a point which meets all that it rests on, in words."""
    for number, ((line, _), second) in enumerate(zip(found.lines, looked, strict=False), 1):
        if second.status == "contradicted":
            said = line.why or line.name
            return f"line {number} ({said}) was granted by {line.rule}, and is false at {second.point}"
    return None
