"""Jacobian products of a subject against evaluated statements, with the rounding that any order of products may commit.

Errors in the states move the slopes; every factor is then off by at most R_t, and a product of ℓ factors of size n,
associated in any order, commits at most γ_{nℓ} |J_t| ⋯ |J_{k+1}| beside what it inherits (Higham 2002, section 3.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Eq, Ge, Gt, Limit, Lt, Ne
from sympy.matrices.expressions import Transpose
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Approximate, Balls, Floats, Rounded, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most, truth
from backproof.theory.confronting.formats import in_dtype
from backproof.theory.confronting.subject import followed
from backproof.theory.evaluation import Environment, compiled, evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import Measure, StateJacobian, phi_prime
from backproof.theory.language.notation import PARAMETERS, W, a, h, n, t, x
from backproof.theory.language.relations import parts
from backproof.theory.nets.cells import ELMAN
from backproof.theory.nets.networks import Net, net_of
from backproof.theory.nets.unrolled import Unrolled

Array = NDArray[np.float64]
SLOPE = compiled(a[t].applyfunc(phi_prime))
STEP_JACOBIAN = compiled(DiagMatrix(a[t].applyfunc(phi_prime)) * W)


@dataclass(frozen=True, kw_only=True)
class Products:
    """What a subject returns in one float format, by lag (T + 1 − lag, n, n), and how far each entry may be off."""

    dtype: str
    values: dict[int, Array]
    bounds: list[Array]

    def between(self, late: int, early: int) -> tuple[Array, Array]:
        """``∂h_late/∂h_early`` and its bound."""
        return self.values[late - early][early], self.bounds[late - early][early]


def products(subject: Any, net: Net) -> list[Products]:
    """The subject's products for a net of one sequence, in float64 and, where the instance fits, in float32."""
    found = []
    for dtype in (np.float64, np.float32):
        cast, bounds = in_dtype(net, dtype), product_bounds(net, Roundoff.of(dtype))
        if cast is None or bounds is None:
            continue
        lags = followed(subject, "jacobian_products", cast)
        values = {lag: np.asarray(array, dtype=np.float64)[:, 0] for lag, array in lags}
        found.append(Products(dtype=np.dtype(dtype).name, values=values, bounds=bounds))
    return found


def product_bounds(net: Net, roundoff: Roundoff) -> list[Array] | None:
    """By lag, the bound on the error of ``∂h_{k+lag}/∂h_k``; None if rounding moves a pre-activation by more than √u.

    Such an instance is ill-conditioned in this format, and first-order statements about its slopes mean nothing.
    """
    J, error = step_jacobians(net, roundoff)
    if error is None:
        return None
    size, growth = J.shape[1], np.abs(J) + error
    start = np.broadcast_to(np.eye(size), (net.steps + 1, size, size))
    inherited, magnitude, bounds = 0 * start, start, [0 * start]
    worst = max(1.0, float(np.max(growth.sum(axis=1))), float(np.max(growth.sum(axis=2))))
    for lag in range(1, net.steps + 1):
        factor, room = np.abs(J[lag - 1 :]), error[lag - 1 :]
        inherited = factor @ inherited[:-1] + room @ magnitude[:-1]
        magnitude = growth[lag - 1 :] @ magnitude[:-1]
        underflow = size * lag * roundoff.tiny * worst**lag
        bounds.append(inherited + roundoff.gamma(size * lag) * magnitude + underflow)
    return bounds


def step_jacobians(net: Net, roundoff: Roundoff) -> tuple[Array, Array | None]:
    """J_t for t = 1 … T, (T, n, n), and how far a subject's may be off."""
    unrolled = Unrolled(net, Floats())
    states = np.stack([unrolled.series["h"][s] for s in range(net.steps + 1)])
    exact = _step(net, Floats(), states[:-1])
    J = np.asarray(STEP_JACOBIAN(Floats(), exact))
    committed = _step(net, Rounded(roundoff), Approximate(states[:-1], 0 * states[:-1], roundoff))[h[t]].radius
    moved = [0 * states[0]]
    for step in range(net.steps):
        moved.append(np.abs(J[step]) @ moved[-1] + committed[step])
    environment = _step(net, Rounded(roundoff), Approximate(states[:-1], np.stack(moved[:-1]), roundoff))
    if not net.phi.linear and not np.max(environment[a[t]].radius) <= np.sqrt(roundoff.unit):
        return J, None
    slope = SLOPE(Rounded(roundoff), environment)
    own = roundoff.unit * np.abs(J) + roundoff.tiny * (net.W != 0)
    return J, slope.radius * np.abs(net.W) + own


def _step(net: Net, arithmetic: Any, before: Any) -> Environment:
    """Every quantity of the forward equations, for all steps at once."""
    environment = Environment({n: net.W.shape[0]}, net.phi)
    for name in ("W", "U", "V", "b", "c"):
        array = getattr(net, name)
        environment[PARAMETERS[name]] = arithmetic.matrix(array if array.ndim == 2 else array[:, None])
    environment[x[t]] = arithmetic.matrix(np.swapaxes(net.inputs, -1, -2))
    environment[h[t - 1]] = before
    for lhs, rhs in ELMAN.equations[:2]:
        environment[lhs] = compiled(rhs)(arithmetic, environment)
    return environment


def jacobians_satisfy(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Relations of ``∂h_t/∂h_k``, its transpose or its spectral norm to something evaluated, for every t and k."""
    if statement.has(Limit):
        raise Undecided("a finite horizon says nothing about a limit")
    found = products(subject, net_of(instance))
    with precision(BITS):
        for part in parts(statement):
            for environment in instance.environments(Balls(), part):
                claimed = evaluate(part.rhs, Balls(), environment)
                for returned in found:
                    yield _confront(part, returned, environment, claimed)


def _confront(part: Any, returned: Products, environment: Environment, claimed: Any) -> Comparison:
    quantity = part.lhs.args[0] if isinstance(part.lhs, Measure | Transpose) else part.lhs
    if not isinstance(quantity, StateJacobian):
        raise TypeError(f"{part.lhs} is not a Jacobian of the states, its transpose or its norm")
    late, early = (environment.integer(time) for time in quantity.args)
    got, bound = returned.between(late, early)
    what = f"∂h_{late}/∂h_{early} in {returned.dtype}"
    if isinstance(part, Ne):
        raise Undecided(f"numbers that are rounded cannot settle {part}")
    if isinstance(part, Eq):
        turned = isinstance(part.lhs, Transpose)
        return agree(what, got.T if turned else got, claimed, bound.T if turned else bound)
    norm = float(getattr(Balls(), part.lhs.measure)(Balls().matrix(got)).upper())
    limit, slack = float(claimed), float(np.linalg.norm(bound))
    if isinstance(part, Gt | Lt):
        return truth(
            f"the norm of {what} is {norm:.17g}, against {limit:.17g}",
            norm > limit if isinstance(part, Gt) else norm < limit,
        )
    low, high = (limit, norm) if isinstance(part, Ge) else (norm, limit)
    return at_most(f"the norm of {what}", low, high, slack)
