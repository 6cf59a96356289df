"""The two passes over an unrolled net: a cell's equations forward, the adjoint equations derived from them backward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import MatrixSymbol

from theory.arithmetic import Arithmetic, Dual, Duals
from theory.cells import Cell
from theory.evaluation import Environment, compiled, evaluate
from theory.nets import Task
from theory.notation import At, T, m, n, p, t, x, y

Series = dict[str, dict[int, Any]]
Place = tuple[str, int | None]  # a quantity at a time, or a parameter, at a step or (None) as all steps share it
Seeds = Mapping[Place, Any]


def sizes(net: Task) -> dict[Any, int]:
    """What the size symbols stand for."""
    steps, _, units, inputs, outputs = net.sizes
    return {n: units, m: inputs, p: outputs, T: steps}


def constants(net: Task, arithmetic: Arithmetic) -> dict[Any, Any]:
    """Sizes and parameters; biases become columns."""
    values: dict[Any, Any] = dict(sizes(net))
    for name, array in net.weights.items():
        values[net.cell.symbols[name]] = arithmetic.matrix(array if array.ndim == 2 else array[:, None])
    return values


def _seeded(arithmetic: Arithmetic, seeds: Seeds | None, place: Place, value: Any) -> Any:
    """The value with a tangent added, where a seed asks for one."""
    if not seeds or place not in seeds:
        return value
    assert isinstance(arithmetic, Duals)
    zero = arithmetic.base.zeros(*arithmetic.shape(value))
    return arithmetic.add(value, Dual(zero, seeds[place]))


def forward(net: Task, A: Arithmetic, seeds: Seeds | None = None) -> Series:
    """Every quantity at every step; with dual numbers, tangents added where a seed asks for one."""
    cell, environment = net.cell, Environment(constants(net, A), net.phi)
    for name, symbol in cell.symbols.items():
        environment[symbol] = _seeded(A, seeds, (name, None), environment[symbol])
    targets = net.target_columns()
    series: Series = {symbol.base.name: {} for symbol in (x, y)}
    series |= {lhs.name: {} for lhs, _ in cell.equations}
    for state in cell.states:
        name = state.base.name
        series[name][0] = _seeded(A, seeds, (name, 0), A.matrix(net.initial[f"{name}0"].T))
    program = [(lhs, compiled(rhs)) for lhs, rhs in cell.equations]
    shared = {symbol: environment[symbol] for symbol in cell.parameters}
    for step in range(1, net.steps + 1):
        for name, symbol in cell.symbols.items() if seeds else ():
            environment[symbol] = _seeded(A, seeds, (name, step), shared[symbol])
        series["x"][step] = environment[x[t]] = A.matrix(net.inputs[step - 1].T)
        series["y"][step] = A.matrix(targets[step - 1].T)
        for state in cell.states:
            environment[state[t - 1]] = series[state.base.name][step - 1]
        for lhs, rhs in program:
            value = _seeded(A, seeds, (lhs.name, step), rhs(A, environment))
            series[lhs.name][step] = environment[lhs] = value
    return series


def charge(net: Task, A: Arithmetic, environment: Environment) -> Any:
    """``g_t = ω ∂ℓ/∂o_t``."""
    gradient = evaluate(net.charged.gradient, A, environment)
    return gradient if net.weight == 1 else A.scale(A.number(net.weight), gradient)


def backward(net: Task, A: Arithmetic, series: Series) -> tuple[dict[str, Any], Series]:
    """Gradients by name; and for each state, by the name of its adjoint, what later losses ask of it after step t."""
    cell, environment = net.cell, Environment(constants(net, A), net.phi)
    adjoint = cell.adjoint
    program = [(symbol, compiled(local), compiled(back)) for symbol, local, back in adjoint.backward]
    summands: dict[MatrixSymbol, Any] = {w: compiled(e) for w, e in adjoint.gradients.items()}
    terms: dict[MatrixSymbol, list[Any]] = {w: [] for w in summands}
    output = cell.adjoints[cell.output.base.name][t]
    carried: Series = {}
    for state in cell.states:
        blank = A.zeros(*A.shape(series[state.base.name][0]))
        carried[cell.adjoints[state.base.name].base.name] = {net.steps: blank}
    for symbol, _, _ in program:
        series[symbol.name] = {}
    for step in range(net.steps, 0, -1):
        for name, values in series.items():
            if step in values:
                environment[At(symbol_of(cell, name), t)] = values[step]
        for state in cell.states:
            environment[state[t - 1]] = series[state.base.name][step - 1]
        for symbol, local, _ in program:
            value = charge(net, A, environment) if symbol == output else local(A, environment)
            if symbol.name in carried:
                value = A.add(value, carried[symbol.name][step])
            series[symbol.name][step] = environment[symbol] = value
        for symbol, _, back in program:
            if symbol.name in carried:
                carried[symbol.name][step - 1] = back(A, environment)
        for parameter, summand in summands.items():
            terms[parameter].append(summand(A, environment))
    gradients = {parameter.name: A.sum_time(values) for parameter, values in terms.items()}
    gradients |= {f"{q.base.name}0": carried[cell.adjoints[q.base.name].base.name][0] for q in cell.states}
    return gradients, carried


def symbol_of(cell: Cell, name: str) -> MatrixSymbol:
    """The symbol of a sequence by its name."""
    known = {lhs.name: lhs.args[0] for lhs, _ in cell.equations}
    known |= {s.base.name: s.base for s in (x, y, *cell.adjoints.values())}
    return known[name]
