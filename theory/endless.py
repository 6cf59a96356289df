"""Scalar tanh nets with an endless horizon, given by a law for their states: exact where limits are claimed.

Any states h_i strictly between −1 and 1 are those of the net with weight w and inputs x_i = artanh(h_i) − w h_{i−1}.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import And, Eq, Expr, Gt, Limit, Lt, Symbol, atanh, factor, limit, oo, simplify, tanh

from theory.activations import ACTIVATIONS
from theory.checkers import scalars
from theory.nodes import SpectralNorm, StateJacobian
from theory.notation import T

i = Symbol("i", integer=True, positive=True)
ell = Symbol("l", integer=True, nonnegative=True)

PRODUCT = SpectralNorm(StateJacobian(T, 0))


@dataclass(frozen=True, kw_only=True)
class Endless:
    """``weight`` w, ``states`` h_i as a law in i ≥ 1, h_0 = 0, and the product of the first l factors, closed."""

    weight: Expr
    states: Expr
    product: Expr

    @property
    def factor(self) -> Expr:
        """``∂h_i/∂h_{i−1} = w tanh′(a_i)`` with tanh′ derived."""
        slope = ACTIVATIONS["tanh"].derivatives[1]
        return simplify(self.weight * slope(self.activation))

    @property
    def activation(self) -> Expr:
        """``a_i = artanh(h_i)``, which the inputs are chosen to give."""
        return atanh(self.states)

    @property
    def sound(self) -> bool:
        """Whether the states are those of the net and the closed form is the product: by induction on l."""
        inside = scalars(Lt(factor(self.states**2), 1)) is True or scalars(Gt(factor(1 - self.states**2), 0)) is True
        reached = simplify(tanh(self.activation) - self.states) == 0
        start = simplify(self.product.subs(ell, 0) - 1) == 0
        step = self.product.subs(ell, i) - self.product.subs(ell, i - 1) * self.factor
        return inside and reached and start and simplify(step) == 0

    def __repr__(self) -> str:
        """The net and its factors."""
        return (
            f"tanh, one unit, w = {self.weight}, h_0 = 0, inputs x_i = artanh({self.states}) - w h_(i-1), "
            f"so h_i = {self.states}, ∂h_i/∂h_(i-1) = {factor(self.factor)} and ∂h_l/∂h_0 = {factor(self.product)}"
        )


def decide_vanishing(statement: Any, instance: Any) -> bool | None:
    """A statement on the limit of the product, where every factor lies strictly between 0 and 1."""
    known = isinstance(instance, Endless) and instance.sound
    if (
        not known
        or scalars(Gt(factor(instance.factor), 0)) is not True
        or scalars(Gt(factor(1 - instance.factor), 0)) is not True
    ):
        return None
    return _limits(statement, instance)


def decide_exploding(statement: Any, instance: Any) -> bool | None:
    """A statement on the limit of the product, where every factor exceeds 1."""
    known = isinstance(instance, Endless) and instance.sound
    if not known or scalars(Gt(factor(instance.factor - 1), 0)) is not True:
        return None
    return _limits(statement, instance)


def _limits(statement: Any, instance: Endless) -> bool | None:
    verdicts = [_limit(part, instance) for part in (statement.args if isinstance(statement, And) else (statement,))]
    return False if False in verdicts else (True if all(v is True for v in verdicts) else None)


def _limit(part: Any, instance: Endless) -> bool | None:
    x = Symbol("x", positive=True)
    if not isinstance(part.lhs, Limit):
        return None
    body = part.lhs.args[0].xreplace({PRODUCT: instance.product.subs(ell, x), T: x})
    value = limit(body, x, oo)
    verdict = scalars(part.func(value, part.rhs))
    return False if isinstance(part, Eq) and value.is_finite and part.rhs.is_infinite else verdict
