"""What each earlier step contributes to the gradient of one step's loss, and each copy of a parameter to the whole.

The bound for one step's loss: its backward pass in `Rounded` arithmetic, from the rounded states down to step 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sympy import And

from theory.arithmetic import Arithmetic, Balls, Rounded, Roundoff, Undecided, precision
from theory.cells import ELMAN
from theory.checks.gradients import in_both_formats, in_dtype, run
from theory.comparison import Comparison, agree
from theory.decide import BITS
from theory.evaluation import compiled, evaluate
from theory.nets import Net
from theory.nodes import StateJacobian
from theory.notation import PARAMETERS, V, W, alpha, delta, g, k, t
from theory.subject import offered
from theory.tolerance import tolerances
from theory.unroll import Unrolled


def equations(statement: Any) -> tuple[Any, ...]:
    """The equations of a conjunction."""
    return statement.args if isinstance(statement, And) else (statement,)


def earlier_steps(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """Equations for ``∂L_t/∂θ``, of one sequence: what the subject gives for each term and for their sum.

    V and c have no terms to compare; at a single step ``L_1`` is the whole loss, and its gradient by them is compared.
    """
    function = offered(subject, "contributions_by_distance")
    formats = list(in_deciding_formats(net))
    for late in {(net.steps + 1) // 2, net.steps}:
        reference = _terms(statement, net, late)
        for cast, dtype, whole in formats:
            roundoff = Roundoff.of(dtype)
            radii = rounded_terms(net, late, roundoff)
            got = function(cast.parameters, cast.inputs, cast.targets, step=late, **cast.settings)
            for name in reference.keys() & got.keys():
                what = f"∂L_{late}/∂{name} in {np.dtype(dtype).name}"
                yield from _shares(what, got[name], *reference[name], radii[name], roundoff)
            if net.steps == 1:
                gradients = run(subject, "gradients", cast)
                for name, (_, total) in reference.items():
                    yield agree(f"∂L/∂{name} at a single step", gradients[name], total, whole[name])


def in_deciding_formats(net: Net) -> Iterator[tuple[Net, Any, Mapping[str, Any]]]:
    """The net in each format that can settle it, with the bounds on the gradient of the whole."""
    for dtype in (np.float64, np.float32):
        cast = in_dtype(net, dtype)
        try:
            bounds = tolerances(net, dtype).gradients
        except Undecided:
            if dtype is np.float64:
                raise
            continue
        if cast is not None and all(np.all(np.isfinite(bound)) for bound in bounds.values()):
            yield cast, dtype, bounds


def _shares(
    what: str, got: Any, terms: Mapping[int, Any], total: Any, radii: Mapping[int, Any], roundoff: Roundoff
) -> Iterator[Comparison]:
    """Term by term, and their sum, which is rounded once more for each term."""
    for early, value in terms.items():
        yield agree(f"term {early} of {what}", got[early - 1], value, _like(radii[early], got[0]))
    magnitude = np.sum(np.abs(got), axis=0, dtype=np.float64)
    rounding = _like(sum(radii.values()), got[0]) + roundoff.gamma(len(radii)) * magnitude
    yield agree(what, np.sum(got, axis=0, dtype=np.float64), total, rounding)


def _like(bound: Any, got: Any) -> Any:
    return np.asarray(bound).reshape(np.shape(got))


def _terms(statement: Any, net: Net, late: int) -> dict[str, tuple[dict[int, Any], Any]]:
    """For each parameter, the terms by step and their sum, in balls."""
    found = {}
    with precision(BITS):
        unrolled = Unrolled(net, Balls())
        environment = unrolled.environment.bound(t, late)
        jacobians = {early: unrolled.state_jacobian(late, early) for early in range(late + 1)}
        for part in equations(statement):
            summand, index, lower, upper = part.rhs.args
            terms = {}
            for early in range(environment.integer(lower), environment.integer(upper) + 1):
                here = environment.bound(index, early)
                here[StateJacobian(t, k)] = jacobians[early]
                terms[early] = evaluate(summand, Balls(), here)
            shape = [environment.integer(size) for size in part.rhs.shape]
            total = Balls().sum_time(list(terms.values())) if terms else Balls().zeros(*shape)
            found[part.lhs.args[0].name] = (terms, total)
    return found


def rounded_terms(net: Net, late: int, roundoff: Roundoff) -> dict[str, dict[int, Any]]:
    """The radius of each term ``⟨(∂h_t/∂h_k)ᵀ Vᵀ g_t, ∂⁺h_k/∂θ⟩``, as a backward pass rounds it."""
    A: Arithmetic = Rounded(roundoff)
    unrolled = Unrolled(net, A)
    unrolled.backward()
    environment = unrolled.environment.bound(t, late)
    asked = evaluate(V.T * g[t], A, environment)
    slopes = {symbol: local for symbol, local, _ in ELMAN.adjoint.backward}
    radii: dict[str, dict[int, Any]] = {name: {} for name in ("W", "U", "b")}
    with np.errstate(all="ignore"):
        for early in range(late, 0, -1):
            here = unrolled.environment.bound(t, early)
            here[delta[t]] = asked
            here[alpha[t]] = compiled(slopes[alpha[t]])(A, here)
            for name, terms in radii.items():
                terms[early] = evaluate(ELMAN.adjoint.gradients[PARAMETERS[name]], A, here).radius
            asked = evaluate(W.T * alpha[t], A, here)
    return radii


def copies(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``∂L/∂θ`` from the copies of θ that the steps use, of one sequence."""
    reference = {}
    with precision(BITS):
        environment = Unrolled(net, Balls()).environment
        for part in equations(statement):
            reference[part.lhs.args[0].name] = evaluate(part.rhs, Balls(), environment)
    for dtype, gradients, bounds in in_both_formats(subject, "gradients", net):
        for name, value in reference.items():
            yield agree(f"∂L/∂{name} in {dtype}", gradients[name], value, bounds.gradients[name])
