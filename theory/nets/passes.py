"""The two passes over an unrolled net: a cell's equations forward, the adjoint equations derived from them backward."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from backproof.theory.arithmetic import Arithmetic, Dual, Duals
from backproof.theory.evaluation import Environment, Evaluator, compiled, interned
from backproof.theory.language.notation import At, T, t, x, y
from backproof.theory.nets.task import Task

Series = dict[str, dict[int, Any]]
Place = tuple[str, int | None]  # a quantity at a time, or a parameter, at a step or (None) as all steps share it
Seeds = Mapping[Place, Any]


def sizes(net: Task) -> dict[Any, int]:
    """The value of each size symbol, and of the horizon T."""
    return net.dimensions | {T: net.steps}


def constants(net: Task, arithmetic: Arithmetic) -> dict[Any, Any]:
    """Values that no step changes: sizes and parameters. Biases (n,) become columns (n, 1)."""
    values: dict[Any, Any] = dict(sizes(net))
    for name, array in net.weights.items():
        symbol = interned(net.cell.symbols[name])  # so that compiled expressions find it by identity
        values[symbol] = arithmetic.matrix(array[..., None] if symbol.shape[1] == 1 else array)
    return values


def _columns(rows: Any) -> Any:
    """Rows as columns, whatever axes are in front."""
    return rows.swapaxes(-1, -2)


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
    series: Series = {symbol.base.name: {} for symbol in (x, y, *cell.given)}
    series |= {lhs.name: {} for lhs, _ in cell.equations}
    for state in cell.states:
        name = state.base.name
        series[name][0] = _seeded(A, seeds, (name, 0), A.matrix(_columns(net.initial[f"{name}0"])))
    program = [(lhs, compiled(rhs)) for lhs, rhs in cell.equations]
    shared = {symbol: environment[symbol] for symbol in cell.parameters}
    before = [(state[t - 1], series[state.base.name]) for state in cell.states]
    for step in range(1, net.steps + 1):
        for name, symbol in cell.symbols.items() if seeds else ():
            environment[symbol] = _seeded(A, seeds, (name, step), shared[symbol])
        read = _seeded(A, seeds, ("x", step), net.input_column(A, step))
        series["x"][step] = environment[x[t]] = read
        series["y"][step] = A.matrix(_columns(targets[step - 1]))
        for told in cell.given:
            name = told.base.name
            series[name][step] = environment[told[t]] = A.matrix(_columns(net.given[name][step - 1]))
        for symbol, values in before:
            environment[symbol] = values[step - 1]
        for lhs, rhs in program:
            value = _seeded(A, seeds, (lhs.name, step), rhs(A, environment))
            series[lhs.name][step] = environment[lhs] = value
    return series


def charge(net: Task) -> Evaluator:
    """The call that evaluates ``g_t = ω ∂ℓ/∂o_t``, the adjoint of a step's output."""
    gradient, weight = compiled(net.charged.gradient), net.weight
    if weight == 1:
        return gradient
    return lambda A, environment: A.scale(A.number(weight), gradient(A, environment))


def charges(net: Task, A: Arithmetic, series: Series) -> dict[int, Any]:
    """``g_t`` by its step."""
    environment, charged = Environment(sizes(net)), charge(net)
    steps, read = range(1, net.steps + 1), [(q, series[q.name]) for q in (net.cell.output[t], y[t])]
    if A.batches:
        environment.update({symbol: A.together([values[step] for step in steps]) for symbol, values in read})
        return dict(zip(steps, charged(A, environment), strict=True))
    found = {}
    for step in steps:
        environment.update({symbol: values[step] for symbol, values in read})
        found[step] = charged(A, environment)
    return found


def adjoints(net: Task, A: Arithmetic, series: Series) -> Series:
    """Fill the adjoints' series; for each state, by its adjoint's name, what later losses ask of it after step t."""
    cell, environment = net.cell, Environment(constants(net, A), net.phi)
    output = cell.adjoint_of(cell.output[t])
    series[output.name] = charges(net, A, series)
    program = [
        (symbol, symbol.name, compiled(local), compiled(back))
        for symbol, local, back in cell.adjoint.backward
        if symbol != output
    ]
    read = [(cell.at(name), values) for name, values in series.items()]
    before = [(state[t - 1], series[state.base.name]) for state in cell.states]
    carried: Series = {}
    for state in cell.states:
        name = state.base.name
        asked = net.final.get(name)
        last = A.zeros(*A.shape(series[name][0])) if asked is None else A.matrix(_columns(asked))
        carried[cell.adjoints[name].base.name] = {net.steps: last}
    series.update({name: {} for _, name, _, _ in program})
    for step in range(net.steps, 0, -1):
        for symbol, values in read:
            environment[symbol] = values[step]
        for symbol, values in before:
            environment[symbol] = values[step - 1]
        for symbol, name, local, _ in program:
            value = local(A, environment)
            if name in carried:
                value = A.add(value, carried[name][step])
            series[name][step] = environment[symbol] = value
        for _, name, _, back in program:
            if name in carried:
                carried[name][step - 1] = back(A, environment)
    return carried


def gradients(net: Task, A: Arithmetic, series: Series, carried: Series) -> dict[str, Any]:
    """The gradients by name: of a parameter, its summands added over the steps; of an initial state, what is carried.

    The steps are evaluated one after the other, or all at once where the arithmetic has a batch axis.
    """
    cell = net.cell
    environment = Environment(constants(net, A), net.phi)
    summands = {w.name: compiled(e) for w, e in cell.adjoint.gradients.items()}
    terms: dict[str, list[Any]] = {name: [] for name in summands}
    steps = range(1, net.steps + 1)
    read = {cell.at(name): [values[step] for step in steps] for name, values in series.items()}
    read |= {state[t - 1]: [series[state.base.name][step - 1] for step in steps] for state in cell.states}
    moments: Any = [map(A.together, read.values())] if A.batches else zip(*read.values(), strict=True)
    for moment in moments:
        environment.update(zip(read, moment, strict=True))
        for name, summand in summands.items():
            terms[name].append(summand(A, environment))
    if A.batches:
        still = [w.name for w, e in cell.adjoint.gradients.items() if not e.has(At)]  # the same at every step
        terms |= {name: [A.together([*terms[name]] * net.steps)] for name in still}
    found = {name: A.sum_time(values[0] if A.batches else values) for name, values in terms.items()}
    return found | {f"{q.base.name}0": carried[cell.adjoints[q.base.name].base.name][0] for q in cell.states}


def input_gradients(net: Task, A: Arithmetic, series: Series) -> dict[int, Any]:
    """``∂L/∂x_t`` by its step, from the adjoints of one sequence."""
    cell, environment, pulled = net.cell, Environment(constants(net, A), net.phi), compiled(net.cell.adjoint.inputs)
    found = {}
    for step in range(1, net.steps + 1):
        environment.update({cell.at(name): values[step] for name, values in series.items()})
        environment.update({state[t - 1]: series[state.base.name][step - 1] for state in cell.states})
        found[step] = pulled(A, environment)
    return found


def of_the_batch(A: Arithmetic, each: Sequence[Mapping[str, Any]], own: Collection[str]) -> dict[str, Any]:
    """The gradients of a batch from those of its sequences: sums, and rows for what each sequence has its own of.

    ``each``: by name, for every sequence; what is no matrix there is left out. ``own``: the names of those with rows.
    """
    found = {name: [one[name] for one in each] for name in each[0] if not isinstance(each[0][name], list)}
    return {name: as_rows(A, values) if name in own else A.sum_time(values) for name, values in found.items()}


def as_rows(A: Arithmetic, columns: Sequence[Any]) -> Any:
    """Columns as the rows of a matrix."""
    return A.matrix([[A.entry(column, i, 0) for i in range(A.shape(column)[0])] for column in columns])
