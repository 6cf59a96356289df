"""A subject that takes a gradient step where the gradient is large, and how often its loss rises in training."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq
from hypothesis import strategies as st
from sympy import Rational

from theory.arithmetic import precision
from theory.bounded import above
from theory.cases import Case
from theory.comparison import Comparison, agree, truth
from theory.decide import BITS
from theory.nets import Net, net
from theory.notation import T
from theory.proofs.overshooting import eta, exactly, loss, slope, stepped, v, w
from theory.subject import offered
from theory.tolerance import tolerances


def follower(case: Case, weight: float | None = None) -> Net:
    """The linear unit that starts at h_0 = 1 and is charged for what the other one would do."""
    steps = case[T]
    return net(
        W=[[case[w] if weight is None else weight]],
        h0=[[1]],
        inputs=[[0]] * steps,
        targets=[[case[v] ** step] for step in range(1, steps + 1)],
        activation="identity",
        loss="squared_error",
    )


def derivative(case: Case) -> Fraction:
    """``L′(w)``, exactly."""
    weight, other = Fraction(case[w]), Fraction(case[v])
    return sum(
        (step * weight ** (step - 1) * (weight**step - other**step) for step in range(1, case[T] + 1)), Fraction(0)
    )


def overshoots(case: Case) -> bool:
    """Whether η L′(w) ≥ 2w, in exact rationals."""
    return bool(Fraction(case[eta]) * derivative(case) >= 2 * Fraction(case[w]))


@st.composite
def overshooting(draw: Any) -> Case:
    """Quarters for the two weights, up to six steps, and a rate of twelve bits: the least that overshoots, or more."""
    other = draw(st.integers(1, 8)) / 4
    case = Case({v: other, w: other + draw(st.integers(1, 8)) / 4, T: draw(st.integers(1, 6)), eta: 1.0})
    with precision(BITS):
        least = 2 * Fraction(case[w]) / derivative(case)
        rate = above(arb(fmpq(least.numerator, least.denominator)))
    return Case({**case, eta: rate * draw(st.sampled_from([1, 1, 2, 1024]))})


def step_satisfies(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The subject's gradient against the derivative, and the statement for the weight that its gradient leads to.

    Where the rate is the least that overshoots, rounding may move the step a little; the loss rises by far more.
    """
    taught = follower(case)
    gradient = offered(subject, "gradients")(taught.parameters, taught.inputs, taught.targets, **taught.settings)["W"]
    with precision(BITS):
        exact = derivative(case)
        reference = arb_mat([[arb(fmpq(exact.numerator, exact.denominator))]])
        yield agree("∂L/∂W", gradient, reference, tolerances(taught).gradients["W"])
    stretch = Rational(Fraction(float(gradient[0, 0]))) / Rational(exact)  # the step that the subject's gradient makes
    verdict = exactly(statement, case, stretch)
    yield truth(str(statement), verdict)
    if statement.lhs == loss(stepped(slope())):
        after = taught.with_(W=taught.W - case[eta] * gradient)
        lost = [offered(subject, "loss")(n.parameters, n.inputs, n.targets, **n.settings) for n in (taught, after)]
        yield truth("the subject's loss after the step against before", verdict == (lost[1] > lost[0]))


def rising(subject: Any, seed: int, gain: float) -> float:
    """The share of 30 steps of plain descent that raise the loss: 16 tanh units, W with standard deviation gain/√n."""
    random = np.random.default_rng(seed)
    start = offered(subject, "init_params")(16, 4, 4, seed=seed)
    start["W"] = offered(subject, "normal_init")(16, std=gain / 4, seed=seed)
    batch = np.eye(4)[random.integers(0, 4, (20, 8))], random.integers(0, 4, (20, 8))
    run = offered(subject, "train")(
        start,
        [batch],
        gradients=lambda *given: offered(subject, "loss_and_gradients")(*given, reduction="mean"),
        optimiser=offered(subject, "SGD")(rate=0.1),
        steps=30,
    )
    return float(np.mean(np.diff(run.losses) > 0))


def more_often(subject: Any, seed: int) -> float:
    """How much larger that share is with gain 4, where gradients explode, than with gain 0.9, where they do not."""
    return rising(subject, seed, 4.0) - rising(subject, seed, 0.9)
