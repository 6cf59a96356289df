"""Sums over indices: their order, logarithms of products, determinants of triangular matrices."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Determinant, Dummy, Eq, Ge, Gt, Implies, Integer, Le, Ne, Product, Symbol, log

from backproof.theory.language.nodes import StepSum
from backproof.theory.proving.indices import within
from backproof.theory.proving.kernel import Frame, Granted, Line, Premises, bound_symbols, rule

_DECLARED = [Symbol("i", integer=True, **more).assumptions0 for more in ({}, {"nonnegative": True}, {"positive": True})]


def _for_each(index: Any, lower: Any, upper: Any, premises: Premises, frame: Frame) -> bool:
    """Whether what the premises say holds for every value of an index between two ends."""
    if not index.is_Symbol or index.assumptions0 not in _DECLARED or index in frame.fixed(premises):
        return False
    if index in lower.free_symbols | upper.free_symbols:
        return False
    plain = Dummy("i", integer=True)
    known = [limit for limit in frame.ranges if index not in limit.free_symbols]
    wanted = [limit.xreplace({index: plain}) for limit in frame.ranges if index in limit.free_symbols]
    if index.is_nonnegative:  # what the index is declared to be has to follow from its ends as well
        wanted.append(Ge(plain, 1 if index.is_positive else 0, evaluate=False))
    return within((*known, Ge(plain, lower, evaluate=False), Le(plain, upper, evaluate=False)), wanted)


@rule("order of summation")
def order(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """``Σ_i Σ_j f = Σ_j Σ_i f``, where no end of one sum depends on the index of the other."""
    if premises or not isinstance(line.says, Eq):
        return None
    left, right = line.says.args
    if not all(isinstance(side, StepSum) and isinstance(side.args[0], StepSum) for side in (left, right)):
        return None
    body, inner, *inside = left.args[0].args
    _, outer, *outside = left.args
    if inner == outer or any({inner, outer} & end.free_symbols for end in (*inside, *outside)):
        return None
    return Granted() if right == StepSum(StepSum(body, outer, *outside), inner, *inside) else None


@rule("logarithm of a product")
def logarithm(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """``log |Π_i f_i| = Σ_i log |f_i|``; the premise says ``f_i ≠ 0`` for every i."""
    (nonzero,) = premises
    if not isinstance(line.says, Eq) or not isinstance(line.says.rhs, StepSum) or not isinstance(nonzero.says, Ne):
        return None
    index, lower, upper = line.says.rhs.args[1:]
    factor = nonzero.says.lhs
    wanted = Eq(
        log(Abs(Product(factor, (index, lower, upper)))),
        StepSum(log(Abs(factor)), index, lower, upper),
        evaluate=False,
    )
    if nonzero.says.rhs != 0 or index in bound_symbols(factor) or line.says != wanted:
        return None
    return Granted() if _for_each(index, lower, upper, premises, frame) else None


@rule("determinant of a triangular matrix")
def triangular(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """``det R = Π_i R_ii``; the premise says ``i > j ⟹ R_ij = 0`` for all i and j from 1 on."""
    (upper,) = premises
    if not isinstance(line.says, Eq) or not isinstance(line.says.lhs, Determinant):
        return None
    R = line.says.lhs.args[0]
    if not isinstance(upper.says, Implies) or not isinstance(upper.says.args[0], Gt):
        return None
    i, j = upper.says.args[0].args
    size = R.shape[0]
    if i == j or {i, j} & R.free_symbols or upper.says.args[1] != Eq(R[i - 1, j - 1], 0, evaluate=False):
        return None
    if not all(_for_each(index, Integer(1), size, premises, frame) for index in (i, j)):
        return None
    return Granted() if line.says.rhs == Product(R[i - 1, i - 1], (i, 1, size)) else None
