"""Exploding gradients make descent unstable: a step of any fixed rate comes to overshoot, and the loss rises."""

from __future__ import annotations

from typing import Any

from sympy import Gt, Lt, Sum

from backproof.theory.instances.values import Case
from backproof.theory.language.notation import T, t
from backproof.theory.records.records import Assumption, Measurement, Theorem
from backproof.theory.records.sources import PASCANU, SLIDES, TRAINING_RNNS
from backproof.theory.theorems.learning._overshooting import (
    RAISES,
    eta,
    exactly,
    loss,
    more_often,
    overshooting,
    overshoots,
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


overshoot = Assumption(name="overshoot", text="η L′(w) ≥ 2w", holds=overshoots)
untimed = Sum(w ** (t - 1) * (w**t - v**t), (t, 1, T))

THEOREM = Theorem(
    title="Exploding gradients overshoot",
    words="A linear unit with weight w that should do what one with v does has a gradient that grows like w to the "
    "power 2T: for w > 1 a step of any fixed rate raises the loss from some horizon on.",
    sources=(
        SLIDES.at("exploding gradients"),
        TRAINING_RNNS.at("exploding gradients"),
        PASCANU.at("section 2.3, on walls of high curvature"),
    ),
    statement=_after(slope()),
    instances=overshooting(),
    check=step_satisfies,
    proof=RAISES,
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
