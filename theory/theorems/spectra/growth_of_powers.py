"""Powers grow as the spectral radius does, within the condition number of the eigenvectors."""

from __future__ import annotations

from typing import Any

from sympy import And, Le, MatPow

from backproof.theory.arithmetic import Balls
from backproof.theory.instances.strategies import diagonalised
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SpectralNorm, SpectralRadius
from backproof.theory.language.notation import S, S_inv, W, lam, s
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import HORN_JOHNSON
from backproof.theory.theorems.spectra._matrices import powers_satisfy
from backproof.theory.theorems.spectra._matrices_proof import GROWTH
from backproof.theory.theorems.spectra.powers import diagonalisation, inverse, shear, unit

norm, rho = SpectralNorm(MatPow(W, s)), SpectralRadius(W)
kappa = SpectralNorm(S) * SpectralNorm(S_inv)


def _between(low: Any, high: Any) -> Any:
    return And(Le(low, norm, evaluate=False), Le(norm, high, evaluate=False), evaluate=False)


def _ratio(case: Case) -> float:
    """‖Wˢ‖ over κ ρˢ; diagonal matrices have both sides in exact numbers."""
    A = Balls()
    size, radius = A.spectral_norm(A.matrix(case[W])), A.spectral_radius(A.matrix(case[W]))
    spread = A.spectral_norm(A.matrix(case[S])) * A.spectral_norm(A.matrix(case[S_inv]))
    return float(size / (spread * radius))


half = [[0.5, 0], [0, 0.5]]

THEOREM = Theorem(
    title="Growth of powers",
    words="‖Wˢ‖ lies between ρ(W)ˢ and κ(S) ρ(W)ˢ, so its s-th root tends to the spectral radius.",
    sources=(HORN_JOHNSON.at("section 5.6, Gelfand's formula"),),
    statement=_between(rho**s, kappa * rho**s),
    instances=diagonalised(),
    check=powers_satisfy,
    proof=GROWTH,
    assumptions=(diagonalisation, inverse),
    without={
        diagonalisation: shear,
        inverse: Case({W: half, S: half, S_inv: unit, lam: [[1], [1]], s: 1}),
    },
    certified=(Case({W: [[1, 2], [0, -1]], S: [[1, -1], [0, 1]], S_inv: [[1, 1], [0, 1]], lam: [[1], [-1]], s: 3}),),
    attained=Case({W: [[2, 0], [0, 1]], S: unit, S_inv: unit, lam: [[2], [1]], s: 1}),
    ratio=_ratio,
    ledger=("F5",),
    mutants={
        "no condition number": _between(rho**s, rho**s),
        "one factor of it": _between(rho**s, SpectralNorm(S) * rho**s),
        "one power more below": _between(rho ** (s + 1), kappa * rho**s),
        "condition number below": _between(kappa * rho**s, kappa * rho**s),
        "one power more above": _between(rho**s, kappa * rho ** (s + 1)),
    },
    uses=("spectra/powers", "spectra/spectral_norm"),
)
