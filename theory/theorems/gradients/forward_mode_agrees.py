"""Real-time recurrent learning and back-propagation through time give the same gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq, Le
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import (
    Immediate,
    LossGradient,
    Sensitivity,
    StepLossGradient,
    TimeSum,
    Vec,
    phi_prime,
)
from backproof.theory.language.notation import T, U, V, W, a, alpha, b, delta, g, h, t, x
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import WERBOS, WILLIAMS_ZIPSER
from backproof.theory.theorems.gradients._forward_mode import sensitivities

slopes = DiagMatrix(a[t].applyfunc(phi_prime))
READ = {W: h[t - 1].T, U: x[t].T, b: 1}


def _both(*, carried: Any = slopes * W, upper: Any = T, adjoint: Any = alpha[t], seen: Any = V.T * g[t]) -> Any:
    """The recursion of the sensitivities by W, U and b, and that both modes add up to the same."""
    steps = (Eq(Sensitivity(q, t), carried * Sensitivity(q, t - 1) + Immediate(q, t), evaluate=False) for q in READ)
    sums = (
        Eq(
            TimeSum(Sensitivity(q, t).T * seen, (t, 1, upper)),
            Vec(TimeSum(adjoint * read, (t, 1, T))),
            evaluate=False,
        )
        for q, read in READ.items()
    )
    return And(*steps, *sums, evaluate=False)


def _both_ways(theta: Any) -> Iterator[Line]:
    """Both sums of a parameter are the gradient of the loss; the last line is called "modes by θ"."""
    step, seen, asked = Vec(StepLossGradient(theta, t)), Sensitivity(theta, t).T, StepLossGradient(h[t], t)
    copies = TimeSum(StepLossGradient(theta, t), (t, 1, T))
    forward, steps = (TimeSum(q, (t, 1, T)) for q in (seen * V.T * g[t], step))
    backward = TimeSum(alpha[t] * READ[theta], (t, 1, T))
    yield line(f"backward by {theta}", Eq(LossGradient(theta), backward, evaluate=False), "chain rule")
    yield line(f"losses by {theta}", Eq(LossGradient(theta), copies, evaluate=False), "chain rule")
    yield line(
        f"one sum by {theta}",
        Eq(backward, copies, evaluate=False),
        "equals for equals",
        f"backward by {theta}",
        f"losses by {theta}",
    )
    yield line(
        f"seen by {theta}",
        Eq(step, seen * asked, evaluate=False),
        "chain rule",
        why="The loss of a step sees the parameter through the state alone",
    )
    yield line(
        f"forward by {theta}",
        Eq(seen * V.T * g[t], step, evaluate=False),
        "matrix algebra",
        "asked",
        f"seen by {theta}",
    )
    yield line(f"sum by {theta}", Eq(forward, steps, evaluate=False), "term by term", f"forward by {theta}")
    yield line(f"stacked by {theta}", Eq(steps, Vec(copies), evaluate=False), "matrix algebra", why="vec is linear")
    yield line(
        f"forward sum by {theta}",
        Eq(forward, Vec(copies), evaluate=False),
        "equals for equals",
        f"stacked by {theta}",
        f"sum by {theta}",
    )
    yield line(
        f"modes by {theta}",
        Eq(forward, Vec(backward), evaluate=False),
        "equals for equals",
        f"one sum by {theta}",
        f"forward sum by {theta}",
    )


statement = _both()

PROOF = Proof(
    ranges=(Le(1, t), Le(t, T)),
    lines=(
        line("asked", Eq(StepLossGradient(h[t], t), V.T * g[t], evaluate=False), "chain rule"),
        *(
            line(
                f"recursion by {q}",
                Eq(Sensitivity(q, t), slopes * W * Sensitivity(q, t - 1) + Immediate(q, t), evaluate=False),
                "chain rule",
                why="The step's Jacobian carries what was moved before, and the step moves the state itself",
            )
            for q in READ
        ),
        *(one for q in READ for one in _both_ways(q)),
        line("both", statement, "together", *(f"{what} by {q}" for q in READ for what in ("recursion", "modes"))),
    ),
)

THEOREM = Theorem(
    title="Forward mode agrees with reverse mode",
    words="Sensitivities carried along with the state and met by each loss add up to what the adjoints add up to.",
    sources=(WILLIAMS_ZIPSER.at("the learning algorithm"), WERBOS.at("back-propagation through time")),
    statement=statement,
    instances=nets(batch=(1, 1), units=(1, 2), steps=(1, 3)),
    check=sensitivities,
    proof=PROOF,
    certified=(net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2], [2, 1]], activation="relu", loss="squared_error"),),
    ledger=("F1",),
    mutants={
        "W for its transpose": _both(carried=slopes * W.T),
        "slopes not carried": _both(carried=W),
        "last loss missing": _both(upper=T - 1),
        "δ for α": _both(adjoint=delta[t]),
        "no memory": _both(carried=0 * W),
    },
    examples=60,
)
