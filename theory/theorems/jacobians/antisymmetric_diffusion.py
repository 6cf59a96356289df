"""A little diffusion tames the antisymmetric step: with ε (‖W − Wᵀ‖² + γ²) ≤ 2γ no step lengthens anything.

One step at a time, that is: where slopes change, so do the weights 1/r of the lengths that are compared. That the step
and what is said of it here are one map says `antisymmetric_step`, for whatever the pre-activation moves by.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Ge, Symbol
from sympy.matrices.expressions import Identity

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import above
from backproof.theory.instances.symbols import cases
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import EuclideanNorm, Inner, LargestEntry, SpectralNorm
from backproof.theory.language.notation import W, n, v
from backproof.theory.proving.builders import bounded, by_fact, equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CHANG
from backproof.theory.theorems.jacobians._antisymmetric import R, epsilon, gamma, image, r, turn

beta = Symbol("beta", nonnegative=True)
damped = turn - gamma * Identity(n)
u = R * v
moved = damped * u
length, pushed = EuclideanNorm(u), EuclideanNorm(R * moved)
before, after = Inner(v, v), Inner(image(damped), image(damped))
statement = bounded(after, before)


def _says(longest: Any, inside: Any = damped) -> Any:
    return bounded(Inner(image(inside), image(inside)), longest)


def _assumed(name: str, text: str, says: Any) -> Assumption:
    return Assumption(name=name, text=text, holds=certainly(says), says=says)


motion = _assumed("bound on the motion", "β ≥ ‖W − Wᵀ − γI‖₂", bounded(SpectralNorm(damped), beta))
flat = _assumed("slopes at most 1", "|r_i| ≤ 1", bounded(LargestEntry(r), 1))
forward = _assumed("a step forward", "ε ≥ 0", Ge(epsilon, 0, evaluate=False))
small = _assumed("small steps", "ε β² ≤ 2γ", bounded(epsilon * beta**2, 2 * gamma))

PROOF = Proof(
    lines=(
        line(
            "multiplied out",
            equal(after, before - 2 * epsilon * gamma * Inner(u, u) + epsilon**2 * Inner(R * moved, R * moved)),
            "matrix algebra",
            why="The antisymmetric part moves at right angles, the diffusion against v",
        ),
        by_fact(
            "slopes shorten",
            bounded(EuclideanNorm(R * moved), LargestEntry(r) * EuclideanNorm(moved)),
            "length after a diagonal",
            d=r,
            v=moved,
        ),
        by_fact(
            "fastest",
            bounded(EuclideanNorm(moved), SpectralNorm(damped) * length),
            "a norm is attained",
            X=damped,
            v=u,
        ),
        line(
            "pushed",
            bounded(pushed, beta * length),
            "real arithmetic",
            *("slopes shorten", "fastest", flat.name, motion.name),
        ),
        line("squared", bounded(pushed**2, beta**2 * length**2), "real arithmetic", "pushed"),
        line("room", Ge(2 * gamma - epsilon * beta**2, 0, evaluate=False), "real arithmetic", small.name),
        line("a length", Ge(length, 0, evaluate=False), "real arithmetic"),
        line("a square", Ge(length**2, 0, evaluate=False), "real arithmetic", "a length"),
        by_fact(
            "enough room",
            Ge((2 * gamma - epsilon * beta**2) * length**2, 0, evaluate=False),
            "a product of what is not negative",
            *("room", "a square"),
            a=2 * gamma - epsilon * beta**2,
            b=length**2,
        ),
        line(
            "less than the diffusion takes",
            bounded(epsilon**2 * pushed**2, 2 * epsilon * gamma * length**2),
            "real arithmetic",
            *("squared", "enough room", forward.name),
            why="ε times what is pushed is at most 2γ times the length of R v",
        ),
        line("not longer", statement, "real arithmetic", "multiplied out", "less than the diffusion takes"),
    )
)

half = [[0, 0.5], [0, 0]]
unit = {W: half, r: [[1], [1]], v: [[1], [0]], beta: 0.75, gamma: 0.5, epsilon: 1}


def _ratio(case: Case) -> float:
    """‖(I + ε R A R) v‖² over ‖v‖²."""
    with precision(BITS):
        (environment,) = case.environments(Balls(), statement)
        return float(evaluate(after, Balls(), environment) / evaluate(before, Balls(), environment))


@st.composite
def slow_steps(draw: Any) -> Case:
    """Any W, slopes up to 1, a step that is as large as twelve bits allow or smaller."""
    drawn, friction = draw(cases(W, r, v)), draw(st.sampled_from([0.0, 0.25, 0.5, 1.0, 4.0]))
    weights = np.asarray(drawn[W])
    matrix = weights - weights.T - friction * np.eye(len(weights))
    with precision(BITS):
        motion = above(Balls().spectral_norm(Balls().matrix(matrix)))
    largest = 2 * Fraction(friction) / Fraction(motion) ** 2 if motion else Fraction(1)
    size = largest * draw(st.sampled_from([1, Fraction(1, 2), 0]))
    slow: Case = drawn.with_({r: (np.asarray(drawn[r]) / 2).tolist(), beta: motion, gamma: friction, epsilon: size})
    return slow


THEOREM = Theorem(
    title="Diffusion tames the antisymmetric step",
    words="With slopes at most 1 and εβ² ≤ 2γ, β ≥ ‖W − Wᵀ − γI‖, a step lengthens nothing, weighted by 1/r.",
    sources=(CHANG.at("diffusion, for the stability of the forward Euler method"),),
    statement=statement,
    instances=slow_steps(),
    proof=PROOF,
    assumptions=(motion, flat, forward, small),
    without={
        motion: Case({**unit, W: [[0, 2], [0, 0]]}),
        flat: Case({**unit, r: [[4], [1]]}),
        forward: Case({**unit, epsilon: -1}),
        small: Case({**unit, gamma: 0}),
    },
    certified=(Case(unit), Case({**unit, beta: 1.25, gamma: 1, epsilon: 1.25})),
    attained=Case({**unit, beta: 1, W: [[0, 0], [0, 0]], gamma: 1, epsilon: 2}),
    ratio=_ratio,
    mutants={
        "shorter by the diffusion alone": _says((1 - epsilon * gamma) ** 2 * before),
        "half of it": _says(before / 2),
        "diffusion the wrong way": _says(before, turn + gamma * Identity(n)),
        "weights that are not antisymmetric": _says(before, W + W.T - gamma * Identity(n)),
        "never shorter": Ge(after, before, evaluate=False),
    },
    examples=40,
)
