"""Forward mode against reverse mode: nets with a direction for each parameter, and a subject's gradients by either.

The bound for real-time recurrent learning: its sensitivities, all directions at once, as dual numbers over `Rounded`.

Nets with a direction: what moving the parameters does to everything, by forward differentiation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb_mat
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Eq, MatrixSymbol

from backproof.theory.arithmetic import Approximate, Arithmetic, Balls, Duals, Rounded, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree, truth
from backproof.theory.confronting.formats import in_deciding_formats
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.relations import equal
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import arrays, nets
from backproof.theory.language.nodes import Sensitivity
from backproof.theory.language.notation import (
    PARAMETERS,
    Sequence,
    T,
    V,
    g,
    n,
    p,
    t,
)
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import Net
from backproof.theory.nets.passes import Seeds, forward
from backproof.theory.nets.unrolled import Unrolled

adot, hdot, odot = Sequence("adot", n), Sequence("hdot", n), Sequence("odot", p)
DIRECTIONS = {name: MatrixSymbol(f"{name}dot", *symbol.shape) for name, symbol in PARAMETERS.items()}
"""A direction for each parameter; that of h_0 is ``hdot[0]``."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Directed(NetWithValues):
    """A net of one sequence and a direction for each of its parameters, h_0 included, in the parameter's shape."""

    directions: Mapping[str, NDArray[np.float64]]

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """The net's quantities, the directions, and ``adot``, ``hdot`` and ``odot``: how a, h and o move along them."""
        unrolled = Unrolled(self.net, arithmetic)
        columns = {
            name: d.T if name == "h0" else d if d.ndim == 2 else d[:, None] for name, d in self.directions.items()
        }
        moved = {name: arithmetic.matrix(d) for name, d in columns.items()}
        seeds: Seeds = {("h", 0) if name == "h0" else (name, None): d for name, d in moved.items()}
        series = forward(self.net, Duals(arithmetic), seeds)
        for name, tangent in (("a", adot), ("h", hdot), ("o", odot)):
            unrolled.given[tangent.base.name] = {step: dual.tangent for step, dual in series[name].items()}
        environment = unrolled.environment
        environment |= {DIRECTIONS[name]: d for name, d in moved.items() if name in DIRECTIONS}
        yield environment


@st.composite
def directed(draw: Any) -> Directed:
    """Any net of one sequence; directions of halves."""
    drawn = draw(nets(batch=(1, 1), steps=(1, 3)))
    return Directed(drawn, directions={name: draw(arrays(*array.shape)) for name, array in drawn.parameters.items()})


@reads(Eq)
def pairings(statement: Any, subject: Any, instance: Directed) -> Iterator[Comparison]:
    """``⟨δ, J v⟩ = ⟨Jᵀ δ, v⟩``: in balls, and with Jᵀ δ from the subject."""
    with precision(BITS):
        (environment,) = instance.environments(Balls(), statement)
        left, right = (evaluate(side, Balls(), environment) for side in (statement.lhs, statement.rhs))
        yield truth("both sides in balls", equal(left, right) is not False, f"{left} against {right}")
    for cast, dtype, bounds in in_deciding_formats(instance.net):
        gradients = answer(subject, "gradients", cast)
        products = {q: gradients[q].astype(np.float64) * d for q, d in instance.directions.items()}
        size = sum(float(np.sum(np.abs(product))) for product in products.values())
        count = sum(product.size for product in products.values())
        slack = sum(float(np.sum(bounds[q] * np.abs(d))) for q, d in instance.directions.items())
        rounding = Roundoff.of(np.float64)
        slack += rounding.gamma(2 * count) * size + count * rounding.tiny
        got = sum(float(np.sum(product)) for product in products.values())
        yield agree(f"⟨Jᵀδ, v⟩ in {np.dtype(dtype).name}", [[got]], arb_mat([[right]]), np.array([[slack]]))
        yield agree(f"⟨δ, Jv⟩ in {np.dtype(dtype).name}", [[got]], arb_mat([[left]]), np.array([[slack]]))


@reads(Eq, times=(1, t, T - 1, T))
def sensitivities(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """Recursions for sensitivities and what they add up to, of one sequence; both modes of the subject."""
    with precision(BITS):
        environment = Unrolled(net, Balls()).environment
        claimed = parts(statement)
        recursions = {part.lhs.args[0]: part for part in claimed if isinstance(part.lhs, Sensitivity)}
        totals = [(part, q) for part in claimed for q in recursions if _concerns(part, q)]
        found = [(q.name, _run(part, recursions[q], net, environment)) for part, q in totals]
    for cast, dtype, whole in in_deciding_formats(net):
        roundoff = Roundoff.of(dtype)
        modes = {name: answer(subject, name, cast) for name in ("rtrl_gradients", "gradients")}
        for name, sides in found:
            rounding = np.reshape(forward_bound(net, name, roundoff), whole[name].shape)
            bounds = {"rtrl_gradients": rounding, "gradients": whole[name]}
            for mode, gradients in modes.items():
                for side, value in sides.items():
                    got, bound = (np.reshape(array, (-1, 1)) for array in (gradients[name], bounds[mode]))
                    what = f"∂L/∂{name} by {mode} in {np.dtype(dtype).name}, {side}"
                    yield agree(what, got, value, bound)


def _concerns(part: Any, parameter: Any) -> bool:
    """Whether an equation is about sums of sensitivities by this parameter."""
    return isinstance(part, Eq) and not isinstance(part.lhs, Sensitivity) and part.lhs.has(Sensitivity(parameter, t))


def _run(total: Any, recursion: Any, net: Net, environment: Environment) -> Mapping[str, Any]:
    """Both sides of the equation for the sum, the sensitivities by the recursion alone."""
    A, parameter = Balls(), recursion.lhs.args[0]
    rows, columns = (environment.integer(size) for size in recursion.lhs.shape)
    before, terms = A.zeros(rows, columns), []
    summand, _, lower, upper = total.lhs.args
    for step in range(1, net.steps + 1):
        here = environment.bound(t, step)
        here[Sensitivity(parameter, t - 1)] = before
        here[Sensitivity(parameter, t)] = before = evaluate(recursion.rhs, A, here)
        if environment.integer(lower) <= step <= environment.integer(upper):
            terms.append(evaluate(summand, A, here))
    forward_side = A.sum_time(terms) if terms else A.zeros(columns, 1)
    return {"forward": forward_side, "backward": evaluate(total.rhs, A, environment)}


def forward_bound(net: Net, name: str, roundoff: Roundoff) -> Any:
    """How far the gradient by sensitivities may be off, entry by entry."""
    A = Rounded(roundoff)
    shape = getattr(net, name).shape
    size = int(np.prod(shape))
    units = np.eye(size).reshape(size, shape[0], -1)
    with np.errstate(all="ignore"):
        series = forward(net, Duals(A), {(name, None): Approximate(units, 0 * units, roundoff)})
        unrolled = Unrolled(net, A)
        unrolled.backward()
        radius: Any = 0.0
        magnitude: Any = 0.0
        for step in range(1, net.steps + 1):
            asked = evaluate(V.T * g[t], A, unrolled.environment.bound(t, step))
            share = A.matmul(A.transpose(series["h"][step].tangent), asked)
            radius, magnitude = radius + share.radius, magnitude + np.abs(share.value)
    return np.reshape(radius + roundoff.gamma(net.steps) * magnitude, shape)
