"""Where the two sides of a relation meet: balls only shrink around the point, and common digits are counted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from flint import acb, arb, arb_mat
from sympy import And, Eq, Ge, Implies, Le, Not, Or

from backproof.theory.arithmetic import Balls, NotOffered, Undecided, precision
from backproof.theory.evaluation import Environment, compiled, evaluate
from backproof.theory.evaluation.relations import holds
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.language.nodes import ForEveryEigenvalue, ForSomeEigenvalue
from backproof.theory.language.relations import all_of, any_of, implies, negation

FINER = 4 * BITS
"""The bits with which what is left open is evaluated again."""

SHRINKS = BITS // 2
"""By how many bits a difference must shrink with the further bits to count as 0: half of them, as eigenvalues that
coincide are enclosed to half or a third of the precision only."""

DIGITS_A_BIT = 0.30103


class Meeting:
    """A statement at an instance where nothing certain can be said with `BITS` bits.

    ``verdict``: True, False or None. True may rest on sides that meet; then ``digits`` says to how many decimal digits,
    and is None where every relation is certain.
    """

    def __init__(self, statement: Any, instance: Any) -> None:
        self.digits: float | None = None
        with precision(BITS):
            coarse = list(instance.environments(Balls(), statement))
        with precision(FINER):
            fine = list(instance.environments(Balls(), statement))
        pairs = zip(coarse, fine, strict=True)
        self.verdict = all_of(self._weakly(statement, wide, narrow) for wide, narrow in pairs)

    def _weakly(self, statement: Any, wide: Environment, narrow: Environment) -> bool | None:
        """The truth where sides that meet count as equal; not in a negation or a premise, where that would be wrong."""
        if isinstance(statement, And | Or):
            verdicts = (self._weakly(part, wide, narrow) for part in statement.args)
            return all_of(verdicts) if isinstance(statement, And) else any_of(verdicts)
        if isinstance(statement, Not):
            return negation(_certainly(statement.args[0], narrow))
        if isinstance(statement, Implies):
            premise, conclusion = statement.args
            return implies(_certainly(premise, narrow), self._weakly(conclusion, wide, narrow))
        if isinstance(statement, ForEveryEigenvalue | ForSomeEigenvalue):
            found_each = [self._weakly(statement.args[2], *pair) for pair in _at_eigenvalues(statement, wide, narrow)]
            return all_of(found_each) if isinstance(statement, ForEveryEigenvalue) else any_of(found_each)
        certain = _certainly(statement, narrow)
        if certain is not None or not isinstance(statement, Eq | Le | Ge):
            return certain
        found = _digits_shared(statement, wide, narrow)
        if found is None:
            return None
        self.digits = found if self.digits is None else min(self.digits, found)
        return True


def judged(statement: Any, instance: Any) -> tuple[bool | None, float | None]:
    """The verdict at an instance, and to how many digits sides had to meet for it; no digits where all is certain.

    False is always certain. Exceptions of an evaluation that cannot be had are the caller's, but for `Undecided`.
    """
    verdict = decide(statement, instance)
    if verdict is not None:
        return verdict, None
    try:
        meeting = Meeting(statement, instance)
    except (Undecided, NotOffered):
        return None, None
    return meeting.verdict, meeting.digits if meeting.verdict is True else None


def _at_eigenvalues(
    statement: Any, wide: Environment, narrow: Environment
) -> Iterator[tuple[Environment, Environment]]:
    """Both environments at each eigenvalue: the finer enclosures, each beside the coarse one that lies nearest."""
    matrix, symbol, _ = statement.args
    with precision(BITS):
        coarse = Balls().eigenvalues(compiled(matrix)(Balls(), wide))
    with precision(FINER):
        fine = Balls().eigenvalues(compiled(matrix)(Balls(), narrow))
    for value in fine:
        near = min(coarse, key=lambda other: float(abs(other - value).mid()))
        pair = wide.copy(), narrow.copy()
        pair[0][symbol], pair[1][symbol] = near, value
        yield pair


def _certainly(statement: Any, environment: Environment) -> bool | None:
    with precision(FINER):
        try:
            return holds(statement, Balls(), environment)
        except Undecided:
            return None


def _digits_shared(relation: Any, wide: Environment, narrow: Environment) -> float | None:
    """To how many digits the sides meet, entry by entry: the least of them; None if nobody knows that they do.

    Where the difference is 0, its ball shrinks by the further bits, whatever cancels on the way; so nothing is compared
    with a size that may itself be 0. The digits are counted from the magnitude of what was cancelled, which the radius
    of the coarse ball tells.
    """
    differences = []
    for environment, bits in ((wide, BITS), (narrow, FINER)):
        with precision(bits):
            try:
                left, right = (_flat(evaluate(side, Balls(), environment)) for side in relation.args)
            except Undecided:
                return None
            both = itertools.zip_longest(left, right, fillvalue=arb(0))  # a real side beside a complex one
            differences.append([a - b for a, b in both])
    digits = [digits_met(before, after) for before, after in zip(*differences, strict=True)]
    return None if None in digits else min((d for d in digits if d is not None), default=FINER * DIGITS_A_BIT)


def digits_met(before: arb, after: arb) -> float | None:
    """To how many digits a difference is 0 that was enclosed coarsely and then finely; None if it may be another."""
    if after.is_zero():
        return FINER * DIGITS_A_BIT
    wide, narrow = before.abs_upper(), after.abs_upper()
    if not after.contains(0) or not wide.is_finite() or wide.is_zero():
        return None
    gained = float(((wide / narrow).log() / arb(2).log()).mid())
    return (BITS + gained) * DIGITS_A_BIT if gained >= SHRINKS else None


def _flat(value: Any) -> list[arb]:
    if isinstance(value, acb):
        return [value.real, value.imag]
    return [arb(entry) for entry in (value.entries() if isinstance(value, arb_mat) else [value])]
