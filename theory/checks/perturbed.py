"""Rounding errors of a subject's states, against the errors that its steps commit and the products that carry them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import arb_mat
from sympy import Eq

from theory.arithmetic import Balls, Floats, Roundoff, Undecided, precision
from theory.checks.gradients import in_dtype
from theory.checks.shares import equations
from theory.comparison import Comparison, agree, at_most, truth
from theory.decide import BITS, environments, equal
from theory.evaluation import Environment, evaluate
from theory.nets import Net, net
from theory.perturbed import Perturbed
from theory.subject import offered
from theory.tolerance import tolerances
from theory.unroll import Unrolled


def states(subject: Any, one: Net, dtype: Any) -> Any:
    """The subject's states (T + 1, n) of a net of one sequence, or None if the net does not fit the format."""
    cast = in_dtype(one, dtype)
    if cast is None:
        return None
    run = offered(subject, "forward")(cast.parameters, cast.inputs, activation=cast.activation)
    return np.asarray(run.hidden_states, dtype=np.float64)[:, 0]


def amplified(statement: Any, subject: Any, one: Net) -> Iterator[Comparison]:
    """The statement at the states that the subject returns, and those within the bound that products carry."""
    named = [(part, str(part)) for part in equations(statement)]
    for dtype in (np.float64, np.float32):
        found, name = states(subject, one, dtype), np.dtype(dtype).name
        if found is None:
            continue
        with precision(BITS):
            for environment in environments(Perturbed(one, found[1:]), Balls(), statement):
                for part, words in named:
                    yield _related(part, environment, f"{words} in {name}")
            exact = Unrolled(one, Balls()).series["h"]
            reference = arb_mat([exact[s].entries() for s in range(one.steps + 1)])
        try:
            yield agree(f"states in {name}", found, reference, tolerances(one, dtype).hidden)
        except Undecided:
            continue


def _related(part: Any, environment: Environment, what: str) -> Comparison:
    """Balls never settle an equality, nor an inequality at equality: the slack is their radius."""
    left, right = (evaluate(side, Balls(), environment) for side in (part.lhs, part.rhs))
    if isinstance(part, Eq):
        return truth(what, equal(left, right) is not False)
    slack = float(left.rad().upper()) + float(right.rad().upper())
    return at_most(what, float(left.mid()), float(right.mid()), slack)


def observed(subject: Any, seed: int, *, units: int = 8, steps: int = 30) -> float:
    """``log₁₀`` of the error of h_T in float32 over ``u Σ_k ‖∂h_T/∂h_k‖ ‖h_k‖``, in a linear net that explodes."""
    random = np.random.default_rng(seed)

    def single(*shape: int) -> Any:
        return random.normal(size=shape).astype(np.float32).astype(np.float64)

    weights = (1.5 * single(units, units) / np.sqrt(units)).astype(np.float32).astype(np.float64)
    one = net(W=weights, U=single(units, 2), inputs=single(steps, 2), activation="identity")
    unrolled, A = Unrolled(one, Floats()), Floats()
    powers, predicted = np.eye(units), 0.0
    for step in range(steps, 0, -1):
        predicted += float(A.spectral_norm(powers)) * float(np.linalg.norm(unrolled.series["h"][step]))
        powers = powers @ weights
    moved = np.linalg.norm(states(subject, one, np.float32)[-1] - unrolled.series["h"][steps][:, 0])
    return float(np.log10(moved / (Roundoff.of(np.float32).unit * predicted)))
