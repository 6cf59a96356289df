"""Entries of matrices and terms of sums: from what holds of each to what holds of all, and back.

X, Y are matrices, c a real number. i, j stand for a row and a column.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Determinant, Eq, Integer, Le, Max, Min, Mul, Ne, Or, Sum, ZeroMatrix
from sympy.matrices.expressions import HadamardPower, HadamardProduct, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from backproof.theory.language.nodes import Clamp, EuclideanNorm, Inner, JointNorm, LargestEntry
from backproof.theory.proving.equality import alike
from backproof.theory.proving.facts.norms import HORN_JOHNSON
from backproof.theory.proving.facts.numbers import CALCULUS
from backproof.theory.proving.facts.schema import Built, fact, require
from backproof.theory.proving.indices import within
from backproof.theory.proving.kernel import Frame, Granted, Line, Premises, Sequent, bound_symbols, rule
from backproof.theory.proving.logic import is_natural


def entry(X: MatrixExpr, i: Any, j: Any) -> Any:
    """``X_ij``, through sums, multiples, elementwise products, transposes and clamps."""
    if isinstance(X, MatAdd):
        return sum((entry(term, i, j) for term in X.args), Integer(0))
    if isinstance(X, MatMul):
        coefficient, factors = X.as_coeff_matrices()
        if len(factors) == 1:
            return coefficient * entry(factors[0], i, j)
    if isinstance(X, HadamardProduct):
        return Mul(*(entry(factor, i, j) for factor in X.args))
    if isinstance(X, HadamardPower) and X.exp.is_Integer and X.exp > 0:
        return entry(X.base, i, j) ** X.exp
    if isinstance(X, Transpose):
        return entry(X.arg, j, i)
    if isinstance(X, ZeroMatrix):
        return Integer(0)
    if isinstance(X, Clamp):
        inside, low, high = X.args
        return Min(Max(entry(inside, i, j), low), high)
    return MatrixElement(X, i, j)


def _arbitrary(place: tuple[Any, Any], says: Any, premises: Premises, frame: Frame) -> bool:
    """Whether a row and a column may be any: two symbols for indices that nothing else speaks of."""
    fixed = frame.fixed(premises) | says.free_symbols | bound_symbols(says)
    fixed = fixed.union(*(limit.free_symbols for limit in frame.ranges))
    indices = all(map(is_natural, place))
    return indices and place[0] != place[1] and fixed.isdisjoint(place)


@rule("an entry")
def an_entry(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """Equal matrices have equal entries. ``given["at"]``: row and column."""
    (whole,) = premises
    if not isinstance(whole.says, Eq) or not isinstance(whole.says.lhs, MatrixExpr):
        return None
    i, j = line.given["at"]
    left, right = (entry(side, i, j) for side in whole.says.args)
    return Granted() if alike(Eq(left, right, evaluate=False), line.says) else None


@rule("every entry")
def every_entry(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """Matrices are equal, or the largest modulus is at most b, if that holds in an arbitrary entry ``given["at"]``."""
    (there,) = premises
    if not _arbitrary(line.given["at"], line.says, premises, frame):
        return None
    left, right = line.says.args
    if isinstance(line.says, Eq) and isinstance(left, MatrixExpr) and left.shape == right.shape:
        wanted = Eq(*(entry(side, *line.given["at"]) for side in (left, right)), evaluate=False)
    elif isinstance(line.says, Le) and isinstance(left, LargestEntry):
        wanted = Le(Abs(entry(left.args[0], *line.given["at"])), right, evaluate=False)
    else:
        return None
    return Granted() if alike(wanted, there.says) else None


@rule("the largest entry")
def the_largest_entry(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """What holds supposing that ``|X_ij| = max |X|`` holds: some entry has that modulus, i and j are fresh.

    ``given``: "of" X, "at" (i, j).
    """
    (shown,) = premises
    X, (i, j) = line.given["of"], line.given["at"]
    attained = Eq(Abs(entry(X, i, j)), LargestEntry(X), evaluate=False)
    closed = frozenset(name for name, says in shown.supposed.items() if says == attained)
    rest = Sequent(
        says=shown.says,
        assumed=shown.assumed,
        supposed={name: says for name, says in shown.supposed.items() if name not in closed},
    )
    if line.says != shown.says or {i, j} & X.free_symbols or not _arbitrary((i, j), line.says, (rest,), frame):
        return None
    return Granted(closes={0: closed})


@rule("larger term by term")
def larger_term_by_term(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """``Σ_{t=a}^b f(t) ≤ Σ_{t=a}^b g(t)`` from ``f(a + l) ≤ g(a + l)`` for every lag l ≥ 0; a sum of zeros is 0.

    ``given``: "lag" l.
    """
    (term,) = premises
    lag = line.given["lag"]
    if not isinstance(line.says, Le) or not isinstance(term.says, Le):
        return None
    if not is_natural(lag) or lag in frame.fixed(premises) | line.says.free_symbols | bound_symbols(line.says):
        return None
    if any(lag in limit.free_symbols for limit in frame.ranges):
        return None
    limits = {side.limits for side in line.says.args if isinstance(side, Sum)}
    if len(limits) != 1 or any(not isinstance(side, Sum) and side != 0 for side in line.says.args):
        return None
    ((limit,),) = limits
    index, first, last = limit
    if not within(frame.ranges, [last >= first - 1]):  # fewer than no terms are no sum
        return None
    bodies = (side.function if isinstance(side, Sum) else Integer(0) for side in line.says.args)
    there = Le(*(body.subs(index, first + lag) for body in bodies), evaluate=False)
    return Granted() if alike(there, term.says) else None


@fact("an entry is at most the largest", HORN_JOHNSON)
def at_most_largest(X: Any, i: Any, j: Any) -> Built:
    """``|X_ij| ≤ max |X|``."""
    return (), Le(Abs(entry(X, i, j)), LargestEntry(X), evaluate=False)


@fact("an entry is at most the length", HORN_JOHNSON)
def at_most_length(X: Any, i: Any, j: Any) -> Built:
    """``X_ij² ≤ ⟨X, X⟩``."""
    return (), Le(entry(X, i, j) ** 2, Inner(X, X), evaluate=False)


@fact("only 0 has length 0", HORN_JOHNSON)
def definite(X: Any) -> Built:
    """``⟨X, X⟩ ≤ 0 ⟹ X = 0``."""
    return (Le(Inner(X, X), 0, evaluate=False),), Eq(X, ZeroMatrix(*X.shape), evaluate=False)


@fact("length of a multiple", HORN_JOHNSON)
def length_of_multiple(c: Any, X: Any) -> Built:
    """``‖c X‖ = |c| ‖X‖``."""
    return (), Eq(EuclideanNorm(c * X), Abs(c) * EuclideanNorm(X), evaluate=False)


@fact("joint length of a multiple", HORN_JOHNSON)
def joint_length(c: Any, parts: Any) -> Built:
    """``‖(c X, c Y, …)‖ = |c| ‖(X, Y, …)‖``."""
    return (), Eq(JointNorm(*(c * X for X in parts)), Abs(c) * JointNorm(*parts), evaluate=False)


@fact("square of a joint length", HORN_JOHNSON)
def square_of_joint(parts: Any) -> Built:
    """``‖(X, Y, …)‖² = ⟨X, X⟩ + ⟨Y, Y⟩ + …``, its definition."""
    return (), Eq(JointNorm(*parts) ** 2, sum(Inner(X, X) for X in parts), evaluate=False)


@fact("a determinant that is not 0", HORN_JOHNSON)
def regular(X: Any, v: Any) -> Built:
    """``det X ≠ 0, X v = 0 ⟹ v = 0``."""
    require(X.shape[0] == X.shape[1], f"{X} is not square")
    require(v.shape[1] == 1, f"{v} is not a column")
    return (
        Ne(Determinant(X), 0, evaluate=False),
        Eq(X * v, ZeroMatrix(*v.shape), evaluate=False),
    ), Eq(v, ZeroMatrix(*v.shape), evaluate=False)


@fact("power of a modulus", CALCULUS)
def power_of_modulus(a: Any, s: Any) -> Built:
    """``a^s = ± |a|^s`` for an exponent s ≥ 0."""
    require(s.is_integer and s.is_nonnegative, f"{s} is not an exponent from 0 on")
    require(a.is_real, f"{a} is not certainly real")
    size = Abs(a) ** s
    return (), Or(Eq(a**s, size, evaluate=False), Eq(a**s, -size, evaluate=False), evaluate=False)
