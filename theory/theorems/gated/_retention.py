"""What a gated cell carries from state to state: nets whose keeping gate is nearly 1, and a subject's direct path.

ε bounds how much the keeping gate lets go. The check compares the subject's ``∂⁺q_t/∂q_{t−1}`` and their products with
the statement; the bound is the rounding of a gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import arb_mat
from hypothesis import strategies as st
from sympy import Eq, Ge, Le, Symbol

from backproof.theory.arithmetic import Approximate, Balls, Rounded, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most
from backproof.theory.confronting.formats import in_dtype
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.subject import answer, offered
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import above
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import gated_nets
from backproof.theory.language.nodes import DirectJacobian, StateJacobian
from backproof.theory.language.notation import k, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import Gated, gated
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled

epsilon = Symbol("epsilon", nonnegative=True)
KEEPERS = {"lstm": "a_f", "gru": "a_z"}
"""The pre-activation of the gate that keeps the state."""


def opening(net: Gated) -> float:
    """The largest ``1 − gate`` of the gate that keeps the state, over steps and units, rounded up to twelve bits."""
    with precision(BITS):
        unrolled, A = Unrolled(net, Balls()), Balls()
        shut = [A.map(A.functions["logistic"], -series) for series in unrolled.series[KEEPERS[net.kind]].values()]
        return max(above(value) for column in shut for value in column.entries())


def keeps(instance: NetWithValues) -> bool:
    """Whether ε is at least what the keeping gate lets go."""
    return bool(instance.values[epsilon] >= opening(instance.net))


def within_one(instance: NetWithValues) -> bool:
    """Whether the initial state lies within [−1, 1]; a GRU's states then all do."""
    return bool(np.all(np.abs(instance.net.initial["h0"]) <= 1))


@st.composite
def keeping(draw: Any, kind: str) -> NetWithValues:
    """One sequence through a gated cell, with ε just above what its keeping gate lets go; h_0 within [−1, 1]."""
    drawn = draw(gated_nets(kind, batch=(1, 1), steps=(1, 4)))
    drawn = drawn.with_(h0=np.clip(drawn.initial["h0"], -1, 1))
    return NetWithValues(drawn, {epsilon: opening(drawn)})


DIAGONALS = {"lstm": "lstm_cell_jacobians", "gru": "gru_carry"}


@reads(Eq, Le, Ge)
def carries(statement: Any, subject: Any, instance: NetWithValues) -> Iterator[Comparison]:
    """Direct Jacobians, their products, and what a GRU's first step hands back to h_0."""
    net = instance.net
    for dtype in (np.float64, np.float32):
        cast = in_dtype(net, dtype)
        try:
            bounds = None if cast is None else tolerances(net, dtype)
        except Undecided:
            bounds = None
        if cast is None or bounds is None:
            continue
        diagonals = _diagonals(subject, cast)
        radius = _gate_radius(net, bounds.nonlinear_inputs, Roundoff.of(dtype))
        with precision(BITS):
            for part in parts(statement):
                for environment in instance.environments(Balls(), part):
                    yield from _confront(part, environment, diagonals, radius, np.dtype(dtype).name)
                if isinstance(part, Eq) and part.lhs == StateJacobian(t, t - 1):
                    yield _first_step(part, subject, cast, net.with_(inputs=net.inputs[:1], targets=net.targets[:1]))


def _diagonals(subject: Any, cast: Gated) -> Any:
    """The subject's direct path (T, n)."""
    function = offered(subject, DIAGONALS[cast.kind])
    return np.asarray(function(cast.parameters, cast.inputs), dtype=np.float64)[:, 0]


def _gate_radius(net: Gated, radii: Any, roundoff: Roundoff) -> Any:
    """How far the keeping gate may be off, (T, n)."""
    name = KEEPERS[net.kind]
    series = Unrolled(net, Balls()).series[name]
    pre = np.array([[float(entry.mid()) for entry in series[s].entries()] for s in range(1, net.steps + 1)])
    moved = Approximate(pre, radii[name] + roundoff.unit * np.abs(pre), roundoff)
    return Rounded(roundoff).functions["logistic"](moved).radius


def _confront(part: Any, environment: Environment, diagonals: Any, radius: Any, dtype: str) -> Iterator[Comparison]:
    """An equation for the direct Jacobian of a step, or a bound on what is lost across several."""
    if isinstance(part, Eq) and isinstance(part.lhs, DirectJacobian):
        step = environment.integer(part.lhs.args[0].time) - 1
        claimed = evaluate(part.rhs, Balls(), environment)
        got, bound = np.diag(diagonals[step]), np.diag(radius[step])
        yield agree(f"∂⁺ of step {step + 1} in {dtype}", got, claimed, bound)
    elif isinstance(part, Eq) and part.lhs != StateJacobian(t, t - 1):
        raise Undecided(f"no step hands back what {part} speaks of")
    elif not isinstance(part, Eq):
        limit = float(evaluate(part.rhs, Balls(), environment).mid())
        exact = evaluate(part.lhs, Balls(), environment)
        strict = float(exact.rad().upper()) + abs(limit) * 2.0**-200
        low, high = (limit, float(exact.mid())) if part.rel_op == ">=" else (float(exact.mid()), limit)
        yield at_most(f"{part}", low, high, strict)
        if part.has(DirectJacobian):
            late, early = environment.integer(t), environment.integer(k)
            kept = np.prod(diagonals[early:late], axis=0)
            slack = float(np.max(np.sum(radius[early:late], axis=0) + (late - early) * 2.0**-53, initial=0.0))
            lost = float(np.max(np.abs(1 - kept), initial=0.0))
            low, high = (limit, lost) if part.rel_op == ">=" else (lost, limit)
            yield at_most(f"lost by step {late} of what was there at {early}, in {dtype}", low, high, 2 * slack)


def _first_step(part: Any, subject: Any, cast: Gated, net: Gated) -> Comparison:
    """``∂L_1/∂h_0 = (∂h_1/∂h_0)ᵀ ∂L_1/∂h_1`` with the Jacobian as the statement has it."""
    unrolled = Unrolled(net, Balls())
    unrolled.backward()
    jacobian = evaluate(part.rhs, Balls(), unrolled.environment.bound(t, 1))
    reference = jacobian.transpose() * unrolled.series["delta"][1]
    dtype = cast.inputs.dtype
    alone = cast.with_(inputs=cast.inputs[:1], targets=cast.targets[:1])
    got = answer(subject, f"{net.kind}_gradients", alone)["h0"]
    bound = tolerances(net, dtype).gradients["h0"]
    return agree(f"∂L_1/∂h_0 in {dtype.name}", got, arb_mat([reference.entries()]), bound)


def reach(
    subject: Any, seed: int, *, units: int = 16, distance: int = 20, forget: float = 1.0, orthogonal: bool = False
) -> float:
    """How much farther an LSTM's gradient reaches than a tanh net's: ``log₁₀`` of the ratio of two norms.

    Of the loss of step ``distance`` alone, the gradient by the initial state (h_0 and s_0 together, for the LSTM). Both
    start with weights uniform in ±1/√n and the LSTM with these ``forget`` biases, the other biases 0; the tanh net may
    start with an ``orthogonal`` W instead.
    """
    random = np.random.default_rng(seed)
    width, edge = 4, 1 / np.sqrt(units)

    def start(*shape: int) -> Any:
        return random.uniform(-edge, edge, shape)

    inputs, targets = random.normal(size=(distance, 1, width)), np.zeros((distance, 1, width))
    output = start(width, units)
    weights = {f"{kind}_{j}": start(units, units if kind == "W" else width) for j in "ifqg" for kind in "WU"}
    net = gated(
        "lstm", units=units, inputs=inputs, V=output, b_f=np.full(units, forget), loss="squared_error", **weights
    )
    by_state = {"lstm": _asked(subject, net)}
    plain = {
        "W": start(units, units),
        "U": start(units, width),
        "V": output,
        "b": np.zeros(units),
        "c": np.zeros(width),
    }
    if orthogonal:
        plain["W"] = np.asarray(offered(subject, "orthogonal_init")(units, seed=seed, dtype=np.float64, haar=True))
    lags = dict(offered(subject, "jacobian_products")(plain | {"h0": np.zeros((1, units))}, inputs, activation="tanh"))
    hidden = offered(subject, "forward")(plain, inputs, activation="tanh").hidden_states[-1, 0]
    by_state["tanh"] = float(np.linalg.norm(lags[distance][0, 0].T @ (output.T @ (output @ hidden - targets[-1, 0]))))
    return float(np.log10(by_state["lstm"] / by_state["tanh"]))


def _asked(subject: Any, net: Gated) -> float:
    """The norm of the gradient of the last loss by h_0 and s_0: the difference of two gradients, all but it charged."""
    function = offered(subject, "lstm_gradients")
    run = offered(subject, "lstm_forward")(net.parameters, net.inputs)
    targets = np.array(run.outputs)  # nothing is asked at the steps before the last
    targets[-1] = 0
    found = function(net.parameters, net.inputs, targets, **net.settings)
    return float(np.sqrt(sum(np.sum(found[name] ** 2) for name in net.initial)))
