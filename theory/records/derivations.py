"""The proof of a theorem before the kernel: what its lines may cite, what it covers, and whether it would prove more.

The context is made of what the record says and nothing else: its assumptions, its definitions, the theorems that it
uses. Each theorem used is taken as it is stated; that it is proved is for its own record to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sympy import Ge

from backproof.theory.language.nodes import OpenFunction
from backproof.theory.language.notation import T, k, t
from backproof.theory.language.relations import parts
from backproof.theory.proving import (
    algebra,
    chain_rule,
    citing,
    elementwise,
    entries,
    equality,
    facts,
    gradients,
    indices,
    logic,
)
from backproof.theory.proving.equality import alike
from backproof.theory.proving.indices import covers
from backproof.theory.proving.kernel import Checked, Cited, Context, Frame, Proof, Sequent, check, infer
from backproof.theory.records.catalogue import theorem as find
from backproof.theory.records.records import Theorem
from backproof.theory.records.second_engine import Looked

REGISTERED = (algebra, chain_rule, citing, elementwise, entries, equality, facts, gradients, indices, logic)
"""The rooms of the rules; importing them enters the rules into the register."""


def context_of(theorem: Theorem) -> Context:
    """What the lines of a theorem's proof may cite.

    Raises
    ------
    KeyError
        If a theorem that it uses does not exist.
    """
    used = {id: find(id) for id in theorem.uses}
    return Context(
        assumptions={
            assumption.name: assumption.says for assumption in theorem.assumptions if assumption.says is not None
        },
        every={assumption.name: frozenset(assumption.every) for assumption in theorem.assumptions},
        definitions=dict(theorem.definitions),
        theorems={
            id: Cited(
                says=other.statement,
                assumes=tuple((assumption.says, frozenset(assumption.every)) for assumption in other.assumptions),
                ranges=_ranges(other),
            )
            for id, other in used.items()
            if all(assumption.says is not None for assumption in other.assumptions)
        },
    )


def _ranges(theorem: Theorem) -> tuple[Any, ...]:
    """Those of its proof; without a proof, steps from 1 on and an earlier time from 0 to there."""
    if theorem.proof is not None:
        return theorem.proof.ranges
    free = theorem.statement.free_symbols
    steps = [Ge(t, 1, evaluate=False)] if t in free else []
    before = [Ge(k, 0, evaluate=False), Ge(t if t in free else T, k, evaluate=False)] if k in free else []
    return (*steps, *before)


def _proof_of(theorem: Theorem) -> Proof:
    if theorem.proof is None:
        raise ValueError(f"{theorem.title!r} has no proof")
    return theorem.proof


def attempt(theorem: Theorem) -> Checked:
    """The theorem's proof, checked; a proof that leaves an assumption unused is open as well."""
    proof = _proof_of(theorem)
    found = check(proof, theorem.statement, context_of(theorem))
    if found.obstacle is None and not covers(proof.ranges, theorem.statement):
        return replace(found, obstacle="the ranges leave out a time that the statement speaks of")
    cells = sorted(mark for mark in found.marks if mark.startswith("cell "))
    if found.obstacle is None and len(cells) > 1:
        return replace(found, obstacle=f"the proof speaks of more than one net: {' and '.join(cells)}")
    if found.obstacle is None:
        unused = {assumption.name for assumption in theorem.assumptions} - found.assumed
        if unused:
            return replace(found, obstacle=f"no line uses the assumption {sorted(unused)[0]!r}")
    return found


def without_each(theorem: Theorem) -> Iterator[tuple[str, bool]]:
    """Each assumption by name, and whether the proof breaks without it."""
    proof, context = _proof_of(theorem), context_of(theorem)
    for assumption in theorem.assumptions:
        yield assumption.name, not check(proof, theorem.statement, context.without(assumption.name)).closed


def proves(theorem: Theorem, sibling: Any) -> bool:
    """Whether the last steps of the proof would prove the sibling just as well."""
    return proves_each(theorem, parts(sibling))


def proves_each(theorem: Theorem, theirs: Sequence[Any]) -> bool:
    """Whether the last steps of the proof would prove just as well a sibling of which these are the parts.

    Each part of it that the statement lacks takes the place of a part that it replaces, in the line that says that
    part; the line's rule is asked again, with the same premises.
    """
    proof = _proof_of(theorem)
    ours = parts(theorem.statement)
    same = frozenset(ours)
    new = [part for part in theirs if part not in same and not any(alike(part, known) for known in ours)]
    replaced = [part for part in ours if part not in theirs] or list(ours)
    if not new:
        return True
    found = _checked(theorem)
    frame = Frame(ranges=proof.ranges, context=context_of(theorem))
    places = [i for i, (line, _) in enumerate(found.lines) if any(alike(line.says, part) for part in replaced)]
    return all(any(_grants(found, frame, place, part) for place in places) for part in new)


@lru_cache(maxsize=2)  # a theorem's siblings are judged one after another, and share every line but one
def _checked(theorem: Theorem) -> Checked:
    return check(_proof_of(theorem), theorem.statement, context_of(theorem))


def _grants(found: Checked, frame: Frame, place: int, part: Any) -> bool:
    """Whether the rule of a line would say another part, and leave no supposition open."""
    known = {line.name: sequent for line, sequent in found.lines[:place] if sequent is not None}
    said = replace(found.lines[place][0], says=part, why="as a sibling has it")  # a reason that is not to be printed
    shown = infer(said, known, frame)
    return isinstance(shown, Sequent) and not shown.supposed


def scope_of(theorem: Theorem, found: Checked, looked: tuple[Looked, ...] = ()) -> str:
    """What the proof covers, in words: from the rules behind its last line, the symbols, and who looked at it."""
    entries = sorted(mark for mark in found.marks if mark.startswith("entry by entry"))
    sizes = "; ".join(entries) if entries else "every size"
    words = [sizes]
    times = {t, k, T} & theorem.statement.free_symbols
    if times or found.marks & {"chain rule"}:
        words.append("every horizon")
    if theorem.statement.has(OpenFunction) or found.marks & {"cell Elman"}:
        fixed = any(
            assumption.says is not None and assumption.says.has(OpenFunction) for assumption in theorem.assumptions
        )
        words.append("every activation that the assumptions allow" if fixed else "every smooth activation")
    words += [f"assuming {assumption.name}" for assumption in theorem.assumptions]
    alone = sum(one.status == "not looked at" for one in looked)
    if alone:
        words.append(f"{alone} of {len(looked)} lines on the kernel's word alone")
    return ", ".join(words)
