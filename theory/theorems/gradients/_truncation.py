"""Truncated back-propagation through time: which terms a window keeps, and how much it leaves out at most.

Instances are nets with a window K. The check compares a subject's truncated gradients with the evaluated statement; the
bound is that of `backproof.theory.theorems.gradients._steps`: each term of each loss by a backward pass in `Rounded`
arithmetic, and the summation of all of them once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import arb
from hypothesis import strategies as st
from sympy import Eq, Le, Max, Symbol
from sympy.matrices.expressions import hadamard_product

from backproof.theory.arithmetic import Balls, Floats, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most, truth
from backproof.theory.confronting.formats import in_deciding_formats, rounded_terms
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.relations import holds
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import above, beta_h, beta_W
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import LossGradient, StateJacobian, TimeSum, phi_prime
from backproof.theory.language.notation import PARAMETERS, T, U, V, W, a, b, g, h, k, t, x
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.unrolled import Unrolled

K = Symbol("K", integer=True, positive=True)
NEAR = Max(1, t - K + 1)
G, H = (Symbol(name, positive=True) for name in "GH")


def terms(parameter: Any, *, state: Any = h[k - 1], slope: bool = True) -> Any:
    """What step k contributes to ``∂L_t/∂θ`` for θ = W, U or b."""
    reached = StateJacobian(t, k).T * V.T * g[t]
    share = hadamard_product(a[k].applyfunc(phi_prime), reached) if slope else reached
    return {W: share * state.T, U: share * x[k].T, b: share}[parameter]


def kept(parameter: Any, *, oldest: Any = NEAR, newest: Any = t, **how: Any) -> TimeSum:
    """The terms that a window keeps, summed over the steps and over the losses."""
    return TimeSum(TimeSum(terms(parameter, **how), (k, oldest, newest)), (t, 1, T))


@st.composite
def windowed(draw: Any) -> NetWithValues:
    """Nets with windows that cut something off, mostly, and some that do not."""
    drawn = draw(nets(units=(1, 2), steps=(1, 3), batch=(1, 1)))
    return NetWithValues(drawn, {K: draw(st.integers(1, drawn.steps + 1))})


def _norms(instance: NetWithValues) -> tuple[arb, arb]:
    """``Σ_t ‖Vᵀ g_t‖`` and ``max_t ‖h_{t−1}‖``, in balls at the working precision."""
    A = Balls()
    environment = Unrolled(instance.net, A).environment
    steps = range(1, instance.net.steps + 1)
    asked = sum((A.frobenius_norm(evaluate(V.T * g[t], A, environment.bound(t, s))) for s in steps), arb(0))
    states = [A.frobenius_norm(environment[h[s - 1]]) for s in steps]
    return asked, max(states, key=lambda size: float(size.upper()))


@st.composite
def contracting(draw: Any) -> NetWithValues:
    """Nets scaled so that β_W β_h < 1, a window within the horizon, and bounds that are as tight as twelve bits allow.

    Half of them are of one unit with a constant state and the last loss alone, where the bound is nearly reached.
    """
    drawn = draw(_constant()) if draw(st.booleans()) else draw(nets(batch=(1, 1), steps=(2, 4), regimes=("plain",)))
    with precision(BITS):
        norm = float(Balls().spectral_norm(Balls().matrix(drawn.W)).upper())
        steepest = float(drawn.phi.steepest)
        shrink = 1.0
        while norm * shrink * steepest >= 0.9:
            shrink /= 2
        drawn = drawn.with_(W=drawn.W * shrink)
        beta = max(above(Balls().spectral_norm(Balls().matrix(drawn.W))), 2.0**-12)
        losses, states = _norms(NetWithValues(drawn, {}))
        sizes = {G: max(above(losses), 2.0**-40), H: max(above(states), 2.0**-40)}
    return NetWithValues(drawn, {K: draw(st.integers(1, drawn.steps)), beta_W: beta, beta_h: steepest, **sizes})


@st.composite
def _constant(draw: Any) -> Any:
    """``h_t = H`` at every step, with a target that only the last output misses."""
    weight, state = draw(st.sampled_from([0.5, 0.25, -0.5])), draw(st.sampled_from([1.0, 2.0, -4.0]))
    steps = draw(st.integers(2, 6))
    return constant(weight, state, steps)


def constant(weight: float, state: float, steps: int) -> Any:
    """A linear net of one unit that stays where it starts, charged at the end only."""
    targets = np.full((steps, 1), state)
    targets[-1] += 1
    drive = [[state - weight * state]] * steps
    return net(W=[[weight]], h0=[[state]], inputs=drive, targets=targets, activation="identity", loss="squared_error")


def truncated(subject: Any, net: Net, window: int) -> Any:
    """The subject's gradients with every loss propagated back through its own window."""
    return answer(subject, "truncated_gradients", net, every=1, window=window)


@reads(Eq)
def truncated_matches(statement: Any, subject: Any, instance: NetWithValues) -> Iterator[Comparison]:
    """Equations for truncated gradients: with sums over steps, or with the gradient of the whole."""
    formats = list(in_deciding_formats(instance.net))
    with precision(BITS):
        (environment,) = instance.environments(Balls(), statement)
        values = [(part, evaluate(part.rhs, Balls(), environment)) for part in parts(statement)]
    for cast, dtype, whole in formats:
        bounds = _bounds(instance.net, Roundoff.of(dtype))
        for part, value in values:
            parameter, window = part.lhs.args
            got = truncated(subject, cast, environment.integer(window))[parameter.name]
            bound = np.reshape(bounds[parameter.name], np.shape(got)) + whole[parameter.name]
            yield agree(f"[∂L/∂{parameter}] within {window} in {np.dtype(dtype).name}", got, value, bound)


def _bounds(net: Net, roundoff: Roundoff) -> dict[str, Any]:
    """The radius of the sum of all terms of all losses, whichever are kept."""
    totals: dict[str, Any] = {}
    sizes = _magnitudes(net)
    for late in range(1, net.steps + 1):
        for name, radii in rounded_terms(net, late, roundoff).items():
            totals[name] = totals.get(name, 0.0) + sum(radii.values())
    count = net.steps * (net.steps + 1)
    return {name: total + roundoff.gamma(count) * sizes[name] for name, total in totals.items()}


def _magnitudes(net: Net) -> dict[str, Any]:
    """The sum of the moduli of all terms."""
    unrolled, totals = Unrolled(net, Floats()), {}
    with np.errstate(all="ignore"):
        for name in ("W", "U", "b"):
            total: Any = 0.0
            summand = terms(PARAMETERS[name])
            for late in range(1, net.steps + 1):
                for early in range(1, late + 1):
                    here = unrolled.environment.bound(t, late).bound(k, early)
                    here[StateJacobian(t, k)] = unrolled.state_jacobian(late, early)
                    total = total + np.abs(evaluate(summand, Floats(), here))
            totals[name] = total
    return totals


def error_bounded(statement: Any, subject: Any, instance: NetWithValues) -> Iterator[Comparison]:
    """``‖∂L/∂θ − [∂L/∂θ]_K‖ ≤ …``: as it is in balls, and of the subject, with the rounding of both as slack."""
    net = instance.net
    with precision(BITS):
        (environment,) = instance.environments(Balls(), statement)
        for part in parts(statement):
            yield truth(f"{part.lhs} {part.rel_op} {part.rhs}", holds(part, Balls(), environment))
        limits = [(part, float(evaluate(part.rhs, Balls(), environment))) for part in parts(statement)]
    for cast, dtype, whole in in_deciding_formats(net):
        bounds = _bounds(net, Roundoff.of(dtype))
        near, full = truncated(subject, cast, instance.values[K]), answer(subject, "gradients", cast)
        for part, limit in limits:
            (name,) = {q.args[0].name for q in part.lhs.atoms(LossGradient)}
            difference = float(np.linalg.norm(full[name].astype(np.float64) - near[name]))
            slack = float(np.linalg.norm(bounds[name]) + 2 * np.linalg.norm(whole[name]))
            low, high = (difference, limit) if isinstance(part, Le) else (limit, difference)
            yield at_most(f"what {name} loses in {np.dtype(dtype).name}", low, high, slack)


@reads(Eq, times=(t,))
def immediate_terms(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """Equations for ``vec ∂L_t/∂θ`` against the sum of the subject's contributions by distance."""
    formats = list(in_deciding_formats(net))
    for late in range(1, net.steps + 1):
        with precision(BITS):
            environment = Unrolled(net, Balls()).environment.bound(t, late)
            found = [(part.lhs.args[0].args[0].name, part.rhs) for part in parts(statement)]
            values = {name: evaluate(claimed, Balls(), environment) for name, claimed in found}
        for cast, dtype, _ in formats:
            roundoff = Roundoff.of(dtype)
            radii = rounded_terms(net, late, roundoff)
            shares = answer(subject, "contributions_by_distance", cast, step=late)
            for name, value in values.items():
                rounding = roundoff.gamma(late) * np.sum(np.abs(shares[name]), axis=0, dtype=np.float64).reshape(-1, 1)
                bound = sum(np.reshape(radius, (-1, 1)) for radius in radii[name].values()) + rounding
                got = np.sum(shares[name], axis=0, dtype=np.float64).reshape(-1, 1)
                yield agree(f"∂L_{late}/∂{name} in {np.dtype(dtype).name}", got, value, bound)
