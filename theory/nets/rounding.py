r"""How far a correct float implementation may be from the true gradient: a first-order bound, entry by entry.

A step of the recurrence, forward and back, is the map of `backproof.theory.nets.linearised`:

    (h_{t-1}, η_t) ↦ (h_t, η_{t-1}, summands of the gradients),     η_t = ∂(L_{t+1} + … + L_T)/∂h_t.

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
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.arithmetic import Approximate, Floats, Rounded, Roundoff, Undecided
from backproof.theory.evaluation import Environment, compiled
from backproof.theory.language.notation import h, o, t, y
from backproof.theory.nets.linearised import Linearisation, linearisation, stacked, step
from backproof.theory.nets.task import Task

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Tolerances:
    """Bounds on the error of a correct implementation in one float format.

    ``gradients`` by parameter, in its shape; ``hidden`` (T+1, n) for h; ``per_step`` (T, n) for ``α_t``, each step's
    contribution to the gradient of b (of all the biases of the gates, in their order). ``nonlinear_inputs`` (T, n) for
    each quantity that a nonlinear function is applied to, by name. The last three are those of the first sequence of
    the batch. ``inputs`` (T, B, m) is for the gradients by the inputs, and ``loss`` for the loss of the batch.
    """

    gradients: Mapping[str, Array]
    inputs: Array
    hidden: Array
    per_step: Array
    nonlinear_inputs: Mapping[str, Array]
    loss: float


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


def tolerances_together(nets: tuple[Task, ...], dtype: Any = np.float64, lags: int | None = None) -> list[Tolerances]:
    """`tolerances` for several nets of one shape, evaluated together in one batch.

    With ``lags`` an error is carried so many steps at most, and then forgotten: a part of the bound, since all terms of
    the sums are positive, at a cost that is linear in T. What is within a part is within the whole.
    """
    roundoff, line = Roundoff.of(dtype), linearisation(nets)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        hidden, final = carried(line, roundoff, lags=lags)
        sizes, radii = collected(line.net, final, roundoff)
    inputs = pre_activations_moved(line, final, roundoff)
    biases = [w.name for w in line.net.cell.parameters if w.shape == h.base.shape]
    losses = charged(line, Rounded(roundoff), final[line.net.cell.output[t]])
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
                loss=_of_the_sum(losses.value[:, part], losses.radius[:, part], roundoff),
            )
        )
    return found


def _of_the_sum(values: Array, radii: Array, roundoff: Roundoff) -> float:
    """The bound on a sum of so many terms, added up in any order; each is multiplied by a factor first."""
    with np.errstate(all="ignore"):
        return float(np.sum(radii) + roundoff.gamma(values.size + 2) * np.sum(np.abs(values)))


def charged(line: Linearisation, arithmetic: Any, outputs: Any) -> Any:
    """ω ℓ_t for every step and sequence (T, K, 1, 1), from outputs (T, K, p, 1) in the arithmetic."""
    net = line.net
    targets = arithmetic.matrix(np.swapaxes(net.target_columns(), -1, -2))
    environment = Environment({**net.dimensions, o[t]: outputs, y[t]: targets})
    with np.errstate(all="ignore"):
        value = compiled(net.charged.value)(arithmetic, environment)
        return arithmetic.scale(arithmetic.number(net.weight), value)


def extended_losses(nets: tuple[Task, ...]) -> list[Any]:
    """The loss of each net's batch in NumPy's longest float; its error is what `Tolerances.loss` is for that format."""
    line = linearisation(nets)
    losses = charged(line, Floats(np.longdouble), line.outputs)
    return [np.sum(losses[:, part]) for part in _parts(nets)]


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


def _at_each_step(value: Array, line: Linearisation) -> Array:
    """The value for every step and sequence, (T, K, rows, columns), also where it is the same at all."""
    return np.broadcast_to(value, (*line.incoming.shape[:2], *value.shape[-2:]))


def _repeated(value: Approximate, line: Linearisation) -> Approximate:
    return Approximate(_at_each_step(value.value, line), _at_each_step(value.radius, line), value.roundoff)


def _parts(nets: tuple[Task, ...]) -> list[slice]:
    """For each net, the slice of its sequences among those of all the nets."""
    ends = np.cumsum([0, *(net.sizes[1] for net in nets)])
    return [slice(int(i), int(j)) for i, j in pairwise(ends)]


def carried(
    line: Linearisation,
    roundoff: Roundoff,
    read: Array | None = None,
    asked: Array | None = None,
    lags: int | None = None,
) -> tuple[Array, dict[Any, Any]]:
    """The radii of the states, and every step with the radii that its inputs have by then.

    ``read`` and ``asked`` are radii of inputs (T, K, m, 1) and targets (T, K, p, 1), where they are not exact; ``lags``
    is the number of steps that an error is carried, by default all.
    """
    net, before = line.net, line.states[:-1]
    given: dict[str, Any] = {
        name: None if radius is None else Approximate(np.swapaxes(value, -1, -2).astype(np.float64), radius, roundoff)
        for name, value, radius in (("read", net.inputs, read), ("asked", net.target_columns(), asked))
    }
    exact = (_exact(before, roundoff), _exact(line.incoming, roundoff))
    local = step(net, Rounded(roundoff), *exact, summands=False, **given)
    moved_states = _forward_errors(line.J, stacked(net, local, "after"), lags)
    moved_adjoints = _backward_errors(line.J, line.K, moved_states, stacked(net, local, "handed back"), lags)
    inputs = Approximate(before, moved_states[:-1], roundoff)
    later = Approximate(line.incoming, moved_adjoints, roundoff)
    final = step(net, Rounded(roundoff), inputs, later, **given)
    return moved_states, final | {w: _repeated(final[w], line) for w in (*net.weights, "inputs")}


def pre_activations_moved(line: Linearisation, final: Mapping[Any, Any], roundoff: Roundoff) -> dict[str, Array]:
    """The radii of what nonlinear functions are applied to, (T, K, n), by name.

    Raises
    ------
    Undecided
        If one is more than √u.
    """
    inputs = {q.name: _at_each_step(final[q].radius, line)[..., 0] for q in line.net.cell.nonlinear_inputs}
    shift = max((float(np.max(radius)) for radius in inputs.values()), default=0.0)
    linear = line.net.phi is not None and line.net.phi.linear
    if not linear and not shift <= np.sqrt(roundoff.unit):
        raise Undecided(f"rounding moves a pre-activation by up to {shift:.1e}: ill-conditioned in this precision")
    return inputs


def _exact(value: Array, roundoff: Roundoff) -> Approximate:
    return Approximate(value, np.zeros_like(value), roundoff)


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


def _forward_errors(J: Array, committed: Array, lags: int | None) -> Array:
    """|Δh_t|, (T + 1, K, N, 1); h_0 is given exactly."""
    steps = committed.shape[0]
    total = np.zeros((steps + 1, *committed.shape[1:]))
    for lag, size in zip(range(steps)[:lags], _magnitudes(J), strict=False):
        total[1 + lag :] += size[1:] @ committed[: steps - lag]
    return total


def _backward_errors(J: Array, K: Array, moved: Array, committed: Array, lags: int | None) -> Array:
    """|Δη_t| for t = 1 … T, (T, K, N, 1); η_T = 0 exactly."""
    steps = committed.shape[0]
    sources = np.abs(K) @ moved[:-1] + committed  # at s = 1 … T, the error committed in η_{s-1}
    total = np.zeros_like(committed)
    for lag, size in zip(range(steps - 1)[:lags], _magnitudes(J), strict=False):
        carried = np.swapaxes(size[1:-1], -1, -2)  # |P_{t+lag, t}|ᵀ for t = 1 … T − 1 − lag
        total[: steps - 1 - lag] += carried @ sources[1 + lag :]
    return total


def collected(net: Task, final: Mapping[Any, Any], roundoff: Roundoff) -> tuple[dict[str, Array], dict[str, Array]]:
    """Sums over the steps, with the rounding of the summation: of magnitudes, and of radii; (K, rows, columns)."""
    sizes, radii = {}, {}
    for name in net.weights:
        sizes[name] = np.sum(np.abs(final[name].value), axis=0)
        radii[name] = np.sum(final[name].radius, axis=0) + roundoff.gamma(net.steps) * sizes[name]
    for state in net.cell.states:
        first = final["handed back", state.base.name]
        sizes[f"{state.base.name}0"], radii[f"{state.base.name}0"] = np.abs(first.value[0]), first.radius[0]
    return sizes, radii
