"""Which theorem corrects a reading that fails, and by what change: read off both statements and the witness.

A theorem corrects a reading if it measures what the reading measures, its conclusion differs from the reading's by one
of the changes named here, and the witness breaks just what the theorem adds: an assumption that the reading lacks, or,
where all its assumptions hold at the witness, nothing at all, so that the theorem is true where the reading fails.
What is measured stands on the left: a norm of a Jacobian, the gradient by one parameter, an alarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Abs, Derivative, Eq, Function, Ge, Gt, Le, Limit, Lt, Mul, Ne, Pow, Subs
from sympy.core.relational import Relational
from sympy.matrices.expressions import MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.reports.record import SOUND, CorrectionRecord, TheoremRecord
from backproof.theory.language.nodes import LargestEigenvalue, Measure, Softmax, SpectralRadius, StateJacobian, Vec
from backproof.theory.language.nodes.base import MatrixNode
from backproof.theory.language.notation import At
from backproof.theory.language.relations import parts
from backproof.theory.proving.equality import alike
from backproof.theory.records.catalogue import theorem as find
from backproof.theory.records.records import Assumption, Theorem

UNSUITED = (KeyError, TypeError, AttributeError)
"""What an assumption or a decision raises at an instance of another kind."""


def correction(
    conclusion: Any, premises: tuple[Any, ...], witness: Any, records: Mapping[str, TheoremRecord]
) -> CorrectionRecord | None:
    """The first of the theorems that corrects a reading which fails at the witness; None if none of them does."""
    for id, record in records.items():
        if record.verdict not in SOUND:
            continue
        theorem = find(id)
        change = change_between(conclusion, theorem)
        if change is None:
            continue
        broken = broken_at(theorem, witness)
        if broken is None or any(given(assumption, premises) for assumption in broken):
            continue
        if broken:
            added = tuple(assumption.text for assumption in broken)
            return CorrectionRecord(theorem=id, change=" and ".join(_unless_same(change)), added=added)
        if change != SAME and true_at(theorem, record, witness):
            return CorrectionRecord(theorem=id, change=change)
    return None


SAME = "the same conclusion"


def _unless_same(change: str) -> tuple[str, ...]:
    return ("an assumption more",) if change == SAME else ("an assumption more", change)


def given(assumption: Assumption, premises: tuple[Any, ...]) -> bool:
    """Whether a premise says what an assumption says."""
    says = [premise.says if isinstance(premise, Assumption) else premise for premise in premises]
    return assumption in premises or any(
        one is not None and assumption.says is not None and alike(one, assumption.says) for one in says
    )


def broken_at(theorem: Theorem, witness: Any) -> list[Assumption] | None:
    """The assumptions that do not hold at the witness; None if it is no instance that they speak of."""
    try:
        return [assumption for assumption in theorem.assumptions if assumption.holds(witness) is not True]
    except UNSUITED:
        return None


def true_at(theorem: Theorem, record: TheoremRecord, witness: Any) -> bool:
    """Whether the theorem holds at a witness that meets its assumptions: proved, decided there, or said of draws."""
    if theorem.proof is not None:
        return record.verdict == "proved"
    if theorem.definitions and theorem.measurement is not None:
        return record.measured is not None and record.measured.shown
    try:
        return theorem.decide(theorem.statement, witness) is True
    except UNSUITED:
        return False


def change_between(conclusion: Any, theorem: Theorem) -> str | None:
    """The change that leads from a conclusion to a theorem's statement, by name; None if they have nothing in common.

    The smallest change between a part that the theorem does not say and any of the parts that it says counts.
    """
    if theorem.measurement is not None and theorem.proof is None and theorem.definitions:
        means = {measured(one) for meaning in theorem.definitions.values() for one in meaning.atoms(Measure)}
        said = {measured(one) for one in conclusion.atoms(Measure)}
        return DRAWS if said and said <= means else None
    theirs = parts(theorem.statement)
    new = [part for part in parts(conclusion) if not any(alike(part, known) for known in theirs)]
    if not new:
        return SAME
    if all(any(alike(known, part) for part in parts(conclusion)) for known in theirs):
        return FEWER
    found = [_change(ours, known) for ours in new for known in theirs]
    return next((name for name in NAMES if name in found), None)


FEWER = "said of fewer quantities"
DRAWS = "in the spread over draws for in every net"
STRICT, TRANSPOSED, MODULUS = "strict for weak, or weak for strict", "a transpose", "the modulus for the sign"
VALUE, ARGUMENT = "another value or bound for the same quantity", "something else of the same quantity"
BOUND = "bounds for a value"
NAMES = (STRICT, TRANSPOSED, MODULUS, VALUE, BOUND, ARGUMENT)


def _change(ours: Any, theirs: Any) -> str | None:
    """The name of the change between two relations; None if one is none, or they do not measure the same."""
    if not (isinstance(ours, Relational) and isinstance(theirs, Relational)) or not _comparable(ours, theirs):
        return None
    if ours.args == theirs.args and {type(ours), type(theirs)} in ({Le, Lt}, {Ge, Gt}):
        return STRICT
    for name, plain in ((TRANSPOSED, _untransposed), (MODULUS, _unsigned)):
        if type(ours) is type(theirs) and all(
            plain(a) == plain(b) for a, b in zip(ours.args, theirs.args, strict=True)
        ):
            return name
    if set(ours.args) & set(theirs.args):
        return VALUE
    return BOUND if isinstance(ours, Eq | Ne) and isinstance(theirs, Le | Lt | Ge | Gt) else ARGUMENT


def _comparable(ours: Any, theirs: Any) -> bool:
    """Whether both measure the same, or the theorem says what the matrix is that the reading measures."""
    wanted, found = measured(ours.lhs), measured(theirs.lhs)
    return wanted[-len(found) :] == found


def measured(expression: Any) -> tuple[str, ...]:
    """What the side of a relation measures, from outside to inside: measures, then the derivative or the sequence.

    Limits, powers, signs, transposes and factors before it are no part of it, nor are times. A parameter is, and a lag
    that is a number.
    """
    while isinstance(expression, Limit | Pow | Transpose | Abs | Vec | Subs):
        expression = expression.args[0]
    if isinstance(expression, Mul | MatMul):
        return max(map(measured, expression.args), key=len)
    if isinstance(expression, Measure | Softmax | Derivative):
        return (type(expression).__name__, *measured(expression.args[0]))
    if isinstance(expression, At):
        return (expression.name,)
    if isinstance(expression, MatrixNode | Function):
        of = [letter(arg) for arg in expression.args if isinstance(arg, MatrixExpr)]
        return (type(expression).__name__, *of, *_fixed_lag(expression))
    return (str(expression),)


def _fixed_lag(node: Any) -> tuple[str, ...]:
    """The steps that a Jacobian goes back, if that is a number: one step of a net is not the whole way."""
    lag = node.args[0] - node.args[1] if isinstance(node, StateJacobian) else None
    return (str(lag),) if lag is not None and lag.is_number else ()


def letter(matrix: Any) -> str:
    """The letter of a parameter or of a sequence, at whatever time."""
    return str(matrix.name if isinstance(matrix, At) else matrix)


def _untransposed(expression: Any) -> Any:
    return expression.replace(lambda node: isinstance(node, Transpose), lambda node: node.arg)


def _unsigned(expression: Any) -> Any:
    plain = expression.replace(Abs, lambda inside: inside)
    return plain.replace(LargestEigenvalue, SpectralRadius)
