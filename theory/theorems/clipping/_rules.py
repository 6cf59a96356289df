"""Clipping by a subject, compared with the rule that a statement contains; the bound is the rounding of that rule.

``‖g‖`` of k entries is a sum of squares and a root: γ_{k+2}. The factor ε/‖g‖ and the product add a rounding each and
one for ε in the format, and a product may underflow. Where the norm is below ε by more than its own error, the gradient
must come back as it went in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray
from sympy import And, Eq, MatrixSymbol, Symbol

from backproof.theory.arithmetic import Balls, Floats, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most, midpoints, truth
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.subject import Lacks, offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Clamp, InFloats, JointNorm
from backproof.theory.language.notation import m, n
from backproof.theory.language.relations import parts

Array = NDArray[np.float64]
A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, 1)
G = MatrixSymbol("G", n, m)
epsilon, c = Symbol("epsilon", real=True), Symbol("c", real=True)
u = Symbol("u", positive=True)  # the unit roundoff of the format, 2⁻⁵³ for float64
FORMATS = (np.float64, np.float32)


def fits(case: Case, dtype: Any) -> bool:
    """Whether every number of the case is one of the format, and no subnormal."""
    least = float(np.finfo(dtype).smallest_normal)
    with np.errstate(over="ignore", under="ignore"):
        for value in case.values():
            array = np.asarray(value, dtype=np.float64)
            exact = np.array_equal(array.astype(dtype).astype(np.float64), array)
            if not exact or np.any((array != 0) & (np.abs(array) < least)):
                return False
    return True


def in_format(case: Case, symbols: tuple[MatrixSymbol, ...], dtype: Any) -> dict[str, Any]:
    """The tensors by name, a column as a vector, as a subject takes them."""
    tensors = {symbol.name: np.array(case[symbol], dtype=dtype) for symbol in symbols}
    return {name: value[:, 0] if value.shape[1] == 1 else value for name, value in tensors.items()}


def as_matrix(value: Any) -> list[list[float]]:
    """A subject's tensor as nested rows."""
    array = np.asarray(value, dtype=np.float64)
    return array.reshape(len(array), -1).tolist()


def relative(case: Case, symbols: tuple[MatrixSymbol, ...], roundoff: Roundoff) -> float:
    """The relative error of a norm-clipped entry: γ_{k+5} for k entries."""
    return roundoff.gamma(sum(np.size(case[symbol]) for symbol in symbols) + 5)


@reads(Eq)
def norm_clipping(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The conjunction of a norm and directions: its rule entry by entry, then its norm."""
    capped = next(part for part in parts(statement) if isinstance(part.lhs, JointNorm))
    yield from settled(And(*(part for part in parts(statement) if part is not capped), evaluate=False), subject, case)
    tensors = tuple(part.as_coeff_matrices()[1][0] for part in capped.lhs.args)
    clip = offered(subject, "clip_by_norm")
    with precision(BITS):
        (environment,) = case.environments(Balls(), statement)
        rule = [evaluate(part, Balls(), environment) for part in capped.lhs.args]
        whole, limit = (evaluate(side, Balls(), environment) for side in (JointNorm(*tensors), capped.rhs))
        for dtype in filter(lambda one: fits(case, one), FORMATS):
            roundoff, word = Roundoff.of(dtype), np.dtype(dtype).name
            slack = relative(case, tensors, roundoff)
            result = clip(in_format(case, tensors, dtype), case[epsilon])
            kept = bool(whole * (1 + slack) < case[epsilon])
            for symbol, reference in zip(tensors, rule, strict=True):
                bound = entry_bound(reference, 0.0 if kept else slack, roundoff)
                yield agree(f"clipped {symbol} in {word}", as_matrix(result.gradients[symbol.name]), reference, bound)
            room = roundoff.tiny * sum(np.size(case[symbol]) for symbol in tensors)
            yield _near(f"the norm afterwards in {word}", _norm(result.gradients.values()), limit, slack, room)
            yield _near(f"the norm reported in {word}", arb(float(result.norm)), whole, slack)


def entry_bound(reference: arb_mat, slack: float, roundoff: Roundoff) -> Array:
    """Nothing where nothing was to change."""
    size = midpoints(abs_mat(reference))[0]
    return slack * size + (roundoff.tiny if slack else 0.0)


def abs_mat(matrix: arb_mat) -> arb_mat:
    """Entrywise magnitude."""
    return arb_mat(matrix.nrows(), matrix.ncols(), [abs(entry) for entry in matrix.entries()])


def _norm(tensors: Any) -> arb:
    return sum((arb(float(x)) ** 2 for value in tensors for x in np.ravel(value)), arb(0)).sqrt()


def _near(what: str, got: arb, reference: arb, slack: float, room: float = 0.0) -> Comparison:
    """Equal up to a relative slack and an absolute room for underflow."""
    return at_most(
        f"|{what} − expected|", float(abs(got - reference).upper()), float((reference * slack + room).upper())
    )


def value_clipping(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """A relation about one clamped matrix: the clamp entry by entry, exactly, and the relation for what came out."""
    clamped = next(iter(statement.atoms(Clamp)), G)
    stated = statement.xreplace({clamped: Q})
    clip = offered(subject, "clip_by_value")
    with precision(BITS):
        (environment,) = case.environments(Balls(), statement)
        reference = evaluate(clamped, Balls(), environment)
    for dtype in filter(lambda one: fits(case, one), FORMATS):
        result = clip(in_format(case, (G,), dtype), case.get(c, 10.0)).gradients[G.name]
        got, name = np.asarray(as_matrix(result)), np.dtype(dtype).name
        yield agree(f"clamped G in {name}", got, reference, np.zeros_like(got))
        yield truth(f"{statement} in {name}", decide(stated, case.with_({Q: got.tolist()})))


Q = MatrixSymbol("Q", n, m)


def in_floats(statement: Any, case: Case, dtype: Any = np.float64) -> bool | None:
    """Decide a statement about ``fl(…)``: formulas are evaluated in floats as written, then the rest exactly.

    A result that is not finite breaks the statement.
    """
    values = {**case.given, u: Roundoff.of(dtype).unit}
    for formula in statement.atoms(InFloats):
        computed = float_value(formula.args[0], case, dtype)
        if not np.all(np.isfinite(computed)):
            return False
        stand_in = MatrixSymbol("Q", *formula.shape)
        statement = statement.xreplace({formula: stand_in})
        values[stand_in] = np.asarray(computed, dtype=np.float64).tolist()
    return decide(statement, Case(values))


def float_value(formula: Any, case: Case, dtype: Any) -> Any:
    """The formula in a float format; NaN if it branches on a NaN."""
    arithmetic = Floats(dtype)
    with np.errstate(all="ignore"):
        (environment,) = case.environments(arithmetic, formula)
        try:
            return evaluate(formula, arithmetic, environment)
        except Undecided:
            return np.full(np.shape(case[G]), np.nan)


def float_clipping(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The formula in floats satisfies the statement, and the subject agrees with it, within twice the bound."""
    yield truth("the formula, evaluated in float64", in_floats(statement, case))
    for dtype in filter(lambda one: fits(case, one), FORMATS):
        yield _as_in_floats(statement, offered(subject, "clip_by_norm"), case, dtype)


def half_clipping(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """As `float_clipping`, in float16.

    Raises
    ------
    Lacks
        If the subject does not take gradients of that format.
    """
    yield truth("the formula, evaluated in float16", in_floats(statement, case, np.float16))
    try:
        yield _as_in_floats(statement, offered(subject, "clip_by_norm"), case, np.float16)
    except TypeError as refused:
        raise Lacks(f"clip_by_norm in float16 ({refused})") from refused


def _as_in_floats(statement: Any, clip: Any, case: Case, dtype: Any) -> Comparison:
    formula, roundoff = next(iter(statement.atoms(InFloats))), Roundoff.of(dtype)
    result = clip(in_format(case, (G,), dtype), case[epsilon]).gradients[G.name]
    expected = np.asarray(float_value(formula.args[0], case, dtype), dtype=np.float64)
    bound = 2 * relative(case, (G,), roundoff) * np.abs(expected) + 2 * roundoff.tiny
    return agree(f"clipped gradient in {np.dtype(dtype).name}", as_matrix(result), expected, bound)


def with_an_entry(case: Case) -> Case:
    """The case, with the threshold as its first entry if it has no other."""
    rows = case[G]
    if any(entry for row in rows for entry in row):
        return case
    first = [case[epsilon], *rows[0][1:]]
    return case.with_({G: [first, *rows[1:]]})
