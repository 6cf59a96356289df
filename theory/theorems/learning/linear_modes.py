"""Modes of a deep linear net in time, for layers of their own and for one weight that is used at every step.

Two layers with weights a and b follow E = ½ (s − a b)² downhill; from a = b their product u runs along a logistic
curve. A linear unit whose one weight w acts at two steps follows E = ½ (s − w²)², and u = w² runs along it twice as
fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq
from hypothesis import strategies as st
from sympy import And, Derivative, Eq, Symbol, exp, expand

from backproof.theory.arithmetic import precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.values import Case
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.rounding import tolerances
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import SAXE

s, start, tau = (Symbol(name, positive=True) for name in ("s", "u_0", "tau"))
time, w, a, b = (Symbol(name, real=True) for name in ("t", "w", "a", "b"))


of_layers, of_steps = (s - a * b) ** 2 / 2, (s - w**2) ** 2 / 2


def curve(rate: Any) -> Any:
    """``s e^{rate s t/τ} / (e^{rate s t/τ} − 1 + s/u_0)``, which starts at u_0."""
    grown = exp(rate * s * time / tau)
    return s * grown / (grown - 1 + s / start)


def _follows(rate: Any, speed: Any) -> Any:
    """τ u′ = speed · u (s − u) along the curve."""
    u = curve(rate)
    return Eq(Derivative(u, time), speed * u * (s - u) / tau, evaluate=False)


def _untied(speed: Any) -> Any:
    """Downhill by a and by b: how fast a b changes; from a = b the squares are a b each, and stay so."""
    down = -(b * Derivative(of_layers, a) + a * Derivative(of_layers, b))
    return Eq(down, speed * (a**2 + b**2) * (s - a * b), evaluate=False)


def _tied(speed: Any) -> Any:
    """Downhill by w: how fast w² changes."""
    down = -(2 * w * Derivative(of_steps, w))
    return Eq(down, speed * w**2 * (s - w**2), evaluate=False)


def _says(curves: Any, untied: Any, tied: Any) -> Any:
    return And(*curves, untied, tied, evaluate=False)


along = (_follows(2, 2), _follows(4, 4))
statement = _says(along, _untied(1), _tied(4))


def _slope(name: str, error: Any, by: Any, value: Any) -> Line:
    return line(name, Eq(Derivative(expand(error), by), value, evaluate=False), "derivative")


PROOF = Proof(
    lines=(
        line("layers", along[0], "derivative", why="The curve of two layers, as the source prints it"),
        line("steps", along[1], "derivative", why="The same curve in half the time"),
        _slope("by a", of_layers, a, -b * (s - a * b)),
        _slope("by b", of_layers, b, -a * (s - a * b)),
        line(
            "squares",
            Eq(b**2 * (s - a * b) + a**2 * (s - a * b), _untied(1).rhs, evaluate=False),
            "real arithmetic",
        ),
        line(
            "two layers",
            _untied(1),
            "equals for equals",
            *("by a", "by b", "squares"),
            why="a b changes by b times what a does, and a times what b does",
        ),
        _slope("by w", of_steps, w, -2 * w * (s - w**2)),
        line("twice", Eq(4 * w**2 * (s - w**2), _tied(4).rhs, evaluate=False), "real arithmetic"),
        line("one weight", _tied(4), "equals for equals", "by w", "twice", why="w² changes by 2 w times what w does"),
        line("all", statement, "together", "layers", "steps", "two layers", "one weight"),
    )
)


@st.composite
def modes(draw: Any) -> Case:
    """Quarters for the weight and the strength s, small for the start, and times at which exponentials are moderate."""
    strength, weight = draw(st.integers(1, 8)) / 4, draw(st.integers(-8, 8)) / 4
    begun = draw(st.integers(1, 8)) / 16
    layers = {layer: draw(st.integers(-8, 8)) / 4 for layer in (a, b)}
    return Case({s: strength, w: weight, start: begun, time: draw(st.integers(-8, 16)) / 4, tau: 1.0, **layers})


def _two_steps(case: Case) -> Net:
    """The linear unit from h_0 = 1 that should reach s at step 2; at step 1 it should be where it is."""
    weight = case[w]
    return net(
        W=[[weight]],
        h0=[[1]],
        inputs=[[0], [0]],
        targets=[[weight], [case[s]]],
        activation="identity",
        loss="squared_error",
    )


def gradients_follow(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The statement; and the subject's gradient of the tied weight, and of each step's copy: E′ and its half."""
    yield from settled(statement, subject, case)
    unit = _two_steps(case)
    weight, strength = Fraction(case[w]), Fraction(case[s])
    downhill = -2 * weight * (strength - weight**2)
    bound = tolerances(unit).gradients["W"]
    with precision(BITS):
        tied, copy = (arb_mat([[arb(fmpq(value.numerator, value.denominator))]]) for value in (downhill, downhill / 2))
    yield agree("∂E/∂w", answer(subject, "gradients", unit)["W"], tied, bound)
    for step, share in enumerate(np.asarray(answer(subject, "contributions", unit)["W"]), 1):
        yield agree(f"∂E/∂w of step {step} alone", share, copy, bound)


THEOREM = Theorem(
    title="Modes of deep linear nets, untied and tied",
    words="Two layers a and b learn a mode u = a b by τ u′ = (a² + b²)(s − u), from a = b on by τ u′ = 2 u (s − u): "
    "along u(t) = s e^{2st/τ}/(e^{2st/τ} − 1 + s/u_0). One recurrent weight that acts twice has τ u′ = 4 u (s − u): "
    "the same curve, twice as fast.",
    sources=(SAXE.at("the dynamics of a mode of two layers that start equal"),),
    statement=statement,
    instances=modes(),
    check=gradients_follow,
    proof=PROOF,
    mutants={
        "tied as two layers": _says(along, _untied(1), _tied(2)),
        "two layers as tied": _says(along, _untied(2), _tied(4)),
        "the curve of one layer": _says((_follows(1, 2), along[1]), _untied(1), _tied(4)),
        "four times the speed along the curve": _says((_follows(2, 4), along[1]), _untied(1), _tied(4)),
        "uphill": _says(along, _untied(-1), _tied(4)),
    },
    examples=60,
)
