"""A defective eigenvalue on the unit circle: no eigenvalue exceeds 1, and the powers grow all the same."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Le, MatPow
from sympy.matrices.expressions import Identity

from backproof.theory.arithmetic import Balls
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SpectralNorm
from backproof.theory.language.notation import W, n, s
from backproof.theory.proving.builders import both, bounded, equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HORN_JOHNSON
from backproof.theory.theorems.spectra._nilpotent import (
    N,
    closed,
    closed_form,
    is_nilpotent,
    is_shifted,
    lamda,
    modulus,
    norm,
    norms,
    powers_and_facts,
    says_nilpotent,
    says_shifted,
    shifted,
)

step = s * SpectralNorm(N)
zero, one = [[0, 0], [0, 0]], [[1, 0], [0, 1]]


def power(growth: Any) -> Any:
    """``Wˢ = λˢ I + growth N``."""
    return Eq(MatPow(W, s), lamda**s * Identity(n) + growth * N, evaluate=False)


def _between(closed: Any, low: Any, high: Any) -> Any:
    return And(closed, Le(low, norm, evaluate=False), Le(norm, high, evaluate=False), evaluate=False)


def _ratio(case: Case) -> float:
    """‖Wˢ‖ over s ‖N‖ + 1."""
    A = Balls()
    return float(A.spectral_norm(A.matrix(case[W])) / (case[s] * A.spectral_norm(A.matrix(case[N])) + 1))


shift = Assumption(name="shift", text="W = λ I + N", holds=is_shifted, says=says_shifted)
nilpotent = Assumption(name="nilpotent", text="N² = 0", holds=is_nilpotent, says=says_nilpotent)
on_circle = equal(modulus, 1)
unit = Assumption(
    name="unit eigenvalue", text="|λ| = 1", holds=lambda case: decide(on_circle, case) is True, says=on_circle
)

PROOF = Proof(
    lines=(
        *closed_form("unit eigenvalue"),
        *norms(),
        line("at most", bounded(norm, step + 1), "equals for equals", "unit eigenvalue", "upper", why="With |λ| = 1"),
        line("at least", bounded(step - 1, norm), "equals for equals", "unit eigenvalue", "lower"),
        both("all", _between(closed, step - 1, step + 1), "closed form", "at least", "at most"),
    )
)

THEOREM = Theorem(
    title="Growth by a defective eigenvalue",
    words="With one eigenvalue, |λ| = 1, and an eigenvector missing, ‖Wˢ‖ grows like s: between s‖N‖ − 1 and s‖N‖ + 1.",
    sources=(HORN_JOHNSON.at("section 3.2, powers of Jordan blocks"),),
    statement=_between(closed, step - 1, step + 1),
    instances=shifted(1.0),
    check=powers_and_facts,
    proof=PROOF,
    assumptions=(shift, nilpotent, unit),
    without={
        shift: Case({W: one, N: [[0, 1], [0, 0]], lamda: 1, s: 2}),
        nilpotent: Case({W: [[2, 0], [0, 1]], N: [[1, 0], [0, 0]], lamda: 1, s: 2}),
        unit: Case({W: [[2, 1], [0, 2]], N: [[0, 1], [0, 0]], lamda: 2, s: 3}),
    },
    certified=(Case({W: [[1, 1], [0, 1]], N: [[0, 1], [0, 0]], lamda: 1, s: 100}),),
    attained=Case({W: one, N: zero, lamda: 1, s: 1}),
    ratio=_ratio,
    ledger=("F5",),
    mutants={
        "like the spectral radius": Le(norm, 1, evaluate=False),
        "no growth": _between(power(1), step - 1, step + 1),
        "quadratic": _between(power(s**2 * lamda ** (s - 1)), step - 1, step + 1),
        "power of N": _between(closed, SpectralNorm(N) ** s - 1, step + 1),
        "the sum from below": _between(closed, step + 1, step + 1),
    },
)
