r"""How far a correct float implementation may be from the true gradient: a first-order bound, entry by entry.

A step of the recurrence, forward and back, is a map

    (h_{t-1}, η_t) ↦ (h_t, η_{t-1}, summands of the gradients),     η_t = ∂(L_{t+1} + … + L_T)/∂h_t,

in which h_t stands for all the states of the cell together (those of an LSTM are h and s, one below the other).

Each step commits a local error: at most ε_t in h_t and r_t in η_{t-1}, found by evaluating that one step in `Rounded`
arithmetic. The errors then travel through the true Jacobian products P_{s,t} = ∂h_s/∂h_t, not through ‖W‖ˡ:

    |Δh_t|  ≤ Σ_{k≤t} |P_{t,k}| ε_k,
    |Δη_t|  ≤ Σ_{s>t} |P_{s-1,t}|ᵀ (|K_s| |Δh_{s-1}| + r_s),     K_s = ∂η_{s-1}/∂h_{s-1},

and enter the summands as input radii. This is the first-order forward error analysis of Higham, *Accuracy and Stability
of Numerical Algorithms* (2002), for the recurrence and its adjoint together. J_s = P_{s,s-1} and K_s come from dual
numbers over all steps and directions in one batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.arithmetic import Approximate, Arithmetic, Dual, Duals, Floats, Rounded, Roundoff, Undecided
from backproof.theory.evaluation import Environment, compiled
from backproof.theory.language.notation import At, h, t, x, y
from backproof.theory.nets.passes import charge, constants
from backproof.theory.nets.stacked import SideBySide
from backproof.theory.nets.task import Task
from backproof.theory.nets.unrolled import Unrolled

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Tolerances:
    """Bounds on the error of a correct implementation in one float format.

    ``gradients`` by parameter, in its shape; ``hidden`` (T+1, n) for h; ``per_step`` (T, n) for ``α_t``, each step's
    contribution to the gradient of b (of all the biases of the gates, in their order). ``nonlinear_inputs`` (T, n) for
    each quantity that a nonlinear function is applied to, by name. The last three are those of the first sequence of
    the batch. ``inputs`` (T, B, m) is for the gradients by the inputs.
    """

    gradients: Mapping[str, Array]
    inputs: Array
    hidden: Array
    per_step: Array
    nonlinear_inputs: Mapping[str, Array]


def tolerances(net: Task, dtype: Any = np.float64) -> Tolerances:
    """The first-order bound for every gradient of a net, summed over its batch.

    Raises
    ------
    Undecided
        If perturbations of rounding size move a pre-activation by more than √u: what the first order leaves out, of
        size (Δa)², would then exceed u, and this precision cannot decide the instance.
    """
    (alone,) = tolerances_together((net,), dtype)
    return alone


def tolerances_together(nets: tuple[Task, ...], dtype: Any = np.float64) -> list[Tolerances]:
    """`tolerances` for several nets of one shape, evaluated together in one batch."""
    roundoff, line = Roundoff.of(dtype), linearisation(nets)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        hidden, final = _carried(line, roundoff)
        final |= {w: _repeated(final[w], line) for w in (*line.net.weights, "inputs")}
        sizes, radii = _collected(line.net, final, roundoff)
    inputs = {q.name: _at_each_step(final[q].radius, line)[..., 0] for q in line.net.cell.nonlinear_inputs}
    shift = max((float(np.max(radius)) for radius in inputs.values()), default=0.0)
    linear = nets[0].phi is not None and nets[0].phi.linear
    if not linear and not shift <= np.sqrt(roundoff.unit):
        raise Undecided(f"rounding moves a pre-activation by up to {shift:.1e}: ill-conditioned in this precision")
    biases = [w.name for w in line.net.cell.parameters if w.shape == h.base.shape]
    per_step = np.concatenate([line.states[1:, ..., :0, 0], *(final[name].radius[..., 0] for name in biases)], axis=-1)
    found = []
    for net, part in zip(nets, _parts(nets), strict=True):
        totals = {}
        for name, array in net.parameters.items():
            size, radius = sizes[name][part], radii[name][part]
            own = roundoff.gamma(len(radius)) * np.sum(size, axis=0)
            summed = radius if name in net.initial else np.sum(radius, axis=0) + own
            totals[name] = summed.reshape(array.shape)
        first = part.start
        found.append(
            Tolerances(
                gradients=totals,
                inputs=final["inputs"].radius[:, part, :, 0],
                hidden=hidden[:, first, : net.sizes[2], 0],
                per_step=per_step[:, first],
                nonlinear_inputs={name: radius[:, first] for name, radius in inputs.items()},
            )
        )
    return found


def extended_together(nets: tuple[Task, ...]) -> list[dict[str, Any]]:
    """Every gradient of nets of one shape by the derived equations, in NumPy's longest float.

    Their error is what `tolerances_together` gives for that format.
    """
    gradients = linearisation(nets).gradients
    return [
        {
            name: (gradients[name][part] if name in net.initial else np.sum(gradients[name][part], axis=0)).reshape(
                array.shape
            )
            for name, array in net.parameters.items()
        }
        for net, part in zip(nets, _parts(nets), strict=True)
    ]


def _at_each_step(value: Array, line: _Linearisation) -> Array:
    """The value for every step and sequence, (T, K, rows, columns), also where it is the same at all."""
    return np.broadcast_to(value, (*line.incoming.shape[:2], *value.shape[-2:]))


def _repeated(value: Approximate, line: _Linearisation) -> Approximate:
    return Approximate(_at_each_step(value.value, line), _at_each_step(value.radius, line), value.roundoff)


def _parts(nets: tuple[Task, ...]) -> list[slice]:
    """For each net, the slice of its sequences among those of all the nets."""
    ends = np.cumsum([0, *(net.sizes[1] for net in nets)])
    return [slice(int(i), int(j)) for i, j in pairwise(ends)]


@dataclass(frozen=True, kw_only=True)
class _Linearisation:
    """Sequences evaluated and linearised, the same for every float format: J and K.

    Arrays have an axis for time, then one for the sequences.
    """

    net: SideBySide
    states: Array
    incoming: Array
    gradients: Mapping[str, Any]
    J: Array
    K: Array


@lru_cache(maxsize=8)
def linearisation(nets: tuple[Task, ...]) -> _Linearisation:
    """The sequences of all the nets, evaluated in extended precision and linearised once for every float format.

    Kept for a moment, since float64 and float32 are asked for one after the other.
    """
    net = SideBySide(tuple(sequence for net in nets for sequence in net.sequences()))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        unrolled = Unrolled(net, Floats(np.longdouble))
        gradients = unrolled.backward()
        names = [state.base.name for state in net.cell.states]
        states = np.concatenate([_all(unrolled.series[name], range(net.steps + 1)) for name in names], axis=-2)
        carried = [unrolled.carried[_adjoint(net, name)] for name in names]
        asked = np.concatenate([_all(series, range(1, net.steps + 1)) for series in carried], axis=-2)
        incoming = np.broadcast_to(asked, states[1:].shape)
        J, K = _linearised(net, states, incoming)
    return _Linearisation(net=net, states=states, incoming=incoming, gradients=gradients, J=J, K=K)


def _carried(line: _Linearisation, roundoff: Roundoff) -> tuple[Array, dict[Any, Any]]:
    """The radii of the states, and every step with the radii that its inputs have by then."""
    net, before = line.net, line.states[:-1]
    local = _step(net, Rounded(roundoff), _exact(before, roundoff), _exact(line.incoming, roundoff), summands=False)
    moved_states = _forward_errors(line.J, _stacked(net, local, "after"))
    moved_adjoints = _backward_errors(line.J, line.K, moved_states, _stacked(net, local, "handed back"))
    inputs = Approximate(before, moved_states[:-1], roundoff)
    return moved_states, _step(net, Rounded(roundoff), inputs, Approximate(line.incoming, moved_adjoints, roundoff))


def _exact(value: Array, roundoff: Roundoff) -> Approximate:
    return Approximate(value, np.zeros_like(value), roundoff)


def _all(series: Mapping[int, Array], steps: Any) -> Array:
    return np.stack(np.broadcast_arrays(*(series[step] for step in steps))).astype(np.float64)


def _adjoint(net: Task, state: str) -> str:
    """The name of a state's adjoint."""
    return net.cell.adjoints[state].base.name  # type: ignore[no-any-return]


def _stacked(net: Task, step: Mapping[Any, Any], when: str) -> Array:
    """The radii of all the states after a step, or of what it hands back to all of them."""
    return np.concatenate([step[when, state.base.name].radius for state in net.cell.states], axis=-2)


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


def _step(net: Task, A: Arithmetic, before: Any, incoming: Any, summands: bool = True) -> dict[Any, Any]:
    """One step forward and back, for all steps at once.

    By quantity: every left-hand side. By ("after", state) and ("handed back", state): h_t and η_{t-1}. By parameter's
    name, if ``summands`` are wanted: the summand of its gradient.
    """
    cell, environment = net.cell, Environment(constants(net, A), net.phi)
    environment[x[t]] = A.matrix(np.swapaxes(net.inputs, -1, -2))
    environment[y[t]] = A.matrix(np.swapaxes(net.target_columns(), -1, -2))
    for told in cell.given:
        environment[told[t]] = A.matrix(np.swapaxes(net.given[told.base.name], -1, -2))
    for name, value in _split(net, before).items():
        environment[At(_base(net, name), t - 1)] = value
    for lhs, rhs in cell.equations:
        environment[lhs] = compiled(rhs)(A, environment)
    asked = {_adjoint(net, name): value for name, value in _split(net, incoming).items()}
    found: dict[Any, Any] = {lhs: environment[lhs] for lhs, _ in cell.equations}
    for symbol, local, _ in cell.adjoint.backward:
        if symbol.name == _adjoint(net, cell.output.base.name):
            environment[symbol] = charge(net)(A, environment)
            continue
        value = compiled(local)(A, environment)
        environment[symbol] = A.add(value, asked[symbol.name]) if symbol.name in asked else value
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
    step = _step(net, Duals(Floats()), Dual(states[:-1], np.broadcast_to(directions, shape)), Dual(incoming), False)

    def tangents(when: str) -> Array:
        parts = []
        for state in net.cell.states:
            rows = net.initial[f"{state.base.name}0"].shape[-1]
            found = step[when, state.base.name].tangent
            parts.append(np.broadcast_to(0.0 if found is None else found, (*shape[:-2], rows, shape[-1])))
        stacked = np.concatenate(parts, axis=-2)
        return stacked if beside else np.moveaxis(stacked[..., 0], 0, -1)

    return tangents("after"), tangents("handed back")


def _magnitudes(J: Array) -> Iterator[Array]:
    """|P| by lag from 0 to T: (T + 1 − lag, K, N, N), the magnitude of ∂h_{k+lag}/∂h_k for each k, until the next."""
    steps, *shape = J.shape
    current, after, size = (np.empty((steps + 1, *shape)) for _ in range(3))
    current[:] = np.eye(shape[-1])
    for lag in range(steps + 1):
        if lag:
            np.matmul(J[lag - 1 :], current[: steps + 1 - lag], out=after[: steps + 1 - lag])
            current, after = after, current
        yield np.abs(current[: steps + 1 - lag], out=size[: steps + 1 - lag])


def _forward_errors(J: Array, committed: Array) -> Array:
    """|Δh_t|, (T + 1, K, N, 1); h_0 is given exactly."""
    steps = committed.shape[0]
    total = np.zeros((steps + 1, *committed.shape[1:]))
    for lag, size in zip(range(steps), _magnitudes(J), strict=False):
        total[1 + lag :] += size[1:] @ committed[: steps - lag]
    return total


def _backward_errors(J: Array, K: Array, moved: Array, committed: Array) -> Array:
    """|Δη_t| for t = 1 … T, (T, K, N, 1); η_T = 0 exactly."""
    steps = committed.shape[0]
    sources = np.abs(K) @ moved[:-1] + committed  # at s = 1 … T, the error committed in η_{s-1}
    total = np.zeros_like(committed)
    for lag, size in zip(range(steps - 1), _magnitudes(J), strict=False):
        carried = np.swapaxes(size[1:-1], -1, -2)  # |P_{t+lag, t}|ᵀ for t = 1 … T − 1 − lag
        total[: steps - 1 - lag] += carried @ sources[1 + lag :]
    return total


def _collected(net: Task, final: Mapping[Any, Any], roundoff: Roundoff) -> tuple[dict[str, Array], dict[str, Array]]:
    """Sums over the steps, with the rounding of the summation: of magnitudes, and of radii; (K, rows, columns)."""
    sizes, radii = {}, {}
    for name in net.weights:
        sizes[name] = np.sum(np.abs(final[name].value), axis=0)
        radii[name] = np.sum(final[name].radius, axis=0) + roundoff.gamma(net.steps) * sizes[name]
    for state in net.cell.states:
        first = final["handed back", state.base.name]
        sizes[f"{state.base.name}0"], radii[f"{state.base.name}0"] = np.abs(first.value[0]), first.radius[0]
    return sizes, radii
