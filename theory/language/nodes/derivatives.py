"""The derivatives that define what is claimed: of losses, of states, and by columns."""

from __future__ import annotations

from typing import Any

from backproof.theory.language.nodes.base import MatrixNode
from backproof.theory.language.notation import n


class LossGradient(MatrixNode):
    """``∂L/∂q`` for a parameter or a quantity q at a time, in the shape of q, by definition and by no formula of ours.

    `backproof.theory.evaluation` gives it its value by forward differentiation of the unrolled loss.
    """

    def _latex(self, printer: Any) -> str:
        return rf"\frac{{\partial L}}{{\partial {printer._print(self.args[0])}}}"


class StepLossGradient(MatrixNode):
    """``∂L_t/∂q``: the gradient of the loss charged at one step alone."""

    @property
    def time(self) -> Any:
        """The step whose loss is meant."""
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        return rf"\frac{{\partial L_{{{printer._print(self.time)}}}}}{{\partial {printer._print(self.args[0])}}}"


class CopyGradient(MatrixNode):
    """``∂L/∂θ_t``: the gradient by the copy of a shared parameter that step t uses, the other copies held fixed."""

    @property
    def time(self) -> Any:
        """The step whose copy is meant."""
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        parameter, time = (printer._print(arg) for arg in self.args)
        return rf"\frac{{\partial L}}{{\partial {parameter}^{{({time})}}}}"


class Contribution(MatrixNode):
    """``∂L_t/∂θ_k``: the gradient of the loss of step t alone by the copy of a shared parameter that step k uses.

    It is what step k contributes to ``∂L_t/∂θ``, and so what the loss of step t teaches about the word read at step k.
    """

    def _latex(self, printer: Any) -> str:
        parameter, late, early = (printer._print(arg) for arg in self.args)
        return rf"\frac{{\partial L_{{{late}}}}}{{\partial {parameter}^{{({early})}}}}"


class Gradient(MatrixNode):
    """``∂f/∂q`` for a 1 by 1 expression f of a column q, by definition, valued by forward differentiation."""

    @property
    def shape(self) -> tuple[Any, Any]:
        """The shape of q."""
        return self.args[1].shape  # type: ignore[no-any-return]

    def _latex(self, printer: Any) -> str:
        value, column = (printer._print(arg) for arg in self.args)
        return rf"\frac{{\partial}}{{\partial {column}}} \left( {value} \right)"


class StateJacobian(MatrixNode):
    """``∂h_t/∂h_k``, n by n, rows for h_t; by definition, valued by forward differentiation."""

    shape = (n, n)

    def _latex(self, printer: Any) -> str:
        late, early = (printer._print(time) for time in self.args)
        return rf"\frac{{\partial h_{{{late}}}}}{{\partial h_{{{early}}}}}"


class Sensitivity(MatrixNode):
    """``∂h_t/∂vec θ``, all paths counted: a row for each unit, a column for each entry of θ; by definition."""

    sign = ""

    @property
    def shape(self) -> tuple[Any, Any]:
        """As many rows as units, as many columns as θ has entries."""
        rows, columns = self.args[0].shape
        return n, rows * columns

    @property
    def time(self) -> Any:
        """The step whose state is meant."""
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        parameter, time = (printer._print(arg) for arg in self.args)
        return rf"\frac{{\partial{self.sign} h_{{{time}}}}}{{\partial \operatorname{{vec}} {parameter}}}"


class Immediate(Sensitivity):
    """``∂⁺h_t/∂vec θ``, the immediate derivative: h_{t-1} is held fixed."""

    sign = "^{+}"


class TruncatedGradient(MatrixNode):
    """``Σ_t ∂L_t/∂θ`` with the state h_{t-K} held fixed in the loss of step t, by definition; K is the window."""

    @property
    def window(self) -> Any:
        """How many steps back the derivative goes."""
        return self.args[1]

    def _latex(self, printer: Any) -> str:
        parameter, window = (printer._print(arg) for arg in self.args)
        return rf"\left[ \frac{{\partial L}}{{\partial {parameter}}} \right]_{{{window}}}"


class DirectJacobian(MatrixNode):
    """``∂⁺q_t/∂q_{t-1}`` for a state q: whatever else its equation reads is held fixed, by definition."""

    shape = (n, n)

    def _latex(self, printer: Any) -> str:
        quantity = self.args[0]
        late, early = (printer._print(q) for q in (quantity, quantity.func(quantity.args[0], quantity.time - 1)))
        return rf"\frac{{\partial^{{+}} {late}}}{{\partial {early}}}"
