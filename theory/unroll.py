"""Unrolling a cell over time, forward and backward, in any arithmetic.

The forward pass evaluates the cell's equations; the backward pass evaluates the adjoint equations that were derived
from them. One sequence at a time: a batch is a sum over its sequences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import MatrixSymbol

from theory.arithmetic import Arithmetic, Dual, Duals
from theory.cells import ELMAN, Cell
from theory.decide import environments
from theory.evaluation import Environment, compiled, evaluate
from theory.nets import Net
from theory.nodes import CopyGradient, LossGradient, StateJacobian, StepLossGradient
from theory.notation import PARAMETERS, At, T, k, m, n, o, p, t, x, y

Series = dict[str, dict[int, Any]]
Seeds = Mapping[tuple[str, int | None], Any]  # (name, time or None for a parameter) → tangent


class Timed(Environment):
    """An environment that also knows every quantity at every time, and the derivatives that define the claims."""

    unrolled: Unrolled

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, At):
            return self.unrolled.quantity(key.name, self.integer(key.time))
        if isinstance(key, LossGradient):
            return self.unrolled.loss_gradient(self._place(key.args[0]))
        if isinstance(key, StepLossGradient):
            return self.unrolled.loss_gradient(self._place(key.args[0]), charged=self.integer(key.time))
        if isinstance(key, CopyGradient):
            return self.unrolled.loss_gradient(self._place(key.args[0]), copy=self.integer(key.time))
        if isinstance(key, StateJacobian):
            late, early = (self.integer(time) for time in key.args)
            return self.unrolled.state_jacobian(late, early)
        raise KeyError(f"{key} has no value here")

    def _place(self, quantity: Any) -> tuple[str, int | None]:
        return (quantity.name, self.integer(quantity.time)) if isinstance(quantity, At) else (quantity.name, None)

    def copy(self) -> Timed:
        """Shares the unrolled net."""
        twin = Timed(self, self.activation)
        twin.unrolled = self.unrolled
        return twin


@dataclass
class Unrolled:
    """A net of one sequence, evaluated step by step in an arithmetic."""

    net: Net
    arithmetic: Arithmetic
    cell: Cell = ELMAN
    series: Series = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.net.sizes[1] != 1:
            raise ValueError("unroll one sequence at a time: net.sequence(index)")
        self.series = _forward(self.net, self.arithmetic, self.cell)
        self.gradients: dict[str, Any] = {}
        self.jacobians: dict[tuple[int, int], Any] = {}

    @property
    def environment(self) -> Timed:
        """Symbols, sizes and every quantity at every time."""
        environment = Timed(_constants(self.net, self.arithmetic), self.net.phi)
        environment.unrolled = self
        return environment

    def quantity(self, name: str, time: int) -> Any:
        """A quantity at a time; adjoints after the last step are zero."""
        if name in {adjoint.base.name for adjoint in self.cell.adjoints.values()}:
            self.backward()
            if time == self.net.steps + 1:
                return self.arithmetic.zeros(*self.arithmetic.shape(self.series[name][time - 1]))
        if time not in self.series.get(name, {}):
            raise KeyError(f"{name} has no value at time {time}; the steps run from 1 to {self.net.steps}")
        return self.series[name][time]

    def backward(self) -> dict[str, Any]:
        """Gradients of every parameter and of h_0 by the derived adjoint equations; fills the adjoints' series."""
        if not self.gradients:
            self.gradients = _backward(self.net, self.arithmetic, self.cell, self.series)
        return self.gradients

    def loss(self, charged: int | None = None, seeds: Seeds | None = None) -> Any:
        """The loss of all steps, or that charged at one, as a 1 by 1 matrix; with seeds, its tangent."""
        arithmetic = self.arithmetic if seeds is None else Duals(self.arithmetic)
        series = self.series if seeds is None else _forward(self.net, arithmetic, self.cell, seeds)
        value = compiled(self.net.charged.value)
        environment = Environment(_sizes(self.net))
        steps = range(1, self.net.steps + 1) if charged is None else [charged]
        terms = []
        for step in steps:
            environment[o[t]], environment[y[t]] = series["o"][step], series["y"][step]
            terms.append(value(arithmetic, environment))
        total = arithmetic.sum_time(terms)
        return arithmetic.scale(arithmetic.number(self.net.weight), total)

    def loss_gradient(self, place: tuple[str, int | None], charged: int | None = None, copy: int | None = None) -> Any:
        """``∂L/∂q`` by forward differentiation, an entry at a time, in the shape of q.

        ``copy`` moves a parameter at that step alone, as if every step had a copy of its own.
        """
        base = self.arithmetic
        name, time = place
        rows, columns = base.shape(
            self.quantity(name, time) if time is not None else self.environment[PARAMETERS[name]]
        )
        gradient = []
        for i in range(rows):
            line = []
            for j in range(columns):
                unit = base.matrix([[int((r, s) == (i, j)) for s in range(columns)] for r in range(rows)])
                tangent = self.loss(charged, {(name, copy if time is None else time): unit}).tangent
                line.append(base.number(0) if tangent is None else base.entry(tangent, 0, 0))
            gradient.append(line)
        return base.matrix(gradient)

    def state_jacobian(self, late: int, early: int) -> Any:
        """``∂h_late/∂h_early`` by forward differentiation, a column at a time; zero for late < early."""
        if (late, early) not in self.jacobians:
            self.jacobians[late, early] = self._state_jacobian(late, early)
        return self.jacobians[late, early]

    def _state_jacobian(self, late: int, early: int) -> Any:
        base = self.arithmetic
        size = self.net.sizes[2]
        columns = []
        for j in range(size):
            unit = base.matrix([[int(r == j)] for r in range(size)])
            state = _forward(self.net, Duals(base), self.cell, {("h", early): unit})["h"][late]
            columns.append(base.zeros(size, 1) if state.tangent is None or late < early else state.tangent)
        return base.matrix([[base.entry(column, i, 0) for column in columns] for i in range(size)])


@environments.register
def _net(instance: Net, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
    """Every sequence, and every t and k ≤ t that the statement leaves free."""
    free = statement.free_symbols
    for sequence in instance.sequences():
        environment = Unrolled(sequence, arithmetic).environment
        for late in range(1, instance.steps + 1) if t in free else [None]:
            for early in range(0, (late or instance.steps) + 1) if k in free else [None]:
                here = environment if late is None else environment.bound(t, late)
                yield here if early is None else here.bound(k, early)


def _sizes(net: Net) -> dict[Any, int]:
    steps, _, units, inputs, outputs = net.sizes
    return {n: units, m: inputs, p: outputs, T: steps}


def _constants(net: Net, arithmetic: Arithmetic) -> dict[Any, Any]:
    """Sizes and parameters; biases become columns."""
    values: dict[Any, Any] = dict(_sizes(net))
    for name, symbol in PARAMETERS.items():
        array = getattr(net, name)
        values[symbol] = arithmetic.matrix(array if array.ndim == 2 else array[:, None])
    return values


def _seeded(arithmetic: Arithmetic, seeds: Seeds | None, place: tuple[str, int | None], value: Any) -> Any:
    """The value with a tangent added, where a seed asks for one."""
    if not seeds or place not in seeds:
        return value
    assert isinstance(arithmetic, Duals)
    zero = arithmetic.base.zeros(*arithmetic.shape(value))
    return arithmetic.add(value, Dual(zero, seeds[place]))


def _forward(net: Net, A: Arithmetic, cell: Cell, seeds: Seeds | None = None) -> Series:
    environment = Environment(_constants(net, A), net.phi)
    for name, symbol in PARAMETERS.items():
        environment[symbol] = _seeded(A, seeds, (name, None), environment[symbol])
    targets = net.target_columns()
    series: Series = {symbol.base.name: {} for symbol in (x, y)}
    series |= {lhs.name: {} for lhs, _ in cell.equations}
    series["h"][0] = _seeded(A, seeds, ("h", 0), A.matrix(net.h0.T))
    program = [(lhs, compiled(rhs)) for lhs, rhs in cell.equations]
    shared = {symbol: environment[symbol] for symbol in PARAMETERS.values()}
    for step in range(1, net.steps + 1):
        for name, symbol in PARAMETERS.items() if seeds else ():
            environment[symbol] = _seeded(A, seeds, (name, step), shared[symbol])
        series["x"][step] = environment[x[t]] = A.matrix(net.inputs[step - 1].T)
        series["y"][step] = A.matrix(targets[step - 1].T)
        for state in cell.states:
            environment[state[t - 1]] = series[state.base.name][step - 1]
        for lhs, rhs in program:
            value = _seeded(A, seeds, (lhs.name, step), rhs(A, environment))
            series[lhs.name][step] = environment[lhs] = value
    return series


def _charge(net: Net, A: Arithmetic, environment: Environment) -> Any:
    """``g_t = ω ∂ℓ/∂o_t``."""
    gradient = evaluate(net.charged.gradient, A, environment)
    return gradient if net.weight == 1 else A.scale(A.number(net.weight), gradient)


def _backward(net: Net, A: Arithmetic, cell: Cell, series: Series) -> dict[str, Any]:
    environment = Environment(_constants(net, A), net.phi)
    adjoint = cell.adjoint
    program = [(symbol, compiled(local), compiled(carried)) for symbol, local, carried in adjoint.backward]
    summands: dict[MatrixSymbol, Any] = {w: compiled(e) for w, e in adjoint.gradients.items()}
    terms: dict[MatrixSymbol, list[Any]] = {w: [] for w in summands}
    output = cell.adjoints[cell.output.base.name][t]
    zero = {q.base.name: A.zeros(*A.shape(series[q.base.name][0])) for q in cell.states}
    carried_in = {cell.adjoints[name].base.name: value for name, value in zero.items()}
    for symbol, _, _ in program:
        series[symbol.name] = {}
    for step in range(net.steps, 0, -1):
        for name, values in series.items():
            if step in values:
                environment[At(_base(cell, name), t)] = values[step]
        for state in cell.states:
            environment[state[t - 1]] = series[state.base.name][step - 1]
        for symbol, local, _ in program:
            value = _charge(net, A, environment) if symbol == output else local(A, environment)
            if symbol.name in carried_in:
                value = A.add(value, carried_in[symbol.name])
            series[symbol.name][step] = environment[symbol] = value
        carried_in = {s.name: back(A, environment) for s, _, back in program if s.name in carried_in}
        for parameter, summand in summands.items():
            terms[parameter].append(summand(A, environment))
    gradients = {parameter.name: A.sum_time(values) for parameter, values in terms.items()}
    gradients |= {f"{state.base.name}0": carried_in[cell.adjoints[state.base.name].base.name] for state in cell.states}
    return gradients


def _base(cell: Cell, name: str) -> MatrixSymbol:
    known = {lhs.name: lhs.args[0] for lhs, _ in cell.equations}
    known |= {s.base.name: s.base for s in (x, y, *cell.adjoints.values())}
    return known[name]
