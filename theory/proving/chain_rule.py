"""The chain rule: what derivatives through a recurrent net are, from the equations of its cell.

Each derivative node has the right side that matrix calculus derives from the equations (`nets.calculus`, `nets.cells`):
of one step, whatever the size; unrolled over any number of steps by the rules of logic.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from sympy import Dummy, Eq, Ge, Max
from sympy.matrices.expressions import Identity, MatAdd, MatMul, MatrixSymbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory import cells as library
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
from backproof.theory.language.notation import At, T, h, t, x
from backproof.theory.nets.calculus import NotDifferentiable, jacobian, pull_back, push_forward
from backproof.theory.nets.cells import ELMAN, GRU, LSTM, Cell
from backproof.theory.proving.citing import about_indices
from backproof.theory.proving.indices import within
from backproof.theory.proving.kernel import Frame, Granted, Line, Sequent, rule
from backproof.theory.proving.normal_form import same

TEXTBOOK = {cell.name: cell for cell in (ELMAN, LSTM, GRU)}


def known_cell(line: Line) -> Cell:
    """The cell that a line names: Elman where it names none, one of the textbook, or a file of `theory.cells`."""
    name = line.given.get("cell", ELMAN.name)
    return TEXTBOOK[name] if name in TEXTBOOK else library.cell_of(name)


def _marks(cell: Cell) -> frozenset[str]:
    """What a line says of the scope that holds by the equations of a cell; a proof may speak of one cell only."""
    return frozenset({"chain rule", f"cell {cell.name}"})


@rule("cell")
def cell_equation(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """An equation of the cell ``given["cell"]`` (Elman by default) at a time from 1 on."""
    cell = known_cell(line)
    if not isinstance(line.says, Eq) or not isinstance(line.says.lhs, At):
        return None
    time = line.says.lhs.time
    for left, right in cell.equations:
        if line.says.lhs == left.subs(t, time) and same(line.says.rhs, right.subs(t, time)):
            return Granted(marks=_marks(cell)) if within(frame.ranges, [time >= 1]) else None
    return None


@rule("tangent")
def tangent(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """How a quantity of the cell ``given["cell"]`` moves at a time from 1 on, if parameters and states do.

    ``q̇``, named as q with "dot" after it, is the derivative of q along the direction in which all parameters and the
    initial states move; inputs stay where they are.
    """
    cell = known_cell(line)
    if premises or not isinstance(line.says, Eq) or not isinstance(line.says.lhs, At):
        return None
    time = line.says.lhs.time
    for left, right in cell.equations:
        if line.says.lhs == moved(left).subs(t, time):
            known = {lhs.name for lhs, _ in cell.equations}
            moving = [q for q in right.atoms(At) if q.name in known] + [q for q in cell.parameters if right.has(q)]
            derived = push_forward(right, {q: moved(q) for q in moving}).subs(t, time)
            fits = same(derived, line.says.rhs) and within(frame.ranges, [time >= 1])
            return Granted(marks=_marks(cell)) if fits else None
    return None


def moved(quantity: Any) -> Any:
    """The name of the direction in which a quantity or a parameter moves."""
    if isinstance(quantity, At):
        return At(MatrixSymbol(f"{quantity.name}dot", *quantity.shape), quantity.time)
    return MatrixSymbol(f"{quantity.name}dot", *quantity.shape)


@rule("chain rule")
def chain_rule(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """An equation for a derivative through the net of the cell ``given["cell"]`` (Elman by default).

    Adjoints ``α_t = ∂L/∂a_t`` and so on are 0 after the last step; parameters do not move the initial states.
    Premises may say what is known of the times beside their ranges.
    """
    cell = known_cell(line)
    if not isinstance(line.says, Eq):
        return None
    left, right = line.says.args
    known = (*frame.ranges, *about_indices(premises))
    try:
        for wanted, claim in _derived(left, cell, frame):
            if same(claim, right) and within(known, wanted):
                return Granted(marks=_marks(cell))
    except (NotDifferentiable, KeyError, StopIteration):
        return None
    return None


@rule("composition")
def composition(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """``∂h_t/∂h_k = ∂h_t/∂h_j ∂h_j/∂h_k`` for k ≤ j ≤ t, and ``∂h_k/∂h_k = I``.

    So it is wherever each state is a smooth function of the one before it alone, whatever function each step applies:
    in a recurrent net of one state, and in a deep net with layers for times.
    """
    if premises or not isinstance(line.says, Eq) or not isinstance(line.says.lhs, StateJacobian):
        return None
    (late, early), whole = line.says.lhs.args, line.says.rhs
    if late == early and isinstance(whole, Identity):
        return Granted(marks=frozenset({"chain rule"}))
    if not (
        isinstance(whole, MatMul) and len(whole.args) == 2 and all(isinstance(f, StateJacobian) for f in whole.args)
    ):
        return None
    (last, middle), (again, first) = (factor.args for factor in whole.args)
    if (last, first) != (late, early) or middle != again:
        return None
    ordered = [Ge(early, 0, evaluate=False), Ge(middle, early, evaluate=False), Ge(late, middle, evaluate=False)]
    return Granted(marks=frozenset({"chain rule"})) if within(frame.ranges, ordered) else None


def _derived(node: Any, cell: Cell, frame: Frame) -> Iterator[tuple[list[Any], MatrixExpr]]:
    """Right sides for a derivative node, each with what must hold of the times in it."""
    if isinstance(node, StateJacobian):
        yield from _state_jacobian(node.args[0], node.args[1], cell)
    elif isinstance(node, LossGradient):
        yield from _loss_gradient(node.args[0], cell)
    elif isinstance(node, Sensitivity) and not isinstance(node, Immediate):
        parameter, time = node.args
        step = _step_jacobian(cell).subs(t, time)
        yield [time >= 1], step * Sensitivity(parameter, time - 1) + Immediate(parameter, time)
        if time == 0:
            yield [], 0 * node
    elif isinstance(node, StepLossGradient):
        yield from _step_loss(node.args[0], node.args[1], cell)
    elif isinstance(node, Vec) and isinstance(node.args[0], StepLossGradient):
        parameter, time = node.args[0].args
        if _read_by_state(parameter, cell):
            yield [time >= 1], Sensitivity(parameter, time).T * StepLossGradient(h[time], time)
    elif isinstance(node, Contribution):
        parameter, late, early = node.args
        if _read_by_state(parameter, cell):
            arriving = StepLossGradient(h[early], late)
            yield [early >= 1, late >= early], _through(parameter, arriving, cell, early)
    elif isinstance(node, CopyGradient):
        parameter, time = node.args
        yield [time >= 1], cell.adjoint.gradients[parameter].subs(t, time)
    elif isinstance(node, TruncatedGradient):
        parameter, window = node.args
        yield from _truncated(parameter, window, cell)
    elif isinstance(node, DirectJacobian):
        quantity = node.args[0]
        equation = {left.name: right for left, right in cell.equations}[quantity.name]
        before = At(quantity.args[0], t - 1)
        yield [quantity.time >= 1], jacobian(equation, before).subs(t, quantity.time)
    elif isinstance(node, At):
        if node in {adjoint[node.time] for adjoint in cell.adjoints.values()}:
            yield [node.time >= T + 1], 0 * node
    elif isinstance(node, MatMul) and len(node.args) == 2 and isinstance(Transpose(node.args[0]).doit(), Immediate):
        parameter, time = Transpose(node.args[0]).doit().args  # (∂⁺h_t/∂vec θ)ᵀ u: what the step pulls back of any u
        yield [time >= 1], Vec(_through(parameter, node.args[1], cell, time))


@cache
def _step_jacobian(cell: Cell) -> MatrixExpr:
    """``∂h_t/∂h_{t-1}`` of a cell whose one state is h: directly, and through whatever else of the step reads it."""
    if cell.states != (h,):
        raise NotDifferentiable("the Jacobian of a step is derived for cells of one state")
    paths: dict[At, MatrixExpr] = {}
    for left, right in cell.equations:
        through = [jacobian(right, q) * path for q, path in paths.items() if right.has(q)]
        paths[left] = MatAdd(jacobian(right, h[t - 1]), *through).doit()
    return paths[h[t]]


def _state_jacobian(late: Any, early: Any, cell: Cell) -> Iterator[tuple[list[Any], MatrixExpr]]:
    if late == early:
        yield [], Identity(h.base.shape[0])
    else:
        step, rest = _step_jacobian(cell).subs(t, late), StateJacobian(late - 1, early)
        yield [late >= early + 1, early >= 0], step * (Identity(h.base.shape[0]) if late - 1 == early else rest)
        yield [late >= early + 1, early >= 0], step * rest


@cache  # asked again for each sibling of a statement
def _loss_gradient(quantity: Any, cell: Cell) -> tuple[tuple[list[Any], MatrixExpr], ...]:
    return tuple(_loss_gradients(quantity, cell))


def _loss_gradients(quantity: Any, cell: Cell) -> Iterator[tuple[list[Any], MatrixExpr]]:
    adjoint = cell.adjoint
    if quantity in cell.parameters:
        yield [], adjoint.gradient(quantity)
        copies = TimeSum(CopyGradient(quantity, t), (t, 1, T))
        yield [], copies
        yield [], TimeSum(StepLossGradient(quantity, t), (t, 1, T))
    elif isinstance(quantity, At):
        time = quantity.time
        if quantity.name == x.base.name:
            yield [time >= 1, time <= T], adjoint.inputs.subs(t, time)
            return
        own = cell.adjoints[quantity.name][t]
        yield [time >= 1], own.subs(t, time)
        if quantity.name == cell.output.base.name:  # the loss itself reads it, which no equation of the cell tells
            return
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
    elif _read_by_state(quantity, cell):
        index = Dummy("k", integer=True)
        yield [late >= 1], TimeSum(Contribution(quantity, late, index), (index, 1, late))


def _truncated(parameter: Any, window: Any, cell: Cell) -> Iterator[tuple[list[Any], MatrixExpr]]:
    """With h_{late-window} held fixed, the copies of the window's steps contribute to the loss of the late step."""
    if _read_by_state(parameter, cell) and not window.has(t):
        index = Dummy("k", integer=True)
        kept = TimeSum(Contribution(parameter, t, index), (index, Max(1, t - window + 1), t))
        yield [window >= 1], TimeSum(kept, (t, 1, T))


def _read_by_state(parameter: Any, cell: Cell) -> bool:
    """Whether it is a parameter that moves the states and reaches the outputs by them alone."""
    return parameter in cell.parameters and not cell.equations[-1][1].has(parameter)


def _through(parameter: Any, cotangent: MatrixExpr, cell: Cell, time: Any = t) -> MatrixExpr:
    """What a step pulls back of a cotangent of its state to the parameter, the state before held fixed."""
    if cell is not ELMAN:
        raise NotDifferentiable("immediate derivatives are derived for the Elman cell")
    (pre, affine), (_, applied) = cell.equations[:2]
    placeholder = At(h.base, Dummy("u", integer=True))
    pulled = pull_back(affine, parameter, pull_back(applied, pre, placeholder))
    return pulled.subs(t, time).xreplace({placeholder: cotangent})
