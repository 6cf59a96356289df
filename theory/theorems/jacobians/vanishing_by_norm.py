"""Gradients of any net vanish if the largest singular value of W, times the steepest slope, is below one.

Not so for eigenvalues: a ReLU that holds one of two units at rest turns W = [[2, 2], [−2, −2]], with W² = 0, into
[[2, 2], [0, 0]], and the gradient doubles at every step.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Integer, Le, Limit, Lt, oo

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.functions import z
from backproof.theory.language.nodes import SpectralNorm, SpectralRadius, StateJacobian
from backproof.theory.language.notation import T, W, k, t
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BENGIO, PASCANU
from backproof.theory.theorems.jacobians._by_lag import (
    RANGES,
    both,
    by_powers,
    late,
    longer_products,
    slopes_and_weights,
)
from backproof.theory.theorems.jacobians._elementwise import bounded_slopes, slope_at_most
from backproof.theory.theorems.jacobians._endless import (
    LIMIT,
    VANISHES,
    bounds_every_slope,
    contractions,
    decide_forever,
    forever_satisfies,
    gamma,
)

norm, rate = SpectralNorm(StateJacobian(t, k)), gamma * SpectralNorm(W)
SWITCH = net(W=[[2, 2], [-2, -2]], h0=[[1, 0]], inputs=[[-1, 0]] * 3, activation="relu", loss="squared_error")
"""h = (1, 0) for ever; both eigenvalues of W are 0, and ∂h_t/∂h_{t-1} = [[2, 2], [0, 0]]."""


def _says(bound: Any, limit: Any = VANISHES) -> Any:
    return And(Le(norm, bound, evaluate=False), limit, evaluate=False)


def _ratio(instance: NetWithValues) -> float:
    """‖∂h_T/∂h_0‖ over (γ ‖W‖)ᵀ."""
    with precision(BITS):
        A, steps = Balls(), int(instance.net.steps)
        size = A.spectral_norm(Unrolled(instance.net, A).state_jacobian(steps, 0))
        return float(size) / float(A.spectral_norm(A.matrix(instance.net.W))) ** steps


def _linear(W: Any) -> Any:
    return net(W=W, inputs=[[0, 0], [0, 0]], activation="identity")


below_one = Lt(rate, 1, evaluate=False)
slopes = Assumption(
    name="slopes", text="|φ′(z)| ≤ γ for every z", holds=bounds_every_slope, says=slope_at_most(gamma), every=(z,)
)
contraction = Assumption(name="contraction", text="γ ‖W‖₂ < 1", holds=certainly(below_one), says=below_one)
statement = _says(rate ** (t - k))
end_to_end = SpectralNorm(StateJacobian(T, 0))

PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        bounded_slopes(gamma, late, slopes.name),
        *slopes_and_weights(rate, "steepest"),
        *by_powers("every step", Le, rate, "this step from above"),
        line("at least 0", Ge(end_to_end, 0, evaluate=False), "real arithmetic"),
        line(
            "from end to end",
            Le(end_to_end, rate**T, evaluate=False),
            "instance",
            "every step",
            at={t: T, k: Integer(0)},
            why="From step 0 to step T",
        ),
        line("rate", Ge(rate, 0, evaluate=False), "real arithmetic"),
        by_fact(
            "powers vanish",
            Eq(Limit(rate**T, T, oo), 0, evaluate=False),
            "powers below 1 vanish",
            "rate",
            contraction.name,
            q=rate,
            x=T,
        ),
        line(
            "vanishes",
            VANISHES,
            "squeeze",
            "at least 0",
            "from end to end",
            "powers vanish",
            variable=T,
            why="What lies between 0 and that tends to 0",
        ),
        both(statement, "every step", "vanishes"),
    ),
)

THEOREM = Theorem(
    title="Gradients vanish by the norm",
    words="With |φ′| ≤ γ and γ‖W‖₂ < 1 the Jacobian across a lag is at most γ‖W‖₂ to that power, and tends to 0.",
    sources=(PASCANU.at("section 2.1"), BENGIO.at("theorem on vanishing gradients")),
    statement=statement,
    instances=contractions(),
    check=forever_satisfies,
    proof=PROOF,
    decide=decide_forever,
    assumptions=(slopes, contraction),
    without={
        slopes: NetWithValues(_linear([[1, 0], [0, 1]]), {gamma: 0.5}),
        contraction: NetWithValues(SWITCH, {gamma: 1}),
    },
    certified=(NetWithValues(_linear([[0.5, 0.25], [0, 0.5]]), {gamma: 1.25}),),
    attained=NetWithValues(_linear([[0, -0.5], [0.5, 0]]), {gamma: 1}),
    ratio=_ratio,
    mutants={
        "spectral radius for the norm": _says((gamma * SpectralRadius(W)) ** (t - k)),
        "one factor more": _says(rate ** (t - k + 1)),
        "tends to one": _says(rate ** (t - k), Eq(LIMIT, 1, evaluate=False)),
        "explodes": _says(rate ** (t - k), Eq(LIMIT, oo, evaluate=False)),
    },
    examples=120,
)
