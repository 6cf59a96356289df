"""Powers of W line a vector up with the leading eigenvector, if one leads in modulus and has a part of it."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Ge, Le, MatPow

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import EuclideanNorm, LargestEntry, SpectralNorm
from backproof.theory.language.notation import S, W, s
from backproof.theory.proving.builders import bounded, by_fact, equal
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HORN_JOHNSON, TRAINING_RNNS
from backproof.theory.theorems.spectra._eigenvectors import (
    M,
    apart,
    applied,
    c,
    follow,
    gap,
    lamda,
    leading,
    leads,
    mu,
    q,
    says_apart,
    says_follow,
    says_leads,
    says_shares,
    share,
    shares,
)

distance = EuclideanNorm(MatPow(W, s) * (q + S * c) - lamda**s * q)
size = Abs(lamda) ** s * EuclideanNorm(q)


def _says(low: Any, high: Any) -> Any:
    return Le(low, high, evaluate=False)


largest, growth = LargestEntry(mu), (1 + gap) ** s
power = MatPow(M, s)


def _power(name: str, assumption: str, vectors: Any, images: Any, more: Any, left: Any, right: Any) -> tuple[Line, ...]:
    """Lines to ``Wˢ V = images`` by induction, from ``W V = …``: ``W Wˢ V = W images = left (W V) right = more``."""
    claim = equal(MatPow(W, s) * vectors, images)
    return (
        line(f"{name}, start", equal(W**0 * vectors, images.subs(s, 0)), "matrix algebra"),
        line(f"{name}, hypothesis", claim, "supposition", why="Suppose it for s"),
        line(
            f"{name}, step",
            equal(MatPow(W, s + 1) * vectors, more),
            "linear combination",
            *(f"{name}, hypothesis", assumption),
            factors=((W, 1), (left, right)),
            why="One more W",
        ),
        line(name, claim, "induction", f"{name}, start", f"{name}, step", index=s, why="By induction on s"),
    )


PROOF = Proof(
    lines=(
        *_power("along q", "leading eigenvector", q, lamda**s * q, lamda ** (s + 1) * q, lamda**s, 1),
        *_power("the others", "other eigenvectors", S, S * power, S * MatPow(M, s + 1), 1, power),
        line(
            "rest",
            equal(MatPow(W, s) * (q + S * c) - lamda**s * q, S * power * c),
            "matrix algebra",
            *("along q", "the others"),
            why="What is left is S diag(μ)ˢ c",
        ),
        by_fact(
            "basis and the rest",
            bounded(EuclideanNorm(S * (power * c)), SpectralNorm(S) * EuclideanNorm(power * c)),
            "a norm is attained",
            X=S,
            v=power * c,
        ),
        by_fact(
            "values and the rest",
            bounded(EuclideanNorm(power * c), SpectralNorm(power) * EuclideanNorm(c)),
            "a norm is attained",
            X=power,
            v=c,
        ),
        by_fact("values", equal(SpectralNorm(power), largest**s), "norm of a power of a diagonal", d=mu, s=s),
        line(
            "size of the rest",
            bounded(EuclideanNorm(S * power * c), SpectralNorm(S) * EuclideanNorm(c) * largest**s),
            "real arithmetic",
            *("basis and the rest", "values and the rest", "values"),
            why="which is at most ‖S‖ max |μ_i|ˢ ‖c‖",
        ),
        line(
            "distance",
            bounded(distance, SpectralNorm(S) * EuclideanNorm(c) * largest**s),
            "equals for equals",
            "rest",
            "size of the rest",
        ),
        line("not negative", Ge(largest * (1 + gap), 0, evaluate=False), "real arithmetic"),
        by_fact(
            "gap, s times",
            bounded((largest * (1 + gap)) ** s, Abs(lamda) ** s),
            "powers are monotone",
            *("not negative", "gap in modulus"),
            a=largest * (1 + gap),
            b=Abs(lamda),
            s=s,
            why="(max |μ_i| (1 + ε))ˢ ≤ |λ|ˢ",
        ),
        by_fact(
            "apart",
            equal((largest * (1 + gap)) ** s, largest**s * growth),
            "power of a product",
            a=largest,
            b=1 + gap,
            s=s,
        ),
        line(
            "growth of the distance",
            bounded(growth * distance, growth * (SpectralNorm(S) * EuclideanNorm(c) * largest**s)),
            "real arithmetic",
            "distance",
        ),
        line(
            "growth of the rest",
            bounded(
                growth * (SpectralNorm(S) * EuclideanNorm(c) * largest**s),
                SpectralNorm(S) * EuclideanNorm(c) * Abs(lamda) ** s,
            ),
            "real arithmetic",
            *("gap, s times", "apart"),
        ),
        line(
            "growth and distance",
            bounded(growth * distance, SpectralNorm(S) * EuclideanNorm(c) * Abs(lamda) ** s),
            "real arithmetic",
            *("growth of the distance", "growth of the rest"),
        ),
        line(
            "aligned",
            _says(growth * distance, share * size),
            "real arithmetic",
            "growth and distance",
            "a part along it",
        ),
    )
)


def example(lead: Any, rest: Any, *, first: Any = 1, second: Any = 1, **changes: Any) -> Case:
    """W = diag(lead, rest) on (first, second), with ε = 1, K = 1 and s = 2."""
    values = {W: [[lead, 0], [0, rest]], q: [[first], [0]], S: [[0, 0], [0, 1]], mu: [[0], [rest]], c: [[0], [second]]}
    named = {"W": W, "S": S, "mu": mu}
    changed = {named[name]: value for name, value in changes.items()}
    return Case({**values, lamda: lead, gap: 1, share: 1, s: 2, **changed})


THEOREM = Theorem(
    title="Alignment with the leading eigenvector",
    words="If |λ| leads every other |μ_i| by 1 + ε, Wˢ(q + rest) is λˢq up to a share that shrinks by 1 + ε a step.",
    sources=(TRAINING_RNNS.at("Mikolov's explanation, σ(x) = x"), HORN_JOHNSON.at("the power method")),
    statement=_says((1 + gap) ** s * distance, share * size),
    instances=leading(),
    check=applied,
    proof=PROOF,
    assumptions=(
        first := Assumption(name="leading eigenvector", text="W q = λ q", holds=leads, says=says_leads),
        others := Assumption(name="other eigenvectors", text="W S = S diag(μ)", holds=follow, says=says_follow),
        lead := Assumption(name="gap in modulus", text="|μ_i| (1 + ε) ≤ |λ|", holds=apart, says=says_apart),
        part := Assumption(name="a part along it", text="‖S‖ ‖c‖ ≤ K ‖q‖", holds=shares, says=says_shares),
    ),
    without={
        first: example(4, 1, W=[[3, 0], [0, 1]]),
        others: example(4, 1, W=[[4, 0], [0, 3]]),
        lead: example(1, -2),
        part: example(4, 1, first=0),
    },
    certified=(example(-4, 1),),
    attained=example(4, 2),
    ratio=lambda case: (1 + case[gap]) ** case[s] * abs(case[mu][1][0]) ** case[s] / abs(case[lamda]) ** case[s],
    mutants={
        "one step more": _says((1 + gap) ** (s + 1) * distance, share * size),
        "no share": _says((1 + gap) ** s * distance, size),
        "not relative to the growth": _says((1 + gap) ** s * distance, share * EuclideanNorm(q)),
        "as the square": _says((1 + gap) ** (2 * s) * distance, share * size),
    },
    examples=80,
)
