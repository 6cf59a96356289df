"""Kreiss' lower bound: if the resolvent is large just outside the unit circle, some power of W is large.

(z I − W)⁻¹ = Σ_s z^(−s−1) Wˢ, so powers of norm at most M give it a norm of at most M/(z − 1), here with z = 1 + ε.
"""

from __future__ import annotations

from typing import Any

from sympy import Ge, Le, Limit, Lt, MatPow, Ne, oo

from backproof.theory.arithmetic import Balls
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import FrobeniusNorm, SpectralNorm
from backproof.theory.language.notation import W, s
from backproof.theory.proving.builders import bounded, by_fact, equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import TREFETHEN_EMBREE
from backproof.theory.theorems.spectra._resolvents import (
    R,
    bounds_powers,
    epsilon,
    inverts,
    kreiss_cases,
    most,
    powers_exceed,
    says_bounded,
    says_resolvent,
    z,
)


def _says(low: Any, high: Any = most) -> Any:
    return Le(low, high, evaluate=False)


def _ratio(case: Case) -> float:
    """ε ‖R‖ over M, in whole numbers."""
    A = Balls()
    return float(A.number(case[epsilon]) * A.spectral_norm(A.matrix(case[R])) / A.number(case[most]))


one = [[1, 0], [0, 1]]

share, next_share = z**-s, z ** (-s - 1)
power = MatPow(W, s)
missing, next_missing = R - share * R * power, R - next_share * R * MatPow(W, s + 1)
so_far = bounded(epsilon * SpectralNorm(missing), most * (1 - share))
excess = epsilon * SpectralNorm(R) * most - most

PROOF = Proof(
    lines=(
        by_fact("nothing", equal(SpectralNorm(0 * R), 0), "norm of a multiple", c=0, X=R),
        line(
            "start",
            bounded(epsilon * SpectralNorm(R - R * W**0), 0),
            "real arithmetic",
            "nothing",
            why="With z = 1 + ε: R − z⁰ R W⁰ = 0",
        ),
        line("hypothesis", so_far, "supposition", why="Suppose ε ‖R − z⁻ˢ R Wˢ‖ ≤ M (1 − z⁻ˢ)"),
        line("not zero", Ne(z, 0, evaluate=False), "real arithmetic"),
        by_fact("power law", equal(z * next_share, share), "one power more", "not zero", q=z, e=-s - 1),
        line(
            "one term more",
            equal(next_missing, missing + next_share * power),
            "linear combination",
            *("resolvent", "power law"),
            factors=((next_share, power), (-R * power, 1)),
            why="As z R − R W = I, the next power adds the term z⁻ˢ⁻¹ Wˢ",
        ),
        by_fact(
            "sum",
            bounded(
                SpectralNorm(missing + next_share * power), SpectralNorm(missing) + SpectralNorm(next_share * power)
            ),
            "norm of a sum",
            X=missing,
            Y=next_share * power,
        ),
        by_fact(
            "term",
            equal(SpectralNorm(next_share * power), next_share * SpectralNorm(power)),
            "norm of a multiple",
            c=next_share,
            X=power,
        ),
        line(
            "with the term",
            bounded(epsilon * SpectralNorm(missing + next_share * power), most * (1 - next_share)),
            "real arithmetic",
            *("hypothesis", "sum", "term", "bound on the powers", "power law"),
            why="whose norm is at most z⁻ˢ⁻¹ M, and ε z⁻ˢ⁻¹ = z⁻ˢ − z⁻ˢ⁻¹",
        ),
        line(
            "step",
            bounded(epsilon * SpectralNorm(next_missing), most * (1 - next_share)),
            "equals for equals",
            *("one term more", "with the term"),
        ),
        line("every power", so_far, "induction", "start", "step", index=s, why="By induction on s"),
        by_fact(
            "missing and the rest",
            bounded(
                SpectralNorm(missing + share * (R * power)), SpectralNorm(missing) + SpectralNorm(share * (R * power))
            ),
            "norm of a sum",
            X=missing,
            Y=share * (R * power),
        ),
        by_fact(
            "rest",
            equal(SpectralNorm(share * (R * power)), share * SpectralNorm(R * power)),
            "norm of a multiple",
            c=share,
            X=R * power,
        ),
        by_fact(
            "factors",
            bounded(SpectralNorm(R * power), SpectralNorm(R) * SpectralNorm(power)),
            "norm of a product",
            X=R,
            Y=power,
        ),
        line(
            "rest is small",
            bounded(SpectralNorm(share * (R * power)), share * SpectralNorm(R) * most),
            "real arithmetic",
            *("rest", "factors", "bound on the powers"),
        ),
        line(
            "excess",
            bounded(epsilon * SpectralNorm(R) - most, excess * share),
            "real arithmetic",
            *("every power", "missing and the rest", "rest is small"),
            why="So ε ‖R‖ ≤ M (1 − z⁻ˢ) + ε z⁻ˢ ‖R‖ M, for every s",
        ),
        line("positive", Ge(1 / z, 0, evaluate=False), "real arithmetic"),
        line("below one", Lt(1 / z, 1, evaluate=False), "real arithmetic"),
        by_fact(
            "vanishing", equal(Limit(share, s, oo), 0), "powers below 1 vanish", "positive", "below one", q=1 / z, x=s
        ),
        by_fact(
            "vanishing multiple",
            equal(Limit(excess * share, s, oo), 0),
            "a multiple of what vanishes",
            "vanishing",
            c=excess,
            f=share,
            x=s,
        ),
        line(
            "in the limit",
            bounded(epsilon * SpectralNorm(R) - most, 0),
            "below what vanishes",
            *("excess", "vanishing multiple"),
            variable=s,
            why="and z⁻ˢ tends to 0",
        ),
        line("largest power", _says(epsilon * SpectralNorm(R)), "real arithmetic", "in the limit"),
    )
)

THEOREM = Theorem(
    title="Kreiss' lower bound",
    words="With R = ((1 + ε) I − W)⁻¹, no bound on all the powers of W is below ε ‖R‖, whatever ρ(W) promises.",
    sources=(TREFETHEN_EMBREE.at("part IV, the Kreiss matrix theorem"),),
    statement=_says(epsilon * SpectralNorm(R)),
    instances=kreiss_cases(),
    check=powers_exceed,
    proof=PROOF,
    assumptions=(
        limited := Assumption(
            name="bound on the powers",
            text="‖Wˢ‖ ≤ M for every s ≥ 0",
            holds=bounds_powers,
            says=says_bounded,
            every=(s,),
        ),
        resolvent := Assumption(name="resolvent", text="R ((1 + ε) I − W) = I", holds=inverts, says=says_resolvent),
    ),
    without={
        limited: Case({W: [[0, 8], [0, 0]], R: [[0.5, 2], [0, 0.5]], epsilon: 1, most: 1}),
        resolvent: Case({W: [[0, 0], [0, 0]], R: [[3, 0], [0, 3]], epsilon: 1, most: 1}),
    },
    attained=Case({W: one, R: [[2, 0], [0, 2]], epsilon: 0.5, most: 1}),
    ratio=_ratio,
    ledger=("F6",),
    mutants={
        "no distance to the circle": _says(SpectralNorm(R)),
        "one power of ε more below": _says(SpectralNorm(R) / epsilon),
        "the Frobenius norm": _says(epsilon * FrobeniusNorm(R)),
        "less than the bound": _says((1 + epsilon) * epsilon * SpectralNorm(R)),
    },
    examples=100,
)
