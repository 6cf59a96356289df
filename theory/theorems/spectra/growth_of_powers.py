"""Powers grow as the spectral radius does, within the condition number of the eigenvectors."""

from __future__ import annotations

from typing import Any

from sympy import And, Le, MatPow

from backproof.theory.arithmetic import Balls
from backproof.theory.instances.strategies import diagonalised
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import LargestEntry, SpectralNorm, SpectralRadius
from backproof.theory.language.notation import D, S, S_inv, W, lam, s
from backproof.theory.proving.builders import both, bounded, by_fact, equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import HORN_JOHNSON
from backproof.theory.theorems.spectra._matrices import powers_satisfy
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

power, largest = MatPow(D, s), LargestEntry(lam)
lower, upper = bounded(rho**s, norm), bounded(norm, kappa * rho**s)

PROOF = Proof(
    lines=(
        by_fact(
            "radius of a power", equal(SpectralRadius(MatPow(W, s)), rho**s), "spectral radius of a power", X=W, s=s
        ),
        by_fact("from below", bounded(SpectralRadius(MatPow(W, s)), norm), "spectral radius and norm", X=MatPow(W, s)),
        line("lower", lower, "real arithmetic", "radius of a power", "from below", why="ρ(W)ˢ = ρ(Wˢ) ≤ ‖Wˢ‖"),
        line(
            "power",
            equal(MatPow(W, s), S * power * S_inv),
            "theorem",
            *("diagonalisation", "inverse"),
            id="spectra/powers",
            why="Powers of a diagonalised matrix",
        ),
        by_fact(
            "vectors and the rest",
            bounded(SpectralNorm(S * (power * S_inv)), SpectralNorm(S) * SpectralNorm(power * S_inv)),
            "norm of a product",
            X=S,
            Y=power * S_inv,
        ),
        by_fact(
            "values and the rest",
            bounded(SpectralNorm(power * S_inv), SpectralNorm(power) * SpectralNorm(S_inv)),
            "norm of a product",
            X=power,
            Y=S_inv,
        ),
        by_fact("values", equal(SpectralNorm(power), largest**s), "norm of a power of a diagonal", d=lam, s=s),
        line(
            "product",
            bounded(SpectralNorm(S * power * S_inv), kappa * largest**s),
            "real arithmetic",
            *("vectors and the rest", "values and the rest", "values"),
            why="‖S Dˢ S⁻¹‖ ≤ ‖S‖ ‖Dˢ‖ ‖S⁻¹‖, and ‖Dˢ‖ = max |λ_i|ˢ",
        ),
        by_fact(
            "similar",
            equal(SpectralRadius(S * D * S_inv), SpectralRadius(D)),
            "spectral radius of similar matrices",
            "inverse",
            X=S,
            Y=S_inv,
            Z=D,
        ),
        by_fact("radius of the diagonal", equal(SpectralRadius(D), largest), "spectral radius of a diagonal", d=lam),
        line(
            "radius",
            equal(rho, largest),
            "equals for equals",
            *("diagonalisation", "radius of the diagonal", "similar"),
            why="ρ(W) = ρ(D) = max |λ_i|",
        ),
        line(
            "with the radius",
            bounded(SpectralNorm(S * power * S_inv), kappa * rho**s),
            "equals for equals",
            "radius",
            "product",
        ),
        line("upper", upper, "equals for equals", "power", "with the radius"),
        both("between", _between(rho**s, kappa * rho**s), "lower", "upper"),
    )
)

THEOREM = Theorem(
    title="Growth of powers",
    words="‖Wˢ‖ lies between ρ(W)ˢ and κ(S) ρ(W)ˢ, so its s-th root tends to the spectral radius.",
    sources=(HORN_JOHNSON.at("section 5.6, Gelfand's formula"),),
    statement=_between(rho**s, kappa * rho**s),
    instances=diagonalised(),
    check=powers_satisfy,
    proof=PROOF,
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
)
