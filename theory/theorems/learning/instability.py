"""Exploding gradients make descent unstable: a step of any fixed rate comes to overshoot, and the loss rises."""

from __future__ import annotations

from typing import Any

from sympy import Abs, And, Eq, Ge, Gt, Implies, Le, Lt, Or, Sum, Symbol

from backproof.theory.instances.values import Case
from backproof.theory.language.notation import T, t
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Assumption, Measurement, Theorem
from backproof.theory.records.sources import PASCANU, SLIDES, TRAINING_RNNS
from backproof.theory.theorems.learning._overshooting import (
    eta,
    exactly,
    loss,
    more_often,
    overshooting,
    slope,
    step_satisfies,
    stepped,
    v,
    w,
)


def _case(weight: float, other: float, rate: float, steps: int) -> Case:
    return Case({w: weight, v: other, eta: rate, T: steps})


def _after(gradient: Any, factor: int = 1) -> Any:
    return Gt(loss(stepped(gradient)), factor * loss(w), evaluate=False)


far_enough = Ge(eta * slope(), 2 * w, evaluate=False)
overshoot = Assumption(
    name="overshoot", text="η L′(w) ≥ 2w", holds=lambda case: exactly(far_enough, case) is True, says=far_enough
)
after = Symbol("w'", real=True)
DEFINITION = Eq(after, stepped(slope()), evaluate=False)
lag = Symbol("l", integer=True, nonnegative=True)
X, P, Q = (Symbol(name, real=True) for name in "XPQ")


def _monotone(name: str, low: Any, high: Any, power: Any, *by: str) -> Line:
    """``low^power ≤ high^power`` by two lines that say ``0 ≤ low ≤ high``."""
    says = Le(low**power, high**power, evaluate=False)
    return by_fact(name, says, "powers are monotone", *by, a=low, b=high, s=power)


def _square(weight: Any, power: Any) -> Any:
    return (weight**power - v**power) ** 2


def _total(weight: Any, first: int) -> Sum:
    return Sum(_square(weight, t), (t, first, T))


NOT_BELOW = (
    line("not above", Le(w, v, evaluate=False), "supposition", why="Suppose w ≤ v"),
    line("w from 0", Ge(w, 0, evaluate=False), "real arithmetic"),
    _monotone("powers not above", w, v, lag + 1, "w from 0", "not above"),
    line(
        "term of the slope",
        Le(slope().args[1].function.subs(t, 1 + lag), 0, evaluate=False),
        "real arithmetic",
        "powers not above",
    ),
    line("no slope", Le(slope().args[1], 0, evaluate=False), "larger term by term", "term of the slope", lag=lag),
    line("some slope", Gt(slope().args[1], 0, evaluate=False), "real arithmetic", "overshoot"),
    line(
        "above",
        Gt(w, v, evaluate=False),
        "contradiction",
        "no slope",
        "some slope",
        why="Then no term of L′(w) = Σ_t t w^{t-1} (w^t − v^t) would be positive",
    ),
)

size = Abs(after)


def _farther(state: Any, before: Any, other: Any) -> Any:
    """A state that is at least as large as one that is at least as large as the other one's is no nearer to it."""
    large = Or(Ge(state, before, evaluate=False), Le(state, -before, evaluate=False), evaluate=False)
    conditions = And(large, Ge(before, other, evaluate=False), Ge(other, 0, evaluate=False), evaluate=False)
    return Implies(conditions, Le((before - other) ** 2, (state - other) ** 2, evaluate=False), evaluate=False)


states = (after ** (lag + 2), w ** (lag + 2), v ** (lag + 2))

PROOF = Proof(
    lines=(
        *NOT_BELOW,
        line(
            "beyond −w",
            Le(after, -w, evaluate=False),
            "real arithmetic",
            "after the step",
            "overshoot",
            why="The step ends at w − η L′(w) ≤ −w",
        ),
        line("v from 0", Ge(v, 0, evaluate=False), "real arithmetic"),
        line("v at most w", Le(v, w, evaluate=False), "real arithmetic", "above"),
        line("w at most", Le(w, size, evaluate=False), "real arithmetic", "beyond −w"),
        _monotone("states of the other unit", v, w, lag + 2, "v from 0", "v at most w"),
        line("w not negative", Ge(w, 0, evaluate=False), "real arithmetic"),
        _monotone("states overshoot", w, size, lag + 2, "w not negative", "w at most"),
        by_fact(
            "either sign",
            Or(
                Eq(states[0], size ** (lag + 2), evaluate=False),
                Eq(states[0], -(size ** (lag + 2)), evaluate=False),
                evaluate=False,
            ),
            "power of a modulus",
            a=after,
            s=lag + 2,
        ),
        line("farther", _farther(X, P, Q), "real arithmetic"),
        line(
            "farther at a step",
            _farther(*states),
            "instance",
            "farther",
            at=dict(zip((X, P, Q), states, strict=True)),
        ),
        line(
            "as far",
            _farther(*states).args[0],
            "real arithmetic",
            "either sign",
            "states overshoot",
            "states of the other unit",
        ),
        line("a later step", _farther(*states).args[1], "modus ponens", "farther at a step", "as far"),
        line(
            "later steps",
            Le(_total(w, 2), _total(after, 2), evaluate=False),
            "larger term by term",
            "a later step",
            lag=lag,
            why="At no step does the state come closer to the other one's",
        ),
        line("before", Eq(_total(w, 1), _square(w, 1) + _total(w, 2), evaluate=False), "ends of a sum"),
        line("afterwards", Eq(_total(after, 1), _square(after, 1) + _total(after, 2), evaluate=False), "ends of a sum"),
        line(
            "raised",
            Gt(loss(after), loss(w), evaluate=False),
            "real arithmetic",
            "before",
            "afterwards",
            "later steps",
            "beyond −w",
            "above",
            why="And at the first step it is farther off",
        ),
        line("overshot", _after(slope()), "equals for equals", "after the step", "raised"),
    )
)
untimed = Sum(w ** (t - 1) * (w**t - v**t), (t, 1, T))

THEOREM = Theorem(
    title="Exploding gradients overshoot",
    words="A linear unit with weight w should do what one with v does. For w > v its gradient L′(w) is "
    "positive, with terms up to w to the power 2T − 1; once η L′(w) reaches 2w, a step of rate η raises the loss. At "
    "w = v the gradient is 0, and no rate is large enough.",
    sources=(
        SLIDES.at("exploding gradients"),
        TRAINING_RNNS.at("exploding gradients"),
        PASCANU.at("section 2.3, on walls of high curvature"),
    ),
    statement=_after(slope()),
    instances=overshooting(),
    check=step_satisfies,
    proof=PROOF,
    definitions={"after the step": DEFINITION},
    decide=exactly,
    assumptions=(overshoot,),
    without={overshoot: _case(2, 1, 0.125, 1)},
    certified=(_case(2, 1, 0.0625, 4), _case(1.5, 1, 0.0078125, 16)),
    mutants={
        "the loss falls": Lt(loss(stepped(slope())), loss(w), evaluate=False),
        "a hundredfold": _after(slope(), 100),
        "powers not counted": _after(untimed),
        "half the step": _after(slope() / 2),
    },
    measurement=Measurement(
        quantity="share of the steps that raise the loss they descend on, with rate 0.1, for 16 tanh units on 20 steps "
        "of noise: W of standard deviation 4/√n less W of 0.9/√n",
        effect="above 0.1",
        seeds=24,
        sample=more_often,
        expected=(0.1, 1.0),
    ),
    examples=60,
)
