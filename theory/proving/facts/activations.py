"""Exponentials, the functions made of them, and softmax. x is a real number, u, v, d columns."""

from __future__ import annotations

from typing import Any

from sympy import Derivative, Eq, Gt, Le, Limit, Lt, Max, OneMatrix, Symbol, exp, oo, tanh

from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import Inner, LargestEntry, Softmax, phi, phi_prime
from backproof.theory.proving.equality import alike
from backproof.theory.proving.facts.numbers import CALCULUS
from backproof.theory.proving.facts.schema import Built, fact, require
from backproof.theory.proving.kernel import Frame, Granted, Line, Sequent, rule

BOYD = "Boyd and Vandenberghe, Convex Optimization, 3.1.5, log-sum-exp"


def _real(x: Any) -> None:
    require(x.is_real, f"{x} is not certainly real")


def _columns(u: Any, v: Any) -> None:
    require(u.shape == v.shape and u.shape[1] == 1, f"{u} and {v} are not columns of one size")


@fact("sigmoid by exponentials", CALCULUS)
def sigmoid(x: Any) -> Built:
    """``σ(x) = 1/(1 + e^{-x})``, its definition."""
    _real(x)
    return (), Eq(logistic(x), 1 / (1 + exp(-x)), evaluate=False)


@fact("reflection of the sigmoid", CALCULUS)
def reflection(x: Any) -> Built:
    """``σ(−x) = 1 − σ(x)``."""
    _real(x)
    return (), Eq(logistic(-x), 1 - logistic(x), evaluate=False)


@fact("tanh by exponentials", CALCULUS)
def hyperbolic(x: Any) -> Built:
    """``tanh x = (1 − e^{-2x})/(1 + e^{-2x})``."""
    _real(x)
    return (), Eq(tanh(x), (1 - exp(-2 * x)) / (1 + exp(-2 * x)), evaluate=False)


@fact("an exponential at most 1", CALCULUS)
def at_most_one(x: Any) -> Built:
    """``x ≤ 0 ⟹ e^x ≤ 1``."""
    _real(x)
    return (Le(x, 0, evaluate=False),), Le(exp(x), 1, evaluate=False)


@fact("an exponential above its tangent", CALCULUS)
def above_tangent(x: Any) -> Built:
    """``1 + x ≤ e^x``."""
    _real(x)
    return (), Le(1 + x, exp(x), evaluate=False)


@fact("exponentials vanish", CALCULUS)
def vanishing(c: Any, rate: Any, x: Any, end: Any) -> Built:
    """``c e^{-rate x} → 0`` as x → ∞ and ``c e^{rate x} → 0`` as x → −∞, for a rate > 0."""
    require(rate.is_positive and c.is_real, f"{rate} is not a positive rate, or {c} is not certainly real")
    require(x.is_Symbol and x not in rate.free_symbols | c.free_symbols, f"{rate} or {c} depends on {x}")
    require(end in (oo, -oo), f"{end} is not an end")
    return (), Eq(Limit(c * exp(-rate * x if end == oo else rate * x), x, end), 0, evaluate=False)


@fact("slope of the larger of two", CALCULUS)
def larger(f: Any, g: Any, x: Any) -> Built:
    """``f(x) < g(x) ⟹ max(f, g)′(x) = g′(x)`` for polynomials f, g: near x the larger one is g."""
    require(x.is_Symbol and x.is_real, f"{x} is not a real variable")
    require(f.is_polynomial(x) and g.is_polynomial(x), f"{f} and {g} are not polynomials in {x}")
    return (Lt(f, g, evaluate=False),), Eq(Derivative(Max(f, g), x), g.diff(x), evaluate=False)


@fact("softmax forgets a constant alone", BOYD)
def softmax(u: Any, v: Any) -> Built:
    """``softmax u = softmax v ⟹ u − v`` is constant: p (u − v) = J (u − v) with J all ones."""
    _columns(u, v)
    size = u.shape[0]
    return (Eq(Softmax(u), Softmax(v), evaluate=False),), Eq(
        size * (u - v), OneMatrix(size, size) * (u - v), evaluate=False
    )


@fact("a mean is at most the largest", CALCULUS)
def mean(d: Any, v: Any) -> Built:
    """``⟨d, softmax v⟩ ≤ max |d_i|``: a softmax has weights ≥ 0 that add up to 1."""
    _columns(d, v)
    return (), Le(Inner(d, Softmax(v)), LargestEntry(d), evaluate=False)


@rule("one to one")
def one_to_one(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """From ``φ′(z) > 0`` for every real z and ``φ(X) = φ(Y)``, entry by entry: ``X = Y`` (mean value theorem)."""
    slope, images = premises
    if not isinstance(slope.says, Gt) or slope.says.rhs != 0 or not isinstance(slope.says.lhs, phi_prime):
        return None
    (z,) = slope.says.lhs.args
    if not z.is_Symbol or z.assumptions0 != Symbol("z", real=True).assumptions0:
        return None
    if z in frame.fixed((slope,)) or any(z in limit.free_symbols for limit in frame.ranges):
        return None
    if not isinstance(line.says, Eq) or not isinstance(images.says, Eq):
        return None
    wanted = Eq(*(side.applyfunc(phi) for side in line.says.args), evaluate=False)
    return Granted() if alike(images.says, wanted) else None
