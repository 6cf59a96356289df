"""Unrolling a cell over time, forward and backward, in any arithmetic.

The forward pass evaluates the cell's equations; the backward pass evaluates the adjoint equations that were derived
from them. One sequence at a time: a batch is a sum over its sequences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from backproof.theory.arithmetic import Arithmetic, Dual, Duals
from backproof.theory.evaluation import Environment, compiled
from backproof.theory.language.nodes import (
    Contribution,
    CopyGradient,
    DirectJacobian,
    Immediate,
    LossGradient,
    Sensitivity,
    StateJacobian,
    StepLossGradient,
    TruncatedGradient,
)
from backproof.theory.language.notation import PRIME, At, o, t, y
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.passes import (
    Place,
    Seeds,
    Series,
    adjoints,
    constants,
    forward,
    gradients,
    input_gradients,
    sizes,
)
from backproof.theory.nets.task import Task


class Timed(Environment):
    """An environment that also knows every quantity at every time, and the derivatives that define the claims."""

    unrolled: Unrolled

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, At):
            time = self.integer(key.time)
            drawn = self.given_at(key, time)
            return self.unrolled.quantity(key.name, time) if drawn is None else drawn
        if isinstance(key, LossGradient):
            return self.unrolled.loss_gradient(self._place(key.args[0]))
        if isinstance(key, StepLossGradient):
            return self.unrolled.loss_gradient(self._place(key.args[0]), charged=self.integer(key.time))
        if isinstance(key, CopyGradient):
            return self.unrolled.loss_gradient(self._place(key.args[0]), copy=self.integer(key.time))
        if isinstance(key, Contribution):
            late, early = (self.integer(time) for time in key.args[1:])
            return self.unrolled.contribution(key.args[0].name, late, early)
        if isinstance(key, StateJacobian):
            late, early = (self.integer(time) for time in key.args)
            return self.unrolled.state_jacobian(late, early)
        if isinstance(key, Sensitivity):
            immediate = isinstance(key, Immediate)
            return self.unrolled.sensitivity(key.args[0].name, self.integer(key.time), immediate)
        if isinstance(key, TruncatedGradient):
            return self.unrolled.truncated(key.args[0].name, self.integer(key.window))
        if isinstance(key, DirectJacobian):
            return self.unrolled.direct_jacobian(key.args[0].name, self.integer(key.args[0].time))
        raise KeyError(f"{key} has no value here")

    def _place(self, quantity: Any) -> Place:
        return (quantity.name, self.integer(quantity.time)) if isinstance(quantity, At) else (quantity.name, None)

    def copy(self) -> Timed:
        """A copy of the values that shares the unrolled net, since unrolling is the expensive part."""
        twin = Timed(self, self.activation)
        twin.unrolled = self.unrolled
        return twin


@dataclass
class Unrolled:
    """A net of one sequence, evaluated step by step in an arithmetic."""

    net: Task
    arithmetic: Arithmetic
    series: Series = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.net.sizes[1] != 1:
            raise ValueError("unroll one sequence at a time: net.sequence(index)")
        self.series = forward(self.net, self.arithmetic)
        self.gradients: dict[str, Any] = {}
        self.carried: Series = {}  # by adjoint of a state and time t: what the losses after step t ask of it
        self.jacobians: dict[tuple[Any, ...], Any] = {}
        self.given: Series = {}  # quantities at a time that the cell's equations do not give
        self.loss_gradients: dict[tuple[Place, int | None, int | None], Any] = {}
        self.other: Unrolled | None = None  # the net on another trajectory, whose quantities bear a prime

    @property
    def cell(self) -> Cell:
        """The equations of a step."""
        return self.net.cell

    @property
    def environment(self) -> Timed:
        """Symbols, sizes and every quantity at every time."""
        environment = Timed(constants(self.net, self.arithmetic), self.net.phi)
        environment.unrolled = self
        return environment

    def quantity(self, name: str, time: int) -> Any:
        """A quantity at a time; adjoints after the last step are zero."""
        if name in self.given:
            return self.given[name][time]
        if name.endswith(PRIME):
            if self.other is None:
                raise KeyError(f"{name} has no value: the instance is one run of a net; TwoRuns holds two")
            return self.other.quantity(name.removesuffix(PRIME), time)
        if name in self.cell.adjoint_names:
            self.adjoints()
            if time == self.net.steps + 1:
                return self.arithmetic.zeros(*self.arithmetic.shape(self.series[name][time - 1]))
        if time not in self.series.get(name, {}):
            raise KeyError(f"{name} has no value at time {time}; the steps run from 1 to {self.net.steps}")
        return self.series[name][time]

    def backward(self) -> dict[str, Any]:
        """Gradients of parameters and initial states by the derived adjoint equations."""
        if not self.gradients:
            self.adjoints()
            self.gradients = gradients(self.net, self.arithmetic, self.series, self.carried)
        return self.gradients

    def input_gradients(self) -> dict[int, Any]:
        """``∂L/∂x_t`` by its step."""
        self.adjoints()
        return input_gradients(self.net, self.arithmetic, self.series)

    def adjoints(self) -> Series:
        """The adjoint equations run backward, once; fills the adjoints' series and what is carried between steps."""
        if not self.carried:
            self.carried = adjoints(self.net, self.arithmetic, self.series)
        return self.carried

    def loss(self, charged: int | None = None, seeds: Seeds | None = None) -> Any:
        """The loss of all steps, or that charged at one, as a 1 by 1 matrix; with seeds, its tangent."""
        arithmetic = self.arithmetic if seeds is None else Duals(self.arithmetic)
        series = self.series if seeds is None else forward(self.net, arithmetic, seeds)
        value = compiled(self.net.charged.value)
        environment = Environment(sizes(self.net))
        steps = range(1, self.net.steps + 1) if charged is None else [charged]
        terms = []
        outputs = series[self.cell.output.base.name]
        for step in steps:
            environment[o[t]], environment[y[t]] = outputs[step], series["y"][step]
            terms.append(value(arithmetic, environment))
        total = arithmetic.scale(arithmetic.number(self.net.weight), arithmetic.sum_time(terms))
        if charged is not None:
            return total
        return arithmetic.sum_time([total, *self._asked_of_the_last(arithmetic, series)])

    def _asked_of_the_last(self, arithmetic: Arithmetic, series: Series) -> Iterator[Any]:
        """What the last states add to the loss: their products with what is asked of them."""
        for name, asked in self.net.final.items():
            yield arithmetic.matmul(arithmetic.matrix(asked), series[name][self.net.steps])

    def loss_gradient(self, place: Place, charged: int | None = None, copy: int | None = None) -> Any:
        """``∂L/∂q`` by forward differentiation, an entry at a time, in the shape of q.

        ``copy`` moves a parameter at that step alone, as if every step had a copy of its own.
        """
        key = (place, charged, copy)
        if key not in self.loss_gradients:
            name, time = place
            self.loss_gradients[key] = self._gradient(
                name, lambda unit: self.loss(charged, {(name, copy if time is None else time): unit}), time
            )
        return self.loss_gradients[key]

    def truncated(self, name: str, window: int) -> Any:
        """``Σ_t ∂L_t/∂θ`` with the state ``window`` steps before the loss held fixed, by forward differentiation.

        Only the copies of θ at the steps t − window + 1 … t move.
        """

        def kept(unit: Any) -> Any:
            late = range(1, self.net.steps + 1)
            moves: list[Seeds] = [{(name, s): unit for s in range(max(1, u - window + 1), u + 1)} for u in late]
            return Duals(self.arithmetic).sum_time([self.loss(u, moved) for u, moved in zip(late, moves, strict=True)])

        return self._gradient(name, kept)

    def _gradient(self, name: str, moved: Callable[[Any], Any], time: int | None = None) -> Any:
        """The tangents of a 1 by 1 value for every unit matrix in the shape of q."""
        base = self.arithmetic
        rows, columns = self._shape(name, time)
        gradient = [[base.number(0)] * columns for _ in range(rows)]
        for i, j, unit in self._units(rows, columns):
            tangent = moved(unit).tangent
            gradient[i][j] = base.number(0) if tangent is None else base.entry(tangent, 0, 0)
        return base.matrix(gradient)

    def _shape(self, name: str, time: int | None = None) -> tuple[int, int]:
        known = self.environment[self.cell.symbols[name]] if time is None else self.quantity(name, time)
        return self.arithmetic.shape(known)

    def _units(self, rows: int, columns: int) -> Iterator[tuple[int, int, Any]]:
        """Every unit matrix of a shape, row by row."""
        for i, j in product(range(rows), range(columns)):
            entries = [[int((r, s) == (i, j)) for s in range(columns)] for r in range(rows)]
            yield i, j, self.arithmetic.matrix(entries)

    def contribution(self, name: str, late: int, early: int) -> Any:
        """What the copy of a parameter at the early step contributes to the gradient of the loss at the late one."""
        return self.loss_gradient((name, None), charged=late, copy=early)

    def state_jacobian(self, late: int, early: int) -> Any:
        """``∂h_late/∂h_early`` by forward differentiation, a column at a time; zero for late < early."""
        if (late, early) not in self.jacobians:
            size = self.net.sizes[2]
            seeds: list[Seeds] = [{("h", early): unit} for _, _, unit in self._units(size, 1)]
            self.jacobians[late, early] = self._columns(seeds, "h", late, zero=late < early)
        return self.jacobians[late, early]

    def sensitivity(self, name: str, time: int, immediate: bool = False) -> Any:
        """``∂h_time/∂vec θ`` by forward differentiation, a column for each entry of θ, row by row.

        ``immediate`` moves the copy of θ at that step alone, so that the state before is held fixed.
        """
        key = (name, time, immediate)
        if key not in self.jacobians:
            place = (name, time if immediate else None)
            seeds: list[Seeds] = [{place: unit} for _, _, unit in self._units(*self._shape(name))]
            self.jacobians[key] = self._columns(seeds, "h", time, zero=time == 0)
        return self.jacobians[key]

    def _columns(self, seeds: list[Seeds], name: str, time: int, zero: bool) -> Any:
        """Tangents of a quantity of n entries, side by side."""
        base, size = self.arithmetic, self.net.sizes[2]
        columns = [None if zero else forward(self.net, Duals(base), seed)[name][time].tangent for seed in seeds]
        blank = base.number(0)
        return base.matrix(
            [[blank if column is None else base.entry(column, i, 0) for column in columns] for i in range(size)]
        )

    def direct_jacobian(self, name: str, time: int) -> Any:
        """``∂⁺q_time/∂q_{time−1}``, everything else that the equation of q reads held fixed."""
        base, size = self.arithmetic, self.net.sizes[2]
        equation = next(rhs for lhs, rhs in self.cell.equations if lhs.name == name)
        environment = self.environment.bound(t, time)
        for quantity in equation.atoms(At):
            environment[quantity] = Dual(environment[quantity])
        columns = []
        for _, _, unit in self._units(size, 1):
            environment[At(self.cell.at(name).args[0], t - 1)] = Dual(self.quantity(name, time - 1), unit)
            columns.append(compiled(equation)(Duals(base), environment).tangent)
        return base.matrix([[base.entry(column, i, 0) for column in columns] for i in range(size)])
