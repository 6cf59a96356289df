"""Activations and losses: a record says all there is to know of each, and nothing else compares their names.

Values are SymPy expressions; slopes and curvatures are derived from them, never typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import (
    Expr,
    Function,
    Heaviside,
    Integer,
    Lambda,
    Max,
    OneMatrix,
    Rational,
    Symbol,
    exp,
    expand,
    log,
    oo,
    sign,
    sqrt,
    tanh,
)
from sympy.codegen.cfunctions import log1p
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.nodes import NamedFunction, Softmax
from backproof.theory.language.notation import o, p, t, y
from backproof.theory.language.validation import class_array, number_array

z = Symbol("z", real=True)
ZERO, ONE, HALF = Integer(0), Integer(1), Rational(1, 2)


class logistic(Function):  # type: ignore[misc]  # noqa: N801
    """The sigmoid σ(z) = 1/(1 + e^{-z}), kept whole so that each arithmetic can evaluate it without overflow."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        """σ′ = σ(1 − σ); the theorem `activations/sigmoid_slope` derives it from the exponential."""
        return self * (1 - self)

    def _eval_is_real(self) -> bool | None:
        return True if self.args[0].is_real else None

    def _eval_rewrite_as_exp(self, argument: Expr, **_: Any) -> Expr:
        return 1 / (1 + exp(-argument))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        exponent = f"^{{{exp}}}" if exp else ""
        return rf"\sigma{exponent}\left({printer._print(self.args[0])}\right)"


class softplus(NamedFunction):  # noqa: N801
    """log(1 + e^z), a smooth rectifier."""

    def fdiff(self, argindex: int = 1) -> Expr:
        """The sigmoid."""
        return logistic(self.args[0])

    @property
    def stable(self) -> Expr:
        """max(z, 0) + log1p(e^{−|z|})."""
        (argument,) = self.args
        positive = Max(argument, 0)
        return positive + log1p(exp(argument - 2 * positive))

    def _eval_rewrite_as_exp(self, argument: Expr, **_: Any) -> Expr:
        return log(1 + exp(argument))


def slope(function: Any) -> Any:
    """The derivative of a function of one number, as `applyfunc` takes it; where it jumps, that from the left.

    So the slope of max(z, 0) at 0 is 0, and that of min(z, 1) at 1 is 1. What a kink is made of has to rise or fall
    everywhere for that, and is taken to rise if SymPy does not know. A `Piecewise` has the slope of the branch that
    holds.
    """
    found = function(z).diff(z).replace(sign, lambda inner: 2 * Heaviside(inner) - 1)
    found = found.replace(Heaviside, lambda inner, *_: Heaviside(inner, int(inner.diff(z).is_negative is True)))
    return found.func if found.args == (z,) else Lambda(z, found)


@dataclass(frozen=True, kw_only=True)
class Activation:
    """A scalar function applied to each unit, as an expression in ``z``.

    ``steepest``    least upper bound of |φ′|; the theorems `activations/tanh_slope` and `sigmoid_slope` prove it
    ``curvature``   least upper bound of |φ″|, infinite where the slope jumps
    ``ends``        limits of φ(z) for z → −∞ and z → ∞
    ``increasing``  whether φ′ > 0 everywhere; the theorem `learning/prediction` proves it
    ``symbol``      LaTeX of the function, where the field has a letter for it; the expression is typeset otherwise
    ``sign``        the same in a line of text, where it is not the name
    """

    name: str
    expression: Expr
    steepest: Rational = ONE
    curvature: Expr
    ends: tuple[Expr, Expr]
    increasing: bool
    symbol: str = ""
    sign: str = ""

    @cached_property
    def derivatives(self) -> tuple[Lambda, Lambda, Lambda]:
        """φ, φ′ and φ″ as functions of the pre-activation. ReLU's slope at 0 is taken as 0."""
        first = Lambda(z, self.expression)
        second = Lambda(z, slope(first)(z))
        return first, second, Lambda(z, slope(second)(z))

    @property
    def linear(self) -> bool:
        """Whether φ is a straight line, so that every step has the same Jacobian."""
        return bool(self.curvature == 0)

    @property
    def smooth(self) -> bool:
        """Whether φ′ has no jump."""
        return bool(self.curvature.is_finite)

    @property
    def bounded(self) -> bool:
        """Whether units saturate on both sides."""
        return all(end.is_finite for end in self.ends)


ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation(name="identity", expression=z, curvature=ZERO, ends=(-oo, oo), increasing=True),
        Activation(
            name="tanh",
            expression=tanh(z),
            curvature=4 / (3 * sqrt(3)),
            ends=(-ONE, ONE),
            increasing=True,
            symbol=r"\tanh",
        ),
        Activation(
            name="sigmoid",
            expression=logistic(z),
            steepest=Rational(1, 4),
            curvature=1 / (6 * sqrt(3)),
            ends=(ZERO, ONE),
            increasing=True,
            symbol=r"\sigma",
            sign="σ",
        ),
        Activation(
            name="softplus",
            expression=softplus(z),
            curvature=Rational(1, 4),
            ends=(ZERO, oo),
            increasing=True,
            symbol=r"\operatorname{softplus}",
        ),
        Activation(name="relu", expression=Max(z, 0), curvature=oo, ends=(ZERO, oo), increasing=False),
    )
}


def activation_in(expression: Any) -> Activation:
    """The activation whose function an expression applies.

    Raises
    ------
    ValueError
        If it applies none.
    """
    for activation in ACTIVATIONS.values():
        if not activation.linear and expression.has(activation.expression.func):
            return activation
    raise ValueError(f"{expression} applies no activation")


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A loss charged at each step: its value as a 1 by 1 expression in o_t and y_t, and its gradient, a column.

    That the gradient belongs to the value is a theorem (`softmax_cross_entropy`), not an assumption.

    ``classes``  whether targets are class indices (T, B), which become unit columns; else they are columns (T, B, p)
    ``bounded``  whether the gradient stays bounded however large the outputs are
    ``smooth``   whether the curvature has no jump
    """

    name: str
    value: MatrixExpr
    gradient: MatrixExpr
    classes: bool
    bounded: bool
    smooth: bool = True

    def columns(self, targets: NDArray[Any], outputs: int) -> NDArray[np.float64]:
        """Targets as numbers (T, B, p), for p outputs."""
        rows = np.eye(outputs)[targets] if self.classes else targets
        return np.asarray(rows, dtype=np.float64)

    def targets(
        self, given: Any, steps: int, batch: int, outputs: int, name: str = "targets", *, ignored: bool = False
    ) -> NDArray[Any]:
        """Targets from nested lists, in the shape and dtype that the loss takes; zeros where nothing is given.

        The axis of a batch of one sequence may be left out; ``name`` is what the caller calls them. ``ignored`` says
        that a negative class stands for a step that is not charged.

        Raises
        ------
        TypeError
            For what holds no real numbers, or no integers if they are classes.
        ValueError
            For targets of another shape, numbers that are not finite, and classes that do not exist.
        """
        shape = (steps, batch) if self.classes else (steps, batch, outputs)
        found: NDArray[Any]
        if given is None:
            found = np.zeros(shape, np.int64 if self.classes else np.float64)
        elif self.classes:
            found = class_array(name, given, outputs, ignored=ignored)
        else:
            found = number_array(name, given)
        found = found[:, None] if found.ndim == len(shape) - 1 else found
        if found.shape != shape:
            raise ValueError(f"{name} has the shape {found.shape}, expected {shape}")
        return found


_clamped = -Max(-Max(z, -1), -1)  # z brought into [−1, 1]

LOSSES = {
    loss.name: loss
    for loss in (
        Loss(
            name="cross_entropy",
            value=(OneMatrix(1, p) * o[t].applyfunc(exp)).applyfunc(log) - y[t].T * o[t],
            gradient=Softmax(o[t]) - y[t],
            classes=True,
            bounded=True,
        ),
        Loss(
            name="squared_error",
            value=HALF * (o[t] - y[t]).T * (o[t] - y[t]),
            gradient=o[t] - y[t],
            classes=False,
            bounded=False,
        ),
        Loss(  # z²/2 within [−1, 1], and |z| − 1/2 beyond, of each entry of o_t − y_t
            name="huber",
            value=OneMatrix(1, p) * (o[t] - y[t]).applyfunc(Lambda(z, _clamped * (z - HALF * _clamped))),
            gradient=(o[t] - y[t]).applyfunc(Lambda(z, _clamped)),
            classes=False,
            bounded=True,
            smooth=False,
        ),
    )
}


@lru_cache(maxsize=256)
def known(body: Expr) -> tuple[Activation, int] | None:
    """The activation, and which of its derivatives, that an expression in ``z`` is; the first that fits."""
    for activation in ACTIVATIONS.values():
        for order, derivative in enumerate(activation.derivatives):
            if not activation.linear and expand(body - derivative(z)) == 0:
                return activation, order
    return None


UPSTREAM = Loss(name="upstream", value=y[t].T * o[t], gradient=y[t], classes=False, bounded=True)
"""⟨y_t, o_t⟩: the loss whose gradient by the outputs is y_t, so that y is the gradient that comes in from above."""
