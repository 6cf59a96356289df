"""Forward mode against reverse mode: both sides in balls, and the subject's gradients by either.

The bound for real-time recurrent learning: its sensitivities, all directions at once, as dual numbers over `Rounded`.

Nets with a direction: what moving the parameters does to everything, by forward differentiation.

Forward and reverse mode: one step of each, and a sum that telescopes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb_mat
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import And, Eq, Function, ImmutableMatrix, MatrixSymbol, Symbol
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Approximate, Arithmetic, Balls, Duals, Rounded, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree, truth
from backproof.theory.confronting.formats import in_deciding_formats
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.relations import equal
from backproof.theory.evaluation.truth import BITS, environments
from backproof.theory.instances.strategies import arrays, nets
from backproof.theory.language.nodes import Immediate, Inner, Sensitivity, StepSum, TimeSum, Vec, phi_prime
from backproof.theory.language.notation import (
    PARAMETERS,
    At,
    Sequence,
    T,
    V,
    W,
    a,
    alpha,
    c,
    delta,
    g,
    h,
    n,
    o,
    p,
    t,
    x,
)
from backproof.theory.language.relations import equations
from backproof.theory.nets.cells import ELMAN
from backproof.theory.nets.networks import Net, readable
from backproof.theory.nets.passes import Seeds, forward
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.checkers import Checker, algebra, explicit, undefined_in_every_entry
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.theorems.gradients._steps import chain_rule
from backproof.theory.theorems.gradients._truncation_proof import partials

hdot, odot = Sequence("hdot", n), Sequence("odot", p)
DIRECTIONS = {name: MatrixSymbol(f"{name}dot", *symbol.shape) for name, symbol in PARAMETERS.items()}
"""A direction for each parameter; that of h_0 is ``hdot[0]``."""


@dataclass(frozen=True, eq=False)
class Directed:
    """A net of one sequence and a direction for each of its parameters, h_0 included."""

    net: Net
    directions: Mapping[str, NDArray[np.float64]]

    def __repr__(self) -> str:
        """The directions that move something, then the net."""
        shown = [f"{name}dot = {readable(d)}" for name, d in self.directions.items() if np.any(d)]
        return ", ".join([*shown, repr(self.net)])


@environments.register
def _directed(instance: Directed, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
    unrolled = Unrolled(instance.net, arithmetic)
    columns = {
        name: d.T if name == "h0" else d if d.ndim == 2 else d[:, None] for name, d in instance.directions.items()
    }
    moved = {name: arithmetic.matrix(d) for name, d in columns.items()}
    seeds: Seeds = {("h", 0) if name == "h0" else (name, None): d for name, d in moved.items()}
    series = forward(instance.net, Duals(arithmetic), seeds)
    for name, tangent in (("h", hdot), ("o", odot)):
        unrolled.given[tangent.base.name] = {step: dual.tangent for step, dual in series[name].items()}
    environment = unrolled.environment
    environment |= {DIRECTIONS[name]: d for name, d in moved.items() if name in DIRECTIONS}
    yield environment


@st.composite
def directed(draw: Any) -> Directed:
    """Any net of one sequence; directions of halves."""
    drawn = draw(nets(batch=(1, 1), steps=(1, 3)))
    return Directed(drawn, {name: draw(arrays(*array.shape)) for name, array in drawn.parameters.items()})


UNITS = (2, 3)
SCOPE = "every horizon, every smooth activation, every differentiable loss"
J = DiagMatrix(a[t].applyfunc(phi_prime)) * W


def forward_agrees(statement: Any) -> Iterator[Step]:
    """Proof lines for recursions of sensitivities, and for what they add up to over the steps."""
    for part in statement.args if isinstance(statement, And) else (statement,):
        if isinstance(part.lhs, Sensitivity) and part.lhs.time == t:
            yield from _recursion(part, part.lhs.args[0])
        elif isinstance(part.lhs, TimeSum) and isinstance(part.rhs, Vec):
            yield from _totals(part)
        else:
            raise Unprovable("the statement is neither a recursion of sensitivities nor about their sum")


def _recursion(part: Any, parameter: Any) -> Iterator[Step]:
    yield Step(
        why=f"{parameter}: what the state before knows goes through J_t, and step t adds its immediate derivative",
        relation=Eq(part.rhs, J * Sensitivity(parameter, t - 1) + Immediate(parameter, t), evaluate=False),
        checker=algebra,
        method="matrix algebra, any size",
        shown=part,
    )
    yield Step(
        why="By the chain rule, with h_{t-1} a function of θ and against any cotangent",
        relation=part,
        checker=lambda _: all(chain_rule(units, parameter) and partials(units, parameter) for units in UNITS),
        method="componentwise, 2 and 3 units, φ and h_{t-1}(θ) undefined",
        shown=Eq(Sensitivity(parameter, 0), 0 * part.lhs, evaluate=False),
    )


def _totals(part: Any) -> Iterator[Step]:
    summand, *ends = part.lhs.args
    (total,) = part.rhs.args
    parameter = next(iter(summand.atoms(Sensitivity))).args[0]
    derived = ELMAN.adjoint.gradients[parameter]
    yield Step(
        why=f"{parameter}: the loss of step t sees θ through h_t, o_t = V h_t + c",
        relation=Eq(summand, Sensitivity(parameter, t).T * V.T * g[t], evaluate=False),
        checker=lambda line: algebra(line) is True and all(_seen(units) for units in UNITS),
        method="matrix algebra, any size; chain rule at 2 and 3 units",
    )
    yield Step(
        why="Back-propagation's summand is the immediate derivative against δ_t, as α_t = φ′(a_t) ∘ δ_t",
        relation=Eq(total.args[0] if isinstance(total, TimeSum) else total, derived, evaluate=False),
        checker=lambda line: algebra(line) is True and all(partials(units, parameter) for units in UNITS),
        method="matrix calculus, any size",
        shown=Eq(Immediate(parameter, t).T * delta[t], Vec(derived), evaluate=False),
    )
    yield Step(
        why="Both sums run over the steps 1 to T",
        relation=And(Eq(ends[1], 1, evaluate=False), Eq(ends[2], T, evaluate=False), evaluate=False),
        checker=lambda _: (t, 1, T) == tuple(ends) == total.args[1:],
        method="exact",
        shown=part,
    )
    yield _telescope()


def _telescope() -> Step:
    size = Symbol("N", integer=True, positive=True)
    D, S, E = MatrixSymbol("D", n, n), MatrixSymbol("S", n, size), MatrixSymbol("E", n, size)
    local, later = (MatrixSymbol(name, n, 1) for name in ("v", "eta"))
    after, asked = D * W * S + E, local + later
    return Step(
        why="Induction: with S_t = D W S + E, δ_t = v + η_t and η_{t−1} = Wᵀ D δ_t, the forward share v of step t and "
        "what it owes, S_tᵀ η_t − Sᵀ η_{t−1}, are Eᵀ δ_t; S_0 = 0 and η_T = 0, so the debts cancel",
        relation=Eq(
            after.T * local + after.T * later - S.T * (W.T * D.T * asked),
            E.T * asked,
            evaluate=False,
        ),
        checker=algebra,
        method="matrix algebra, any size",
    )


def _seen(units: int) -> bool:
    """``∂ℓ(V h(θ) + c)/∂θ`` is ``(∂h/∂θ)ᵀ Vᵀ g``, for one entry of θ."""
    theta, slopes = Symbol("theta"), [Symbol(f"D_{i}") for i in range(units)]
    moving = [
        type(f"H_{i}", (Function,), {"fdiff": lambda self, argindex=1, slope=slope: slope, "nargs": 1})(theta)
        for i, slope in enumerate(slopes)
    ]
    output = explicit(V * h[t] + c, units, {h[t]: ImmutableMatrix(moving)})
    partials = ImmutableMatrix([Symbol(f"g_{i}") for i in range(len(output))])
    loss = undefined_in_every_entry("l", list(partials))(*output)
    claimed = explicit(V.T * g[t], units, {g[t]: partials})
    return bool((loss.diff(theta) - sum(d * w for d, w in zip(slopes, claimed, strict=True))).expand() == 0)


def adjoint_identity(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Σ_t ⟨g_t, ȯ_t⟩`` as inner products of sums over the steps with the directions."""
    if not isinstance(statement, Eq) or statement.lhs != StepSum(Inner(g[t], odot[t]), t, 1, T):
        raise Unprovable("the left-hand side is not the sum of ⟨g_t, ȯ_t⟩ over the steps")
    shares, start = _shares(statement.rhs)
    yield Step(
        why="Every parameter has its direction, and every sum runs over the steps 1 to T",
        relation=statement,
        checker=lambda _: set(shares) == set(DIRECTIONS),
        method="exact",
    )
    for units in UNITS:
        yield Step(
            why="One step: g_tᵀ ȯ_t + η_tᵀ ḣ_t − η_{t−1}ᵀ ḣ_{t−1} is what the directions get, η_t being what later "
            "losses ask of h_t; over the steps this telescopes, η_T = 0, and η_0ᵀ ḣ_0 is left",
            relation=Eq(Symbol("step"), sum(Inner(q, DIRECTIONS[name]) for name, q in shares.items()), evaluate=False),
            checker=_adds_up(units, shares, start),
            method=f"componentwise, {units} units, tangents by SymPy's derivative, φ undefined",
            shown=r"\langle g_t, \dot{o}_t \rangle + \langle \eta_t, \dot{h}_t \rangle = "
            r"\langle \eta_{t-1}, \dot{h}_{t-1} \rangle + \sum_\theta \langle \cdot, \dot\theta \rangle",
        )


def _adds_up(units: int, shares: dict[str, Any], start: Any) -> Checker:
    return lambda _: _one_step(units, shares, start)


def _shares(right: Any) -> tuple[dict[str, Any], Any]:
    """The summand at step t that meets each direction, and what meets that of h_0, at step t."""
    shares, start = {}, None
    for pairing in right.args:
        if not isinstance(pairing, Inner):
            raise Unprovable(f"{pairing} is not an inner product with a direction")
        left, direction = pairing.args
        if direction == hdot[0]:
            start = left.xreplace({q: At(q.args[0], t - 1 + q.time) for q in left.atoms(At)})
        elif isinstance(left, TimeSum) and left.args[1:] == (t, 1, T):
            shares[direction.name.removesuffix("dot")] = left.args[0]
        else:
            raise Unprovable("a gradient is not given as a sum over the steps 1 to T")
    if start is None:
        raise Unprovable("nothing meets the direction of h_0")
    return shares, start


def _one_step(units: int, shares: dict[str, Any], start: Any) -> bool:
    epsilon = Symbol("epsilon", real=True)
    known = {symbol: explicit(symbol, units) for symbol in (*PARAMETERS.values(), x[t], h[t - 1])}
    moves = {PARAMETERS[name]: explicit(direction, units) for name, direction in DIRECTIONS.items()}
    moves[h[t - 1]] = explicit(hdot[t - 1], units)
    moved = {symbol: value + epsilon * moves.get(symbol, 0 * value) for symbol, value in known.items()}
    tangents, values = {}, dict(known)
    for lhs, rhs in ELMAN.equations:
        moved[lhs], values[lhs] = explicit(rhs, units, moved), explicit(rhs, units, values)
        tangents[lhs] = moved[lhs].diff(epsilon).xreplace({epsilon: 0}).doit()
    asked, later = explicit(g[t], units), explicit(At(MatrixSymbol("eta", n, 1), t), units)
    values[g[t]] = asked
    values[delta[t]] = explicit(V.T * g[t], units, values) + later
    values[alpha[t]] = explicit(_local(alpha[t]), units, values)
    forward = _pair(asked, tangents[o[t]]) + _pair(later, tangents[h[t]])
    backward = _pair(explicit(start, units, values), moves[h[t - 1]])
    backward += sum(_pair(explicit(q, units, values), moves[PARAMETERS[name]]) for name, q in shares.items())
    return bool((forward - backward).expand() == 0)


def _local(adjoint: Any) -> Any:
    return next(local for symbol, local, _ in ELMAN.adjoint.backward if symbol == adjoint)


def _pair(left: ImmutableMatrix, right: ImmutableMatrix) -> Any:
    if left.shape != right.shape:
        raise Unprovable("a gradient does not have the shape of its direction")
    return sum(p * q for p, q in zip(left, right, strict=True))


FORWARD = Proof(scope=f"{SCOPE}; matrix algebra at any size, chain rule at 2 and 3 units", lines=forward_agrees)
ADJOINT_IDENTITY = Proof(scope=f"{SCOPE}; induction on time at 2 and 3 units", lines=adjoint_identity)


def pairings(statement: Any, subject: Any, instance: Directed) -> Iterator[Comparison]:
    """``⟨δ, J v⟩ = ⟨Jᵀ δ, v⟩``: in balls, and with Jᵀ δ from the subject."""
    with precision(BITS):
        (environment,) = environments(instance, Balls(), statement)
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


def sensitivities(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """Recursions for sensitivities and what they add up to, of one sequence; both modes of the subject."""
    with precision(BITS):
        environment = Unrolled(net, Balls()).environment
        parts = equations(statement)
        recursions = {part.lhs.args[0]: part for part in parts if isinstance(part.lhs, Sensitivity)}
        totals = [(part, q) for part in parts for q in recursions if _concerns(part, q)]
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
