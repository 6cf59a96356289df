"""The Lyapunov exponents add up to what the Jacobians do to volumes.

Stretching along some directions is paid for along others: where Σ λ_i < 0, as tanh makes it, most directions vanish
even if the largest exponent explodes.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Eq, Sum, log
from sympy.matrices.expressions import Determinant

from backproof.theory.language.nodes import LyapunovExponent, SpectralNorm, StateJacobian
from backproof.theory.language.notation import T, W, n, t
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import ENGELKEN
from backproof.theory.theorems.spectra._determinants import exponents_satisfy, invertible_nets
from backproof.theory.theorems.spectra._determinants_proof import EXPONENTS, VOLUMES, volume


def _equals(claimed: Any, left: Any = EXPONENTS) -> Any:
    return Eq(left, claimed, evaluate=False)


def _mean(value: Any) -> Any:
    return Sum(value, (t, 1, T)) / T


THEOREM = Theorem(
    title="Sum of the Lyapunov exponents",
    words="Along any trajectory with invertible Jacobians the exponents add up to the mean of log |det ∂h_t/∂h_{t−1}|.",
    sources=(ENGELKEN.at("Lyapunov spectrum by reorthonormalisation"),),
    statement=_equals(_mean(volume)),
    instances=invertible_nets(),
    check=exponents_satisfy,
    proof=VOLUMES,
    ledger=("F13",),
    mutants={
        "no mean": _equals(Sum(volume, (t, 1, T))),
        "slopes left out": _equals(_mean(log(Abs(Determinant(W))))),
        "norms for volumes": _equals(_mean(log(SpectralNorm(StateJacobian(t, t - 1))))),
        "the largest n times": _equals(_mean(volume), n * LyapunovExponent(1)),
        "first step missing": _equals(Sum(volume, (t, 2, T)) / T),
    },
    uses=("jacobians/product_of_steps",),
    examples=100,
)
