"""Functions applied to every entry of a column: how large they are, and what they do at a place that is picked.

v, w, d are columns, f is a function of one number, c is a 1 by 1 matrix.
"""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, Identity, Lambda, Le, OneMatrix, Symbol, exp, log, tanh
from sympy.matrices.expressions import hadamard_product
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import EuclideanNorm, FrobeniusNorm, LargestEntry, Softmax, StepSum, TimeSum
from backproof.theory.proving.facts.norms import HORN_JOHNSON, must_be_column
from backproof.theory.proving.facts.numbers import CALCULUS, must_be_exponent
from backproof.theory.proving.facts.schema import Built, fact

BRIDLE = "Bridle, Probabilistic interpretation of feedforward classification network outputs, on the softmax"
ENTRIES = "the definition of a function applied to every entry"
z = Symbol("z")
RECIPROCAL = Lambda(z, 1 / z)


@fact("a sigmoid is at most 1", CALCULUS)
def sigmoid(v: Any) -> Built:
    """``max |σ(v_i)| ≤ 1``."""
    must_be_column(v)
    return (), Le(LargestEntry(v.applyfunc(logistic)), 1, evaluate=False)


@fact("what a sigmoid leaves of 1", CALCULUS)
def rest_of_sigmoid(v: Any) -> Built:
    """``max |1 − σ(v_i)| ≤ 1``; so a sigmoid is nowhere negative."""
    must_be_column(v)
    return (), Le(LargestEntry(OneMatrix(v.shape[0], 1) - v.applyfunc(logistic)), 1, evaluate=False)


@fact("tanh is at most 1", CALCULUS)
def hyperbolic(v: Any) -> Built:
    """``max |tanh v_i| ≤ 1``."""
    must_be_column(v)
    return (), Le(LargestEntry(v.applyfunc(tanh)), 1, evaluate=False)


@fact("powers of what is not negative", CALCULUS)
def signed(a: Any, s: Any) -> Built:
    """``a ≥ 0 ⟹ a^s ≥ 0``."""
    must_be_exponent(s)
    return (Ge(a, 0, evaluate=False),), Ge(a**s, 0, evaluate=False)


@fact("length of a column", HORN_JOHNSON)
def length(v: Any) -> Built:
    """``‖v‖_F = ‖v‖``: both are the root of the sum of squares."""
    must_be_column(v)
    return (), Eq(FrobeniusNorm(v), EuclideanNorm(v), evaluate=False)


@fact("length of a sum over times", HORN_JOHNSON)
def length_of_sum(X: Any, index: Any, low: Any, high: Any) -> Built:
    """``‖Σ_i X_i‖_F ≤ Σ_i ‖X_i‖_F``, the triangle inequality; both sides are 0 if there is no term."""
    sizes = StepSum(FrobeniusNorm(X), index, low, high)
    return (), Le(FrobeniusNorm(TimeSum(X, (index, low, high))), sizes, evaluate=False)


@fact("a product of what is not negative", CALCULUS)
def product(a: Any, b: Any) -> Built:
    """``a ≥ 0`` and ``b ≥ 0`` ⟹ ``a b ≥ 0``."""
    return (Ge(a, 0, evaluate=False), Ge(b, 0, evaluate=False)), Ge(a * b, 0, evaluate=False)


@fact("softmax", BRIDLE)
def softmax(v: Any) -> Built:
    """``softmax(v)_i = exp(v_i) / Σ_j exp(v_j)``, its definition."""
    must_be_column(v)
    total = OneMatrix(1, v.shape[0]) * v.applyfunc(exp)
    shares = OneMatrix(v.shape[0], 1) * total.applyfunc(RECIPROCAL)
    return (), Eq(Softmax(v), hadamard_product(v.applyfunc(exp), shares), evaluate=False)


@fact("logarithm of a softmax", BRIDLE)
def log_softmax(v: Any) -> Built:
    """``log softmax(v)_i = v_i − log Σ_j exp(v_j)``."""
    must_be_column(v)
    total = OneMatrix(1, v.shape[0]) * v.applyfunc(exp)
    shifted = v - OneMatrix(v.shape[0], 1) * total.applyfunc(log)
    return (), Eq(Softmax(v).applyfunc(log), shifted, evaluate=False)


@fact("a one-hot column picks", "Horn and Johnson, Matrix Analysis, on standard basis vectors")
def picks(d: Any) -> Built:
    """``d ∘ d = d`` and ``Σ_i d_i = 1`` ⟹ ``d dᵀ = diag(d)``: d is a vector of the standard basis."""
    must_be_column(d)
    zeros_and_ones = Eq(DiagMatrix(d) * d, d, evaluate=False)
    single = Eq(OneMatrix(1, d.shape[0]) * d, Identity(1), evaluate=False)
    return (zeros_and_ones, single), Eq(d * d.T, DiagMatrix(d), evaluate=False)


@fact("a function where columns agree", ENTRIES)
def where_they_agree(d: Any, v: Any, w: Any, f: Any) -> Built:
    """``diag(d) v = diag(d) w ⟹ diag(d) f(v) = diag(d) f(w)``: where d is not 0, v and w agree."""
    must_be_column(d)
    must_be_column(v)
    same = Eq(DiagMatrix(d) * v, DiagMatrix(d) * w, evaluate=False)
    return (same,), Eq(DiagMatrix(d) * v.applyfunc(f), DiagMatrix(d) * w.applyfunc(f), evaluate=False)


@fact("a function of equal entries", ENTRIES)
def of_equal_entries(c: Any, f: Any, size: Any) -> Built:
    """``f(1 c) = 1 f(c)`` for the column 1 of a size, with c in every place."""
    if c.shape != (1, 1):
        raise ValueError(f"{c} is not 1 by 1")
    ones = OneMatrix(size, 1)
    return (), Eq((ones * c).applyfunc(f), ones * c.applyfunc(f), evaluate=False)
