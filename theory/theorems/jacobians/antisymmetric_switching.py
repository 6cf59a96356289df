"""Steps of an antisymmetric net that each lengthen nothing can make gradients explode, where slopes take turns.

Each step is a contraction in lengths that are weighted by 1/slope, and so its eigenvalues lie within the circle. The
weights change with the slopes: two units that are steep in turn, a quarter turn each, gain more than diffusion takes.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, sqrt
from typing import Any

from hypothesis import strategies as st
from sympy import And, Ge, Gt, ImmutableDenseMatrix, Le, Lt, Rational, Symbol

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SpectralRadius, TimeProduct
from backproof.theory.language.notation import s
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CHANG

angle, delta = Symbol("theta", real=True), Symbol("delta", real=True)
j = Symbol("j", integer=True)
friction = Rational(4, 7) * angle**2


def _step(first: Any, second: Any) -> Any:
    """``I + ε D (W − Wᵀ − γ I)`` of two units, W − Wᵀ a rotation at speed ω: θ = ε ω, and ε γ is the friction."""
    return ImmutableDenseMatrix([[1 - first * friction, first * angle], [-second * angle, 1 - second * friction]])


one, other = _step(1, delta), _step(delta, 1)
first, then = TimeProduct(one, (j, 1, s)), TimeProduct(other, (j, 1, s))
period = SpectralRadius(then * first)
small = Le(angle**2 + friction**2, 2 * friction, evaluate=False)


def _says(product: Any, step: Any = Lt, bound: Any = small) -> Any:
    each = (step(SpectralRadius(matrix), 1, evaluate=False) for matrix in (one, other))
    return And(bound, *each, product, evaluate=False)


def _assumed(name: str, text: str, *says: Any) -> Assumption:
    both = And(*says, evaluate=False)
    return Assumption(name=name, text=text, holds=certainly(both), says=both)


half = Rational(1, 2)
slow = _assumed("slow steps", "0 < θ ≤ 1/2", Gt(angle, 0, evaluate=False), Le(angle, half, evaluate=False))
uneven = _assumed("uneven slopes", "0 < δ ≤ 1/2", Gt(delta, 0, evaluate=False), Le(delta, half, evaluate=False))
turned = (s * angle) ** 2 * delta
quarter = _assumed(
    "a quarter turn",
    "2 ≤ s² θ² δ ≤ 5/2, so that s steps turn by about π/2",
    Ge(turned, 2, evaluate=False),
    Le(turned, Rational(5, 2), evaluate=False),
)


@st.composite
def turns(draw: Any) -> Case:
    """Steps of a half to a twentieth, slopes that differ by a factor of 2 to 32, any s that makes a quarter turn."""
    while True:
        small, flat = Fraction(draw(st.integers(2, 20))), Fraction(draw(st.integers(2, 32)))
        speed = 1 / (float(small) * sqrt(flat))
        low, high = ceil(sqrt(2) / speed), floor(sqrt(2.5) / speed)
        if low <= high:
            return Case({angle: 1 / small, delta: 1 / flat, s: draw(st.integers(low, high))})


THEOREM = Theorem(
    title="Stable steps, unstable product",
    words="With ε(ω² + γ²) ≤ 2γ steps of slopes (1, δ) and (δ, 1) have ρ < 1, and s of one after s of the other ρ > 1.",
    sources=(CHANG.at("diffusion, for the stability of the forward Euler method"),),
    statement=_says(Gt(period, 1, evaluate=False)),
    instances=turns(),
    assumptions=(slow, uneven, quarter),
    without={
        slow: Case({angle: 1, delta: 0.5, s: 2}),
        uneven: Case({angle: 0.5, delta: 1, s: 3}),
        quarter: Case({angle: 0.5, delta: 0.25, s: 1}),
    },
    certified=(Case({angle: 0.5, delta: 0.25, s: 6}), Case({angle: 0.25, delta: 0.5, s: 8})),
    mutants={
        "products of stable steps are stable": _says(Lt(period, 1, evaluate=False)),
        "no step is stable": _says(Gt(period, 1, evaluate=False), step=Gt),
        "too large a step": _says(Gt(period, 1, evaluate=False), bound=Gt(*small.args, evaluate=False)),
        "one step after s": _says(Gt(SpectralRadius(then * one), 1, evaluate=False)),
        "more than the slopes differ": _says(Gt(period, 1 / delta, evaluate=False)),
    },
    examples=40,
)
