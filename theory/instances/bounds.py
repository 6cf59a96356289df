"""Nets with numbers that bound something of them: the norm of W, slopes, the factors of Jacobian products."""

from __future__ import annotations

from math import ceil, floor, frexp, ldexp
from typing import Any

import numpy as np
from flint import arb, fmpq_mat
from hypothesis import strategies as st
from sympy import Symbol

from backproof.theory.arithmetic import Balls, Rationals, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import arrays, nets
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.unrolled import Unrolled

beta_W, beta_h, q = (Symbol(name, positive=True) for name in ("beta_W", "beta_h", "q"))
r = Symbol("r", nonnegative=True)


def slopes(net: Net) -> list[list[arb]]:
    """``|φ′(a_t)|`` for each step and unit, in balls at the working precision."""
    A = Balls()
    unrolled = Unrolled(net, A)
    steps = range(1, net.steps + 1)
    return [[abs(s) for s in A.apply(net.phi.derivatives[1], unrolled.series["a"][i]).entries()] for i in steps]


def bounds_weights(instance: NetWithValues) -> bool:
    """Whether β_W ≥ ‖W‖₂: β_W² I − WᵀW is positive semidefinite, in exact rationals."""
    A = Rationals()
    W, bound = A.matrix(instance.net.W), A.number(instance.values[beta_W])
    return semidefinite(A.scale(bound * bound, A.identity(W.nrows())) - W.transpose() * W)


def bounds_slopes(instance: NetWithValues) -> bool:
    """Whether β_h ≥ |φ′(a_t)| for every unit at every step, by φ's own bound or certified in balls."""
    bound = instance.values[beta_h]
    with precision(BITS):
        steepest = instance.net.phi.steepest
        return bool(bound >= steepest) or all(s <= bound for row in slopes(instance.net) for s in row)


def semidefinite(matrix: fmpq_mat) -> bool:
    """Whether a symmetric rational matrix is positive semidefinite, by exact elimination."""
    rows = matrix.tolist()
    while rows:
        (pivot, *right), *below = rows
        if pivot < 0 or (pivot == 0 and any(value != 0 for value in right)):
            return False
        rows = [
            [v - row[0] * w / pivot for v, w in zip(row[1:], right, strict=True)] if pivot else row[1:] for row in below
        ]
    return True


def above(value: Any) -> float:
    """The least float of twelve bits that is not below: readable, and no bound is lost by rounding."""
    mantissa, exponent = frexp(float(arb(value).upper()))
    return ldexp(ceil(mantissa * 4096), exponent - 12)


def below(value: Any) -> float:
    """The largest float of twelve bits that is not above, at least 0."""
    mantissa, exponent = frexp(max(float(arb(value).lower()), 0.0))
    return ldexp(floor(mantissa * 4096), exponent - 12)


@st.composite
def bounded_nets(draw: Any) -> NetWithValues:
    """Nets with β_W ≥ ‖W‖₂, as tight as twelve bits allow or loose, and β_h from φ alone or from the trajectory."""
    drawn = draw(nets(batch=(1, 1)))
    with precision(BITS):
        norm = max(above(Balls().spectral_norm(Balls().matrix(drawn.W))), 2.0**-12)
        steepest = float(drawn.phi.steepest)
        if draw(st.booleans()):
            steepest = max(
                above(max((s for row in slopes(drawn) for s in row), key=lambda s: float(s.upper()))), 2.0**-12
            )
    return NetWithValues(drawn, {beta_W: norm * draw(st.sampled_from([1, 1, 2])), beta_h: steepest})


def factors(instance: Net) -> list[arb]:
    """``|w φ′(a_t)|`` of a net of one unit for each step, in balls at the working precision."""
    weight = Balls().scalar(abs(instance.W[0, 0]))
    return [weight * slope for (slope,) in slopes(instance)]


def bounded_above(instance: NetWithValues) -> bool:
    """Whether every factor is certainly at most q."""
    with precision(BITS):
        return all(factor <= instance.values[q] for factor in factors(instance.net))


def bounded_below(instance: NetWithValues) -> bool:
    """Whether every factor is certainly at least r."""
    with precision(BITS):
        return all(factor >= instance.values[r] for factor in factors(instance.net))


@st.composite
def scalar_nets(draw: Any) -> NetWithValues:
    """Nets of one unit with the twelve-bit numbers just around their factors."""
    drawn = draw(nets(units=(1, 1), batch=(1, 1)))
    with precision(BITS):
        found = factors(drawn)
        largest, smallest = max(above(f) for f in found), min(below(f) for f in found)
    return NetWithValues(drawn, {q: max(largest, 2.0**-12) * draw(st.sampled_from([1, 2])), r: smallest})


def triangular_weights(instance: Net) -> bool:
    """Whether W has zeros on and below its diagonal."""
    return not np.any(np.tril(instance.W))


def exceeds_one(instance: Net) -> bool:
    """Whether at every step some entry of ``diag(φ′) W`` certainly exceeds 1 in modulus."""
    largest = np.max(np.abs(instance.W), axis=1)
    with precision(BITS):
        rows = slopes(instance)
        return all(any(slope * float(w) > 1 for slope, w in zip(row, largest, strict=True)) for row in rows)


@st.composite
def shifts(draw: Any) -> Net:
    """A tanh net that hands each unit's state on to the one before, with gain, and moderate inputs."""
    size = draw(st.integers(2, 3))
    gain = draw(st.sampled_from([2.0, 4.0, 64.0, 2.0**20]))
    farther = draw(arrays(size, size, largest=1)) * np.triu(np.ones((size, size)), 2)
    quiet = draw(arrays(draw(st.integers(size, 4)), size, largest=1)) / 4
    quiet[:, -1] = 0  # the last unit stays at 0, so the one before it sees its own input only
    return net(W=gain * (np.eye(size, k=1) + farther), inputs=quiet)
