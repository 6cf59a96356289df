"""Every eigenvalue promises decay, and yet the gradient grows first: powers of a matrix far from normal.

‖N‖ bounds nothing of ρ(W): W = [[1/2, c], [0, 1/2]] has ρ = 1/2 and ‖W‖ ≥ c. A power peaks near s = 1/log(1/|λ|).
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, And, Gt, Le, Lt, MatPow

from backproof.theory.arithmetic import Balls
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SpectralNorm, SpectralRadius
from backproof.theory.language.notation import W, s
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import TREFETHEN_EMBREE
from backproof.theory.theorems.spectra._nilpotent import NILPOTENT, N, lamda, powers_and_facts, triangular
from backproof.theory.theorems.spectra.defective_growth import nilpotent, one, shift, zero

norm, modulus = SpectralNorm(MatPow(W, s)), Abs(lamda)
hump = s * modulus ** (s - 1) * SpectralNorm(N)
decay = Lt(SpectralRadius(W), 1, evaluate=False)


def _says(low: Any, high: Any, radius: Any = decay) -> Any:
    return And(radius, Le(low, norm, evaluate=False), Le(norm, high, evaluate=False), evaluate=False)


def _ratio(case: Case) -> float:
    """‖W‖ over ‖N‖ + |λ|, for s = 1."""
    A = Balls()
    return float(A.spectral_norm(A.matrix(case[W]))) / (
        float(A.spectral_norm(A.matrix(case[N]))) + abs(float(case[lamda]))
    )


inside = Assumption(name="inside the circle", text="0 < |λ| < 1", holds=lambda case: 0 < abs(case[lamda]) < 1)

THEOREM = Theorem(
    title="Transient growth",
    words="With ρ(W) = |λ| < 1, ‖Wˢ‖ still climbs to about s |λ|^(s−1) ‖N‖, as high as you like, before it decays.",
    sources=(TREFETHEN_EMBREE.at("part IV, transient effects"),),
    statement=_says(hump - modulus**s, hump + modulus**s),
    instances=triangular(0.5, 0.75, 0.9375),
    check=powers_and_facts,
    proof=NILPOTENT,
    assumptions=(shift, nilpotent, inside),
    without={
        shift: Case({W: [[0.5, 0], [0, 0.5]], N: [[0, 4], [0, 0]], lamda: 0.5, s: 2}),
        nilpotent: Case({W: [[0.75, 0], [0, 0.5]], N: [[0.25, 0], [0, 0]], lamda: 0.5, s: 2}),
        inside: Case({W: one, N: zero, lamda: 1, s: 2}),
    },
    certified=(Case({W: [[0.5, 1024], [0, 0.5]], N: [[0, 1024], [0, 0]], lamda: 0.5, s: 8}),),
    attained=Case({W: [[0.5, 0], [0, 0.5]], N: zero, lamda: 0.5, s: 1}),
    ratio=_ratio,
    ledger=("F6",),
    mutants={
        "decay from the first step": _says(hump - modulus**s, modulus**s),
        "an eigenvalue above one": _says(hump - modulus**s, hump + modulus**s, Gt(SpectralRadius(W), 1)),
        "no decay": _says(s * SpectralNorm(N) - modulus**s, hump + modulus**s),
        "one power more": _says(hump - modulus**s, modulus * hump + modulus**s),
    },
    uses=("spectra/defective_growth", "spectra/growth_of_powers"),
)
