"""The chain rule: what derivatives through a recurrent net are, from the equations of its cell.

Each derivative node has the right side that matrix calculus derives from the equations (`nets.calculus`, `nets.cells`):
of one step, whatever the size; unrolled over any number of steps by the rules of logic.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.nodes import (
    Contribution,
    CopyGradient,
    DirectJacobian,
    Immediate,
    LossGradient,
    Sensitivity,
    StateJacobian,
    StepLossGradient,
    TimeSum,
    TruncatedGradient,
    Vec,
)
from backproof.theory.language.notation import At, T, h, t
from backproof.theory.nets.calculus import NotDifferentiable, jacobian, pull_back
from backproof.theory.nets.cells import ELMAN, GRU, LSTM, Cell
from backproof.theory.proving.kernel import Frame, Granted, Line, Sequent, rule
from backproof.theory.proving.logic import alike, within
from backproof.theory.proving.normal_form import same

CELLS = {cell.name: cell for cell in (ELMAN, LSTM, GRU)}
SMOOTH = frozenset({"chain rule"})


@rule("cell")
def cell_equation(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """An equation of the cell ``given["cell"]`` (Elman by default) at a time from 1 on."""
    cell = CELLS[line.given.get("cell", "Elman")]
    if not isinstance(line.says, Eq) or not isinstance(line.says.lhs, At):
        return None
    time = line.says.lhs.time
    for left, right in cell.equations:
        if alike(line.says, Eq(left.subs(t, time), right.subs(t, time), evaluate=False)):
            return Granted() if within(frame.ranges, [time >= 1]) else None
    return None


@rule("chain rule")
def chain_rule(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """An equation for a derivative through the net of the cell ``given["cell"]`` (Elman by default).

    Adjoints ``α_t = ∂L/∂a_t`` and so on are 0 after the last step; parameters do not move the initial states.
    """
    cell = CELLS[line.given.get("cell", "Elman")]
    if not isinstance(line.says, Eq) or premises:
        return None
    left, right = line.says.args
    try:
        for wanted, claim in _derived(left, cell, frame):
            if same(claim, right) and within(frame.ranges, wanted):
                return Granted(marks=SMOOTH)
    except (NotDifferentiable, KeyError):
        return None
    return None


def _derived(node: Any, cell: Cell, frame: Frame) -> Iterator[tuple[list[Any], MatrixExpr]]:
    """Right sides for a derivative node, each with what must hold of the times in it."""
    if isinstance(node, StateJacobian):
        yield from _state_jacobian(*node.args, cell)
    elif isinstance(node, LossGradient):
        yield from _loss_gradient(node.args[0], cell)
    elif isinstance(node, Sensitivity) and not isinstance(node, Immediate):
        parameter, time = node.args
        step = _step_jacobian(cell).subs(t, time)
        yield [time >= 1], step * Sensitivity(parameter, time - 1) + Immediate(parameter, time)
        if time == 0:
            yield [], 0 * node
    elif isinstance(node, StepLossGradient):
        yield from _step_loss(*node.args, cell)
    elif isinstance(node, Vec) and isinstance(node.args[0], StepLossGradient):
        parameter, time = node.args[0].args
        if parameter in cell.parameters and not _read_by_output(parameter, cell):
            yield [time >= 1], Sensitivity(parameter, time).T * StepLossGradient(h[time], time)
    elif isinstance(node, Contribution):
        parameter, late, early = node.args
        arriving = StepLossGradient(h[early], late)
        yield [early >= 1, late >= early], _through(parameter, arriving, cell, early)
    elif isinstance(node, CopyGradient):
        parameter, time = node.args
        yield [time >= 1], cell.adjoint.gradients[parameter].subs(t, time)
    elif isinstance(node, TruncatedGradient):
        yield from ()
    elif isinstance(node, DirectJacobian):
        quantity = node.args[0]
        (equation,) = (right for left, right in cell.equations if left.name == quantity.name)
        before = At(quantity.args[0], t - 1)
        yield [quantity.time >= 1], jacobian(equation, before).subs(t, quantity.time)
    elif getattr(node, "is_MatMul", False) and len(node.args) == 2 and isinstance(node.args[0].T, Immediate):
        parameter, time = node.args[0].T.args  # (∂⁺h_t/∂vec θ)ᵀ u: what the step pulls back of any u
        yield [time >= 1], Vec(_through(parameter, node.args[1], cell, time))


def _step_jacobian(cell: Cell) -> MatrixExpr:
    """``∂h_t/∂h_{t-1}`` of a cell whose state is h and whose step is a pre-activation and an activation."""
    if cell is not ELMAN:
        raise NotDifferentiable("the Jacobian of a step is derived for one state and one pre-activation")
    (pre, affine), (_, applied) = cell.equations[:2]
    return jacobian(applied, pre) * jacobian(affine, h[t - 1])


def _state_jacobian(late: Any, early: Any, cell: Cell) -> Iterator[tuple[list[Any], MatrixExpr]]:
    if late == early:
        yield [], Identity(h.base.shape[0])
    else:
        step = _step_jacobian(cell).subs(t, late)
        yield [late >= early + 1, early >= 0], step * StateJacobian(late - 1, early)


def _loss_gradient(quantity: Any, cell: Cell) -> Iterator[tuple[list[Any], MatrixExpr]]:
    adjoint = cell.adjoint
    if quantity in cell.parameters:
        yield [], adjoint.gradient(quantity)
        copies = TimeSum(CopyGradient(quantity, t), (t, 1, T))
        yield [], copies
        yield [], TimeSum(StepLossGradient(quantity, t), (t, 1, T))
    elif isinstance(quantity, At):
        time = quantity.time
        own = cell.adjoints[quantity.name][t]
        yield [time >= 1], own.subs(t, time)
        yield [time >= 1], adjoint.recursion(own).subs(t, time)
        for symbol, _, carried in adjoint.backward:
            if symbol == own:
                yield [time >= 0, time <= 0], carried.subs(t, time + 1)


def _step_loss(quantity: Any, late: Any, cell: Cell) -> Iterator[tuple[list[Any], MatrixExpr]]:
    """``∂L_t/∂q`` for a state q or a parameter that the step reads."""
    output, affine = cell.equations[-1]
    if isinstance(quantity, At) and quantity.name == "h":
        if quantity.time == late:
            yield [late >= 1], pull_back(affine, h[t], cell.adjoints[output.name][t]).subs(t, late)
        else:
            early = quantity.time
            yield [late >= 1, late >= early, early >= 0], StateJacobian(late, early).T * StepLossGradient(h[late], late)
    elif quantity in cell.parameters and not _read_by_output(quantity, cell):
        index = t.func("k", integer=True)
        yield [late >= 1], TimeSum(Contribution(quantity, late, index), (index, 1, late))


def _read_by_output(parameter: Any, cell: Cell) -> bool:
    return bool(cell.equations[-1][1].has(parameter))


def _through(parameter: Any, cotangent: MatrixExpr, cell: Cell, time: Any = t) -> MatrixExpr:
    """What a step pulls back of a cotangent of its state to the parameter, the state before held fixed."""
    if cell is not ELMAN:
        raise NotDifferentiable("immediate derivatives are derived for the Elman cell")
    (pre, affine), (_, applied) = cell.equations[:2]
    placeholder = At(h.base, t.func("u", integer=True))
    pulled = pull_back(affine, parameter, pull_back(applied, pre, placeholder))
    return pulled.subs(t, time).xreplace({placeholder: cotangent})
