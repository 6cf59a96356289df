"""Truncated gradients of a subject, and the terms of single losses, against evaluated statements.

The bound is that of `theory.checks.shares`: each term of each loss by a backward pass in `Rounded` arithmetic, and the
summation of all of them once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sympy import Le

from theory.arithmetic import Balls, Floats, Roundoff, precision
from theory.checks.gradients import run
from theory.checks.shares import equations, in_deciding_formats, rounded_terms
from theory.comparison import Comparison, agree, at_most, truth
from theory.decide import BITS, environments, holds
from theory.evaluation import evaluate
from theory.nets import Net
from theory.nodes import LossGradient, StateJacobian
from theory.notation import PARAMETERS, k, t
from theory.subject import offered
from theory.truncation import Windowed, terms
from theory.unroll import Unrolled


def truncated(subject: Any, net: Net, window: int) -> Any:
    """The subject's gradients with every loss propagated back through its own window."""
    function = offered(subject, "truncated_gradients")
    return function(net.parameters, net.inputs, net.targets, every=1, window=window, **net.settings)


def truncated_matches(statement: Any, subject: Any, instance: Windowed) -> Iterator[Comparison]:
    """Equations for truncated gradients: with sums over steps, or with the gradient of the whole."""
    formats = list(in_deciding_formats(instance.net))
    with precision(BITS):
        (environment,) = environments(instance, Balls(), statement)
        values = [(part, evaluate(part.rhs, Balls(), environment)) for part in equations(statement)]
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


def error_bounded(statement: Any, subject: Any, instance: Windowed) -> Iterator[Comparison]:
    """``‖∂L/∂θ − [∂L/∂θ]_K‖ ≤ …``: as it is in balls, and of the subject, with the rounding of both as slack."""
    net = instance.net
    with precision(BITS):
        (environment,) = environments(instance, Balls(), statement)
        for part in equations(statement):
            yield truth(f"{part.lhs} {part.rel_op} {part.rhs}", holds(part, Balls(), environment))
        limits = [(part, float(evaluate(part.rhs, Balls(), environment))) for part in equations(statement)]
    for cast, dtype, whole in in_deciding_formats(net):
        bounds = _bounds(net, Roundoff.of(dtype))
        near, full = truncated(subject, cast, instance.window), run(subject, "gradients", cast)
        for part, limit in limits:
            (name,) = {q.args[0].name for q in part.lhs.atoms(LossGradient)}
            difference = float(np.linalg.norm(full[name].astype(np.float64) - near[name]))
            slack = float(np.linalg.norm(bounds[name]) + 2 * np.linalg.norm(whole[name]))
            low, high = (difference, limit) if isinstance(part, Le) else (limit, difference)
            yield at_most(f"what {name} loses in {np.dtype(dtype).name}", low, high, slack)


def immediate_terms(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """Equations for ``vec ∂L_t/∂θ`` against the sum of the subject's contributions by distance."""
    function = offered(subject, "contributions_by_distance")
    formats = list(in_deciding_formats(net))
    for late in range(1, net.steps + 1):
        with precision(BITS):
            environment = Unrolled(net, Balls()).environment.bound(t, late)
            found = [(part.lhs.args[0].args[0].name, part.rhs) for part in equations(statement)]
            values = {name: evaluate(claimed, Balls(), environment) for name, claimed in found}
        for cast, dtype, _ in formats:
            roundoff = Roundoff.of(dtype)
            radii = rounded_terms(net, late, roundoff)
            shares = function(cast.parameters, cast.inputs, cast.targets, step=late, **cast.settings)
            for name, value in values.items():
                rounding = roundoff.gamma(late) * np.sum(np.abs(shares[name]), axis=0, dtype=np.float64).reshape(-1, 1)
                bound = sum(np.reshape(radius, (-1, 1)) for radius in radii[name].values()) + rounding
                got = np.sum(shares[name], axis=0, dtype=np.float64).reshape(-1, 1)
                yield agree(f"∂L_{late}/∂{name} in {np.dtype(dtype).name}", got, value, bound)
