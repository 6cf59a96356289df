"""Activations and losses as SymPy expressions; slopes and curvatures are derived from them, never typed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Expr, Function, Heaviside, Integer, Lambda, Max, OneMatrix, Rational, Symbol, exp, log, tanh
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.nodes import Softmax
from backproof.theory.language.notation import o, p, t, y

z = Symbol("z", real=True)
ONE = Integer(1)


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


@dataclass(frozen=True, kw_only=True)
class Activation:
    """A scalar function applied to each unit, as an expression in ``z``.

    ``steepest`` is the least upper bound of |φ′|; the theorems `activations/tanh_slope` and `sigmoid_slope` prove it.
    """

    name: str
    expression: Expr
    steepest: Rational = ONE

    @cached_property
    def derivatives(self) -> tuple[Lambda, Lambda, Lambda]:
        """φ, φ′ and φ″ as functions of the pre-activation. ReLU's slope at 0 is taken as 0."""
        chain = [self.expression]
        for _ in range(2):
            chain.append(chain[-1].diff(z).replace(Heaviside, lambda x, *_: Heaviside(x, 0)))
        return tuple(Lambda(z, expression) for expression in chain)


ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation(name="identity", expression=z),
        Activation(name="tanh", expression=tanh(z)),
        Activation(name="sigmoid", expression=logistic(z), steepest=Rational(1, 4)),
        Activation(name="relu", expression=Max(z, 0)),
    )
}


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A loss charged at each step: its value as a 1 by 1 expression in o_t and y_t, and its gradient, a column.

    That the gradient belongs to the value is a theorem (`softmax_cross_entropy`), not an assumption.
    """

    name: str
    value: MatrixExpr
    gradient: MatrixExpr


HALF = Rational(1, 2)

LOSSES = {
    loss.name: loss
    for loss in (
        Loss(
            name="cross_entropy",
            value=(OneMatrix(1, p) * o[t].applyfunc(exp)).applyfunc(log) - y[t].T * o[t],
            gradient=Softmax(o[t]) - y[t],
        ),
        Loss(
            name="squared_error",
            value=HALF * (o[t] - y[t]).T * (o[t] - y[t]),
            gradient=o[t] - y[t],
        ),
    )
}
