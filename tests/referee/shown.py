"""Records as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from sympy import pretty

from backproof.referee.described import Data
from backproof.referee.described import derivation as proof_of
from backproof.reports.record import SOUND, DeviationRecord, NotOfferedRecord, TheoremRecord
from backproof.theory.arithmetic import Floats
from backproof.theory.nets.cells import ELMAN
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled

BACKWARD = (
    "adjoint_recursion",
    "hidden_bias",
    "initial_state",
    "input_weights",
    "output_bias",
    "output_weights",
    "recurrent_weights",
)
"""The theorems that together are back-propagation through time."""


def verdict(record: TheoremRecord | NotOfferedRecord) -> str:
    """One theorem's verdict with its evidence, and what speaks against it; or that the subject does not offer it."""
    if isinstance(record, NotOfferedRecord):
        return f"{record.id}: not offered ({record.why})"
    found = record.property
    evidence = [f"{found.examples} instances" if found.offered else f"not offered: {found.message}"]
    if found.worst_margin is not None:
        evidence.append(f"worst margin {found.worst_margin:.2g}")
    if found.undecided:
        evidence.append(f"{found.undecided} more undecided")
    if found.digits is not None:
        evidence.append(f"sides meet to {found.digits:.0f} digits")
    evidence.append(f"{sum(m.killed for m in record.mutants)}/{len(record.mutants)} wrong siblings rejected")
    lines = [f"{record.id}: {record.verdict} ({record.scope}; {'; '.join(evidence)}; {record.seconds:.1f} s)"]
    if record.verdict not in SOUND:
        lines += [f"  {problem}" for problem in record.problems or ("No instance meets the assumptions.",)]
    return "\n".join(lines)


def deviations(subject: str, found: Iterable[DeviationRecord]) -> str:
    """Where a subject is not the textbook's, one place after another."""
    lines = ["", f"{subject} deviates from the textbook:"]
    for one in found:
        lines.append(f"  {one.theorem}, {one.name}: {one.textbook}")
        if one.expected:
            size = "" if one.size is None else f", off by {one.size:.2g}" + (" of it" if one.expected != "0" else "")
            lines.append(f"    At {one.instance}: expected {one.expected}, found {one.found}{size}.")
        else:
            lines += [f"    At {one.instance}: {one.found}.", f"    Known: {one.why}."]
    return "\n".join(lines)


def theorem(described: Data) -> str:
    """A theorem for reading: statement, assumptions, derivation, wrong siblings, sources."""
    lines = [f"{described['title']}  [{described['id']}]"]
    lines += ["", f"  {described['words']}", "", f"  {described['statement']}", ""]
    lines += [f"  Assuming {each['name']}: {each['text']}" for each in described["assumptions"]]
    proof = described["derivation"]
    if proof is not None:
        lines += ["Derivation (" + proof["scope"] + ")", *_numbered(proof)]
        lines += [] if proof["closed"] else [f"  not closed: {proof['obstacle']}"]
    lines += ["Wrong siblings", *(f"  {name}: {mutant}" for name, mutant in described["mutants"].items())]
    lines += ["Sources", *(f"  {each['title']}, {each['place']}" for each in described["sources"])]
    return "\n".join(lines)


def _numbered(proof: Data) -> list[str]:
    lines = []
    for number, line in enumerate(proof["lines"], 1):
        mark = "checked" if line["holds"] else "DOES NOT HOLD"
        lines += [
            f"  {number}. {(line['why'] or line['method']).rstrip('.')}.",
            f"     {line['relation']}",
            f"     [{mark}: {line['method']}]",
        ]
    return lines


def claim(described: Data) -> str:
    """A claim for reading: whose it is, what it says, and the readings that judge it."""
    id, source = described["id"], described["source"]
    lines = [f"{id}  {source['title']}, {source['place']}", "", f"  {described['words']}"]
    if described["mapping"]:
        lines.append(f"  In our notation: {described['mapping']}")
    for reading in described["readings"]:
        said = "the theorem itself" if reading["statement"] is None else reading["statement"]
        lines.append(f"  Read as {said}, judged by {reading['theorem']}")
        lines += [f"    if {premise}" for premise in reading["premises"]]
        if reading["witness"] is not None:
            lines.append(f"    tried at {reading['witness']}")
    return "\n".join([*lines, "", f"  backproof check {id} judges the theorems; backproof report gives the verdict."])


def derivation(units: int, steps: int) -> tuple[str, bool]:
    """The Elman net's gradients as numbered, checked lines, and the size of one evaluation; whether all lines hold."""
    from backproof.theory.records.catalogue import theorem as find

    lines = ["One step of the cell:"]
    lines += [f"  {pretty(lhs, use_unicode=True)} = {rhs}" for lhs, rhs in ELMAN.equations]
    closed, number = True, 0
    for name in BACKWARD:
        theorem = find(f"gradients/{name}")
        result = proof_of(theorem)
        closed &= result["closed"]
        lines += ["", theorem.title + ":", *_numbered(result)]
        number += len(result["lines"])
    random = np.random.default_rng(0)
    instance = net(W=random.normal(size=(units, units)) / np.sqrt(units), inputs=random.normal(size=(steps, units)))
    gradients = Unrolled(instance, Floats()).backward()
    lines += ["", f"{number} lines, {'all checked' if closed else 'NOT all checked'}."]
    lines += [f"Evaluated at {units} units and {steps} steps: |∂L/∂W| = {np.linalg.norm(gradients['W']):.6g}."]
    return "\n".join(lines), closed
