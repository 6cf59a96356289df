"""Descent on the loss of a linear unit that should follow another: where the gradient explodes, steps overshoot.

The check lets a subject take the gradient step; a measurement counts how often its loss rises in training.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq
from hypothesis import strategies as st
from sympy import Rational, Sum, Symbol

from backproof.theory.arithmetic import precision
from backproof.theory.confronting.comparison import Comparison, agree, truth
from backproof.theory.confronting.subject import answer, offered
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import above
from backproof.theory.instances.values import Case
from backproof.theory.language.notation import T, t
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.rounding import tolerances

w, v, eta = (Symbol(name, positive=True) for name in ("w", "v", "eta"))


def loss(weight: Any) -> Any:
    """``½ Σ_t (w^t − v^t)²``: a linear unit from h_0 = 1 with weight w, charged for what a unit with v would do."""
    return Sum((weight**t - v**t) ** 2, (t, 1, T)) / 2


def slope() -> Any:
    """Its derivative, by SymPy."""
    return loss(w).diff(w)


def stepped(gradient: Any) -> Any:
    """The weight after a step of rate η."""
    return w - eta * gradient


def exactly(statement: Any, case: Case, stretch: Any = 1) -> bool | None:
    """Decide the statement in exact rationals, with the rate stretched by a factor."""
    values = {symbol: Rational(Fraction(case[symbol])) for symbol in (w, v)}
    values[eta] = Rational(Fraction(case[eta])) * stretch
    verdict = statement.func(*(_written_out(side, case[T]).xreplace(values) for side in statement.args))
    return bool(verdict) if verdict in (True, False) else None


@lru_cache(maxsize=256)
def _written_out(side: Any, steps: int) -> Any:
    return side.subs(T, steps).doit()


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


@st.composite
def overshooting(draw: Any) -> Case:
    """Quarters for the two weights, up to six steps, and a rate of twelve bits: the least that overshoots, or more."""
    other = draw(st.integers(1, 8)) / 4
    case = Case({v: other, w: other + draw(st.integers(1, 8)) / 4, T: draw(st.integers(1, 6)), eta: 1.0})
    with precision(BITS):
        least = 2 * Fraction(case[w]) / derivative(case)
        rate = above(arb(fmpq(least.numerator, least.denominator)))
    return case.with_({eta: rate * draw(st.sampled_from([1, 1, 2, 1024]))})


def step_satisfies(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The subject's gradient against the derivative, and the statement for the weight that its gradient leads to.

    Where the rate is the least that overshoots, rounding may move the step a little; the loss rises by far more.
    """
    taught = follower(case)
    gradient = answer(subject, "gradients", taught)["W"]
    with precision(BITS):
        exact = derivative(case)
        reference = arb_mat([[arb(fmpq(exact.numerator, exact.denominator))]])
        yield agree("∂L/∂W", gradient, reference, tolerances(taught).gradients["W"])
    stretch = Rational(Fraction(float(gradient[0, 0]))) / Rational(exact)  # the step that the subject's gradient makes
    verdict = exactly(statement, case, stretch)
    yield truth(str(statement), verdict)
    if statement.lhs == loss(stepped(slope())):
        after = taught.with_(W=taught.W - case[eta] * gradient)
        lost = [answer(subject, "loss", n) for n in (taught, after)]
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
