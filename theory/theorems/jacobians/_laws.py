"""Nets with an endless horizon whose states follow a law in closed form: exact instances for claims about limits.

Any states h_i strictly between −1 and 1 are those of the tanh unit with weight w and inputs x_i = artanh(h_i) − w
h_{i−1}. Two such units, turned by a quarter at each step, and linear nets with a closed form of W^l serve for norms of
matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
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

from backproof.theory.evaluation.closed_forms import scalars
from backproof.theory.language.display import Displayed, matrix
from backproof.theory.language.functions import ACTIVATIONS
from backproof.theory.language.nodes import SpectralNorm, StateJacobian
from backproof.theory.language.notation import T, t
from backproof.theory.language.relations import all_of, parts
from backproof.theory.language.typeset import tex
from backproof.theory.language.written import construction

i = Symbol("i", integer=True, positive=True)
ell = Symbol("l", integer=True, nonnegative=True)
PRODUCT = SpectralNorm(StateJacobian(T, 0))
STEP = SpectralNorm(StateJacobian(t, t - 1))


@dataclass(frozen=True, kw_only=True)
class Endless(Displayed):
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

    @property
    def farthest(self) -> tuple[Expr, Expr]:
        """Norm and least stretch of step i: with one unit both are the factor, and a turn changes neither."""
        return self.factor, self.factor

    @property
    def in_words(self) -> str:
        """The kind of net, and how it is given."""
        return "A tanh net of one unit with endless time, given by its states; the inputs are those that lead there"

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """Weight, states, one factor, and the product of the first l of them."""
        return (
            f"w = {tex(self.weight)}",
            "h_0 = 0",
            f"h_i = {tex(self.states)}",
            rf"\frac{{\partial h_i}}{{\partial h_{{i-1}}}} = {tex(factor(self.factor))}",
            rf"\frac{{\partial h_l}}{{\partial h_0}} = {tex(factor(self.product))}",
        )


def decide_law(statement: Any, instance: Any) -> bool | None:
    """A statement on limits of the product, or on the norm of every step, at a law in closed form."""
    if not isinstance(instance, Endless) or not instance.sound:
        return None
    return all_of([_part(part, instance) for part in parts(statement)])


def _part(part: Any, instance: Endless) -> bool | None:
    if part.lhs != STEP:
        return _limit(part, instance)
    if scalars(Gt(factor(instance.factor), 0)) is not True:
        return None
    away = part.rhs - instance.factor if isinstance(part, Lt) else instance.factor - part.rhs
    return True if isinstance(part, Lt | Gt) and scalars(Gt(factor(away), 0)) is True else None


def bounded_above(instance: Any) -> bool:
    """Whether one q < 1 bounds the norms of all steps of a law: not if they tend to 1 or beyond."""
    return bool(limit(instance.farthest[0], i, oo) < 1)


def bounded_below(instance: Any) -> bool:
    """Whether one r > 1 lies below the least stretch of all steps of a law: not if that tends to 1 or less."""
    return bool(limit(instance.farthest[1], i, oo) > 1)


def or_of_law(at_instance: Any, of_law: Any) -> Any:
    """A predicate for instances with numbers q and r, and for laws, which give none: asked is whether there is one."""
    return lambda instance: (of_law if isinstance(instance, Endless | LinearPowers) else at_instance)(instance)


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
        """Whether states and product are right, as for one unit, and Q is orthogonal."""
        return bool(eye(2) == QUARTER.T * QUARTER) and super().sound

    @property
    def in_words(self) -> str:
        """The kind of net, and how it is given."""
        return "A tanh net of two units, both in the state s_i, with W = w Q and endless time; the inputs lead there"

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """Weight, states, the norm of one step's Jacobian, and that of the product of the first l of them."""
        return (
            f"w = {tex(self.weight)}",
            f"Q = {matrix(QUARTER.tolist())}",
            "h_0 = 0",
            f"s_i = {tex(self.states)}",
            rf"\left\lVert \frac{{\partial h_i}}{{\partial h_{{i-1}}}} \right\rVert = {tex(simplify(self.factor))}",
            rf"\left\lVert \frac{{\partial h_l}}{{\partial h_0}} \right\rVert = {tex(self.product)}",
        )


@dataclass(frozen=True, eq=False, repr=False)
class LinearPowers(Displayed):
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

    @property
    def farthest(self) -> tuple[Expr, Expr]:
        """Norm and least stretch of every step, which are those of W."""
        size = self.norm.subs(ell, 1)
        return size, Abs(self.weight.det()) / size

    def __repr__(self) -> str:
        """The call that builds it again."""
        return construction(self)

    @property
    def in_words(self) -> str:
        """The kind of net."""
        return "A linear net without inputs, with endless time"

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """W, and the norm of the product of the first l Jacobians."""
        norm = rf"\left\lVert \frac{{\partial h_l}}{{\partial h_0}} \right\rVert = {tex(self.norm)}"
        return f"W = {matrix(self.weight.tolist())}", norm


def decide_rate(statement: Any, instance: Any) -> bool | None:
    """A statement ``Limit(rate of the product) <relation> number``, for a linear net."""
    if not isinstance(instance, LinearPowers) or not instance.sound:
        return None
    body = statement.lhs.args[0].xreplace({PRODUCT: instance.norm.subs(ell, T)})
    value = limit(body, T, oo)
    return scalars(statement.func(value, statement.rhs)) if value.is_number else None
