"""Scalar tanh nets with an endless horizon, given by a law for their states: exact where limits are claimed.

Any states h_i strictly between −1 and 1 are those of the net with weight w and inputs x_i = artanh(h_i) − w h_{i−1}.

Nets of two units with an endless horizon, given by a law: exact where limits of matrix products are claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Eq,
    Expr,
    Gt,
    Limit,
    Lt,
    Matrix,
    Symbol,
    atanh,
    eye,
    factor,
    limit,
    oo,
    simplify,
    sqrt,
    tanh,
    trigsimp,
)

from backproof.theory.instances.display import equations, setting
from backproof.theory.language.functions import ACTIVATIONS
from backproof.theory.language.nodes import SpectralNorm, StateJacobian
from backproof.theory.language.notation import T
from backproof.theory.language.relations import all_of, parts
from backproof.theory.language.typeset import tex
from backproof.theory.proving.checkers import scalars

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
    return all_of([_limit(part, instance) for part in parts(statement)])


def _limit(part: Any, instance: Endless) -> bool | None:
    x = Symbol("x", positive=True)
    if not isinstance(part.lhs, Limit):
        return None
    body = part.lhs.args[0].xreplace({PRODUCT: instance.product.subs(ell, x), T: x})
    value = limit(body, x, oo)
    verdict = scalars(part.func(value, part.rhs))
    return False if isinstance(part, Eq) and value.is_finite and part.rhs.is_infinite else verdict


QUARTER = Matrix([[0, -1], [1, 0]])


class Turned(Endless):
    """Two tanh units in the same state h_i, W a weight times a quarter turn Q: ``∂h_i/∂h_{i−1} = f_i Q``.

    ‖f_i Q‖ = |f_i| as QᵀQ = I, and the product of l steps is Q^l times that of the numbers f_i.
    """

    @property
    def sound(self) -> bool:
        """As for one unit, and Q is orthogonal."""
        return bool(eye(2) == QUARTER.T * QUARTER) and super().sound

    def __repr__(self) -> str:
        """The net and its factors."""
        return (
            f"tanh, two units, W = {self.weight} Q with Q = [[0, -1], [1, 0]], h_0 = 0, "
            f"inputs x_i = artanh(s_i) (1, 1) - W h_(i-1), so both units are at s_i = {self.states}: "
            f"‖∂h_i/∂h_(i-1)‖ = {simplify(self.factor)} and ‖∂h_l/∂h_0‖ = {self.product}"
        )


@dataclass(frozen=True, eq=False)
class LinearPowers:
    """A linear net without inputs: its weights W and a closed form of W^l."""

    weight: Matrix
    power: Matrix

    @property
    def sound(self) -> bool:
        """Whether the closed form is W^l: by induction on l."""
        start = simplify(self.power.subs(ell, 0)) == eye(2)
        step = self.power.subs(ell, i) - self.weight * self.power.subs(ell, i - 1)
        return start and all(trigsimp(entry.expand(trig=True)) == 0 for entry in step)

    @property
    def norm(self) -> Expr:
        """``‖W^l‖₂``: the larger root of μ² − tr(PᵀP) μ + det(P)² is its square."""
        gram = (self.power.T * self.power).applyfunc(simplify)
        trace, determinant = gram.trace(), simplify(gram.det())
        return simplify(sqrt((trace + sqrt(trace**2 - 4 * determinant)) / 2))

    def __repr__(self) -> str:
        """The net and the norm of its products."""
        return f"φ(z) = z, W = {self.weight.tolist()}, no inputs: ‖∂h_l/∂h_0‖ = {self.norm}"


def decide_rate(statement: Any, instance: Any) -> bool | None:
    """A statement ``Limit(rate of the product) <relation> number``, for a linear net."""
    if not isinstance(instance, LinearPowers) or not instance.sound:
        return None
    body = statement.lhs.args[0].xreplace({PRODUCT: instance.norm.subs(ell, T)})
    value = limit(body, T, oo)
    return scalars(statement.func(value, statement.rhs)) if value.is_number else None


@setting.register
def _endless_setting(instance: Endless) -> str:
    return "A tanh net of one unit with endless time, given by its states; the inputs are those that lead there"


@equations.register
def _endless_equations(instance: Endless) -> tuple[str, ...]:
    return (
        f"w = {tex(instance.weight)}",
        "h_0 = 0",
        f"h_i = {tex(instance.states)}",
        rf"\frac{{\partial h_i}}{{\partial h_{{i-1}}}} = {tex(factor(instance.factor))}",
        rf"\frac{{\partial h_l}}{{\partial h_0}} = {tex(factor(instance.product))}",
    )
