"""How fast an antisymmetric step grows: its spectral radius is √(1 + ε²ω²), with ω the fastest rotation."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Le, Rational

from backproof.theory.instances.symbols import cases
from backproof.theory.language.nodes import SpectralNorm, SpectralRadius
from backproof.theory.language.notation import W
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import CHANG
from backproof.theory.theorems.jacobians._antisymmetric import R, epsilon, r, step, turn

radius, fastest = SpectralRadius(step()), SpectralNorm(R * turn * R)


def _is(square: Any) -> Any:
    return Eq(radius**2, square, evaluate=False)


THEOREM = Theorem(
    title="Growth of an antisymmetric step",
    words="The step's Jacobian with slopes r ∘ r has ρ² = 1 + ε²ω², ω = ‖R(W − Wᵀ)R‖: above 1 where anything turns.",
    sources=(CHANG.at("stability of the forward Euler method"),),
    statement=_is(1 + epsilon**2 * fastest**2),
    instances=cases(W, r, epsilon),
    mutants={
        "modulus one": _is(1),
        "at most one": Le(radius, 1, evaluate=False),
        "the step for its square": _is(1 + epsilon * fastest**2),
        "slopes left out": _is(1 + epsilon**2 * SpectralNorm(turn) ** 2),
        "W for W − Wᵀ": _is(1 + epsilon**2 * SpectralNorm(R * W * R) ** 2),
        "half of it": _is(1 + Rational(1, 2) * epsilon**2 * fastest**2),
    },
    examples=100,
)
