"""Powers of W line a vector up with the leading eigenvector, if one leads in modulus and has a part of it."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Le, MatPow

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import EuclideanNorm
from backproof.theory.language.notation import S, W, s
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HORN_JOHNSON, TRAINING_RNNS
from backproof.theory.theorems.spectra._eigenvectors import apart, applied, follow, leading, leads, shares
from backproof.theory.theorems.spectra._eigenvectors_proof import ALIGNMENT, c, gap, lamda, mu, q, share

distance = EuclideanNorm(MatPow(W, s) * (q + S * c) - lamda**s * q)
size = Abs(lamda) ** s * EuclideanNorm(q)


def _says(low: Any, high: Any) -> Any:
    return Le(low, high, evaluate=False)


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
    proof=ALIGNMENT,
    assumptions=(
        first := Assumption(name="leading eigenvector", text="W q = λ q", holds=leads),
        others := Assumption(name="other eigenvectors", text="W S = S diag(μ)", holds=follow),
        lead := Assumption(name="gap in modulus", text="|μ_i| (1 + ε) ≤ |λ|", holds=apart),
        part := Assumption(name="a part along it", text="‖S‖ ‖c‖ ≤ K ‖q‖", holds=shares),
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
    uses=("spectra/eigenvalue_parts",),
    examples=80,
)
