"""Nets of two units with an endless horizon, given by a law: exact where limits of matrix products are claimed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Matrix, eye, limit, oo, simplify, sqrt, trigsimp

from theory.checkers import scalars
from theory.endless import PRODUCT, Endless, ell, i
from theory.notation import T

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
