r"""How far a correct float implementation may be from the true gradient: a first-order bound, entry by entry.

A step of the recurrence, forward and back, is a map

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

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.arithmetic import Approximate, Arithmetic, Dual, Duals, Floats, Rounded, Roundoff, Undecided
from theory.cells import ELMAN
from theory.evaluation import Environment, compiled
from theory.nets import Net
from theory.notation import PARAMETERS, At, T, alpha, delta, g, h, m, n, o, p, t, x, y
from theory.unroll import Unrolled

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Tolerances:
    """Bounds on the error of a correct implementation in one float format.

    ``gradients`` by parameter, in its shape; ``hidden`` (T+1, n) for the states; ``per_step`` (T, n) for ``α_t``, each
    step's contribution to the gradient of b. The last two are those of the first sequence of the batch.
    """

    gradients: Mapping[str, Array]
    hidden: Array
    per_step: Array


def tolerances(net: Net, dtype: Any = np.float64) -> Tolerances:
    """The first-order bound for every gradient of a net, summed over its batch.

    Raises
    ------
    Undecided
        If perturbations of rounding size move a pre-activation by more than √u: what the first order leaves out, of
        size (Δa)², would then exceed u, and this precision cannot decide the instance.
    """
    roundoff = Roundoff.of(dtype)
    parts = [_sequence(sequence, roundoff) for sequence in net.sequences()]
    totals = {}
    for name in parts[0][0]:
        radius = [part[0][name][1] for part in parts]
        values = [part[0][name][0] for part in parts]
        totals[name] = np.stack(radius) if name == "h0" else _accumulated(values, radius, roundoff)
    first = parts[0][1]
    return Tolerances(gradients=totals, hidden=first["hidden"], per_step=first["per_step"])


def _accumulated(values: list[Array], radii: list[Array], roundoff: Roundoff) -> Array:
    """A sum over sequences of sums over steps; ``values`` are sums of magnitudes."""
    return np.asarray(np.sum(radii, axis=0) + roundoff.gamma(len(values)) * np.sum(values, axis=0))


def _sequence(net: Net, roundoff: Roundoff) -> tuple[dict[str, tuple[Array, Array]], dict[str, Array]]:
    """For one sequence: (sum of magnitudes, radius) of each gradient, and the radii inside."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        unrolled = Unrolled(net, Floats())
        unrolled.backward()
        states = np.stack([unrolled.series["h"][s] for s in range(net.steps + 1)])
        incoming = _incoming(unrolled)
        J, K = _linearised(net, states, incoming)
        local = _step(net, Rounded(roundoff), _exact(states[:-1], roundoff), _exact(incoming, roundoff))
        products = _products(J)
        moved_states = _forward_errors(products, local["h"].radius)
        moved_adjoints = _backward_errors(products, K, moved_states, local["carried"].radius)
        inputs = Approximate(states[:-1], moved_states[:-1], roundoff)
        final = _step(net, Rounded(roundoff), inputs, Approximate(incoming, moved_adjoints, roundoff))
        shift = float(np.max(final["a"].radius))
        if net.activation != "identity" and not shift <= np.sqrt(roundoff.unit):
            raise Undecided(f"rounding moves a pre-activation by up to {shift:.1e}: ill-conditioned in this precision")
        return _collected(net, final, roundoff), {"hidden": moved_states[..., 0], "per_step": final["b"].radius[..., 0]}


def _exact(value: Array, roundoff: Roundoff) -> Approximate:
    return Approximate(value, np.zeros_like(value), roundoff)


def _incoming(unrolled: Unrolled) -> Array:
    """η_t for t = 1 … T, (T, n, 1): what later losses ask of h_t."""
    net = unrolled.net
    later = [net.W.T @ unrolled.series["alpha"][step] for step in range(2, net.steps + 1)]
    return np.stack([*later, np.zeros((net.W.shape[0], 1))])


def _step(net: Net, A: Arithmetic, before: Any, incoming: Any) -> dict[str, Any]:
    """One step forward and back, for all steps at once: h_t, η_{t-1} and every summand of a gradient."""
    environment = Environment({n: net.W.shape[0], m: net.U.shape[1], p: net.V.shape[0], T: net.steps}, net.phi)
    for name, symbol in PARAMETERS.items():
        array = getattr(net, name)
        environment[symbol] = A.matrix(array if array.ndim == 2 else array[:, None])
    environment[x[t]] = A.matrix(np.swapaxes(net.inputs, -1, -2))
    environment[y[t]] = A.matrix(np.swapaxes(net.target_columns(), -1, -2))
    environment[h[t - 1]] = before
    for lhs, rhs in ELMAN.equations:
        environment[lhs] = compiled(rhs)(A, environment)
    charge = compiled(net.charged.gradient)(A, environment)
    environment[g[t]] = charge if net.weight == 1 else A.scale(A.number(net.weight), charge)
    for symbol, local, carried in ELMAN.adjoint.backward:
        if symbol == delta[t]:
            environment[symbol] = A.add(compiled(local)(A, environment), incoming)
            back = carried
        elif symbol == alpha[t]:
            environment[symbol] = compiled(local)(A, environment)
    summands = {w.name: compiled(e)(A, environment) for w, e in ELMAN.adjoint.gradients.items()}
    values: dict[Any, Any] = {q.name: environment[q] for q in (h[t], o[t], At(ELMAN.equations[0][0].args[0], t))}
    return {**values, **summands, "carried": compiled(back)(A, environment)}


def _linearised(net: Net, states: Array, incoming: Array) -> tuple[Array, Array]:
    """J_t = ∂h_t/∂h_{t-1} and K_t = ∂η_{t-1}/∂h_{t-1}, (T, n, n), from one batch of dual numbers."""
    size = states.shape[1]
    A = Duals(Floats())
    directions = np.eye(size)[None, :, :, None]  # one direction a row: (1, n directions, n, 1)
    before = Dual(states[:-1, None], np.broadcast_to(directions, (net.steps, size, size, 1)))
    step = _step(_Spread(net), A, before, Dual(incoming[:, None]))  # type: ignore[arg-type]
    J, K = (np.swapaxes(step[name].tangent[..., 0], 1, 2) for name in ("h", "carried"))
    return J, K


class _Spread:
    """A net whose inputs and targets have an axis for directions after that of time."""

    def __init__(self, net: Net) -> None:
        self._net = net

    def __getattr__(self, name: str) -> Any:
        return getattr(self._net, name)

    @property
    def inputs(self) -> Array:
        return self._net.inputs[:, None]

    def target_columns(self) -> Array:
        return self._net.target_columns()[:, None]


def _products(J: Array) -> list[Array]:
    """|P| by lag: entry ``lag`` is (T + 1 − lag, n, n), the magnitude of ∂h_{k+lag}/∂h_k for each k."""
    steps, size, _ = J.shape
    current = np.broadcast_to(np.eye(size), (steps + 1, size, size))
    magnitudes = [np.abs(current)]
    for lag in range(1, steps + 1):
        current = J[lag - 1 :] @ current[: steps + 1 - lag]
        magnitudes.append(np.abs(current))
    return magnitudes


def _forward_errors(products: list[Array], committed: Array) -> Array:
    """|Δh_t|, (T + 1, n, 1); h_0 is given exactly."""
    steps = committed.shape[0]
    total = np.zeros((steps + 1, *committed.shape[1:]))
    for lag in range(steps):
        total[1 + lag :] += products[lag][1 : steps + 1 - lag] @ committed[: steps - lag]
    return total


def _backward_errors(products: list[Array], K: Array, moved: Array, committed: Array) -> Array:
    """|Δη_t| for t = 1 … T, (T, n, 1); η_T = 0 exactly."""
    steps = committed.shape[0]
    sources = np.abs(K) @ moved[:-1] + committed  # at s = 1 … T, the error committed in η_{s-1}
    total = np.zeros_like(committed)
    for lag in range(steps - 1):
        carried = np.swapaxes(products[lag][1 : steps - lag], 1, 2)  # |P_{t+lag, t}|ᵀ for t = 1 … T − 1 − lag
        total[: steps - 1 - lag] += carried @ sources[1 + lag :]
    return total


def _collected(net: Net, final: Mapping[str, Any], roundoff: Roundoff) -> dict[str, tuple[Array, Array]]:
    """Sums over the steps, with the rounding of the summation."""
    collected = {}
    for name in PARAMETERS:
        size = np.sum(np.abs(final[name].value), axis=0)
        radius = np.sum(final[name].radius, axis=0) + roundoff.gamma(net.steps) * size
        shape = getattr(net, name).shape
        collected[name] = (size.reshape(shape), radius.reshape(shape))
    first = final["carried"]
    collected["h0"] = (np.abs(first.value[0, :, 0]), first.radius[0, :, 0])
    return collected
