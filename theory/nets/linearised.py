"""A step of a net forward and back, all steps at once; and its linearisation, by dual numbers in one batch.

`step` is the map of a recurrence and its adjoint together,

    (h_{t-1}, η_t) ↦ (h_t, η_{t-1}, summands of the gradients),     η_t = ∂(L_{t+1} + … + L_T)/∂h_t,

in which h_t stands for all the states of the cell together (those of an LSTM are h and s, one below the other).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.arithmetic import Approximate, Arithmetic, Dual, Duals, Floats
from backproof.theory.evaluation import Environment, compiled
from backproof.theory.language.notation import At, t, x, y
from backproof.theory.nets.passes import charge, constants
from backproof.theory.nets.stacked import SideBySide
from backproof.theory.nets.task import Task
from backproof.theory.nets.unrolled import Unrolled

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Linearisation:
    """Sequences evaluated and linearised, the same for every float format: J and K.

    Arrays have an axis for time, then one for the sequences. ``outputs`` (T, K, p, 1) are in extended precision.
    """

    net: SideBySide
    outputs: Any
    states: Array
    incoming: Array
    unrolled: Unrolled
    J: Array
    K: Array

    @property
    def gradients(self) -> Mapping[str, Any]:
        """The gradients of every sequence in extended precision, by name."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return self.unrolled.backward()


@lru_cache(maxsize=8)
def linearisation(nets: tuple[Task, ...]) -> Linearisation:
    """The sequences of all the nets, evaluated in extended precision and linearised once for every float format.

    Kept for a moment, since float64 and float32 are asked for one after the other.
    """
    net = SideBySide(tuple(sequence for net in nets for sequence in net.sequences()))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        unrolled = Unrolled(net, Floats(np.longdouble))
        unrolled.adjoints()
        names = [state.base.name for state in net.cell.states]
        states = np.concatenate([_all(unrolled.series[name], range(net.steps + 1)) for name in names], axis=-2)
        carried = [unrolled.carried[_adjoint(net, name)] for name in names]
        later = [_all(series, range(1, net.steps + 1)) for series in carried]
        front = np.broadcast_shapes(*(values.shape[:-2] for values in later), states[1:].shape[:-2])
        incoming = np.concatenate([np.broadcast_to(v, (*front, *v.shape[-2:])) for v in later], axis=-2)
        J, K = _linearised(net, states, incoming)
        series = unrolled.series[net.cell.output.base.name]
        outputs = np.stack(np.broadcast_arrays(*(series[step] for step in range(1, net.steps + 1))))
    return Linearisation(net=net, outputs=outputs, states=states, incoming=incoming, unrolled=unrolled, J=J, K=K)


def _all(series: Mapping[int, Array], steps: Any) -> Array:
    return np.stack(np.broadcast_arrays(*(series[step] for step in steps))).astype(np.float64)


def _adjoint(net: Task, state: str) -> str:
    """The name of a state's adjoint."""
    return net.cell.adjoints[state].base.name  # type: ignore[no-any-return]


def stacked(net: Task, found: Mapping[Any, Any], when: str) -> Array:
    """The radii of all the states after a step, or of what it hands back to all of them."""
    return np.concatenate([found[when, state.base.name].radius for state in net.cell.states], axis=-2)


def _split(net: Task, stacked: Any) -> dict[str, Any]:
    """The states (…, n, 1) by name from all of them, one below the other."""
    parts: dict[str, Any] = {}
    start = 0
    for state in net.cell.states:
        end = start + net.initial[f"{state.base.name}0"].shape[-1]
        rows = np.s_[..., start:end, :]
        start = end
        if isinstance(stacked, Approximate):
            parts[state.base.name] = Approximate(stacked.value[rows], stacked.radius[rows], stacked.roundoff)
        elif isinstance(stacked, Dual):
            tangent = None if stacked.tangent is None else stacked.tangent[rows]
            parts[state.base.name] = Dual(stacked.value[rows], tangent)
        else:
            parts[state.base.name] = stacked[rows]
    return parts


def step(
    net: Task, A: Arithmetic, before: Any, incoming: Any, *, summands: bool = True, read: Any = None, asked: Any = None
) -> dict[Any, Any]:
    """One step forward and back, for all steps at once.

    ``before``: h_{t-1}; ``incoming``: η_t; ``read`` and ``asked``: inputs and targets, where they are not exact.

    By quantity: every left-hand side. By ("after", state) and ("handed back", state): h_t and η_{t-1}. By parameter's
    name, if ``summands`` are wanted: the summand of its gradient.
    """
    cell, environment = net.cell, Environment(constants(net, A), net.phi)
    environment[x[t]] = A.matrix(np.swapaxes(net.inputs, -1, -2)) if read is None else read
    environment[y[t]] = A.matrix(np.swapaxes(net.target_columns(), -1, -2)) if asked is None else asked
    for told in cell.given:
        environment[told[t]] = A.matrix(np.swapaxes(net.given[told.base.name], -1, -2))
    for name, value in _split(net, before).items():
        environment[At(_base(net, name), t - 1)] = value
    for lhs, rhs in cell.equations:
        environment[lhs] = compiled(rhs)(A, environment)
    later = {_adjoint(net, name): value for name, value in _split(net, incoming).items()}
    found: dict[Any, Any] = {lhs: environment[lhs] for lhs, _ in cell.equations}
    for symbol, local, _ in cell.adjoint.backward:
        if symbol.name == _adjoint(net, cell.output.base.name):
            environment[symbol] = charge(net)(A, environment)
            continue
        value = compiled(local)(A, environment)
        environment[symbol] = A.add(value, later[symbol.name]) if symbol.name in later else value
    back = {symbol.name: carried for symbol, _, carried in cell.adjoint.backward}
    for state in cell.states:
        name = state.base.name
        found["after", name] = environment[state[t]]
        found["handed back", name] = compiled(back[_adjoint(net, name)])(A, environment)
    if summands:
        found |= {w.name: compiled(e)(A, environment) for w, e in cell.adjoint.gradients.items()}
        found["inputs"] = compiled(cell.adjoint.inputs)(A, environment)
    return found


def _base(net: Task, name: str) -> Any:
    return next(state.base for state in net.cell.states if state.base.name == name)


def _linearised(net: Task, states: Array, incoming: Array) -> tuple[Array, Array]:
    """J_t = ∂h_t/∂h_{t-1} and K_t = ∂η_{t-1}/∂h_{t-1}, (T, K, N, N) for N state entries, by one batch of dual numbers.

    A tangent has a column for each direction, or, where columns are multiplied with each other, is a column for each
    direction along an axis in front.
    """
    steps, sequences, size, _ = incoming.shape
    beside = net.cell.column_by_column
    directions = np.eye(size) if beside else np.eye(size).reshape(size, 1, 1, size, 1)
    shape = (steps, sequences, size, size) if beside else (size, steps, sequences, size, 1)
    moved = step(
        net, Duals(Floats()), Dual(states[:-1], np.broadcast_to(directions, shape)), Dual(incoming), summands=False
    )

    def tangents(when: str) -> Array:
        parts = []
        for state in net.cell.states:
            rows = net.initial[f"{state.base.name}0"].shape[-1]
            found = moved[when, state.base.name].tangent
            parts.append(np.broadcast_to(0.0 if found is None else found, (*shape[:-2], rows, shape[-1])))
        together = np.concatenate(parts, axis=-2)
        return together if beside else np.moveaxis(together[..., 0], 0, -1)

    return tangents("after"), tangents("handed back")
