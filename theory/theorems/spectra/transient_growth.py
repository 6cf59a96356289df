"""Every eigenvalue promises decay, and yet the gradient grows first: powers of a matrix far from normal.

‖N‖ bounds nothing of ρ(W): W = [[1/2, c], [0, 1/2]] has ρ = 1/2 and ‖W‖ ≥ c. A power peaks near s = 1/log(1/|λ|).
"""

from __future__ import annotations

from typing import Any

from sympy import And, Gt, Le, Lt, MatrixSymbol, Symbol
from sympy.matrices.expressions import Identity

from backproof.theory.arithmetic import Balls
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Inner, SpectralNorm, SpectralRadius
from backproof.theory.language.notation import W, n, s
from backproof.theory.proving.builders import both, equal
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import TREFETHEN_EMBREE
from backproof.theory.theorems.spectra._nilpotent import (
    N,
    closed_form,
    lamda,
    modulus,
    norm,
    norms,
    peak,
    powers_and_facts,
    triangular,
)
from backproof.theory.theorems.spectra.defective_growth import nilpotent, one, shift, zero

hump = peak
decay = Lt(SpectralRadius(W), 1, evaluate=False)


def _says(low: Any, high: Any, radius: Any = decay) -> Any:
    return And(radius, Le(low, norm, evaluate=False), Le(norm, high, evaluate=False), evaluate=False)


def _ratio(case: Case) -> float:
    """‖W‖ over ‖N‖ + |λ|, for s = 1."""
    A = Balls()
    return float(A.spectral_norm(A.matrix(case[W]))) / (
        float(A.spectral_norm(A.matrix(case[N]))) + abs(float(case[lamda]))
    )


within = And(Gt(modulus, 0, evaluate=False), Lt(modulus, 1, evaluate=False), evaluate=False)
inside = Assumption(
    name="inside the circle", text="0 < |λ| < 1", holds=lambda case: decide(within, case) is True, says=within
)

al, be = Symbol("alpha", real=True), Symbol("beta", real=True)
x, y = MatrixSymbol("x", n, 1), MatrixSymbol("y", n, 1)
real, imaginary = (al - lamda) * x - be * y, be * x + (al - lamda) * y
length = Inner(x, x) + Inner(y, y)


def radius() -> tuple[Line, ...]:
    """Lines to "decay": ρ(W) = |λ| < 1, as (μ − λ)² = 0 for every eigenvalue μ = α + iβ of W."""
    return (
        line("real part", equal(W * x, al * x - be * y), "supposition", why="Let W(x + iy) = (α + iβ)(x + iy)"),
        line("imaginary part", equal(W * y, be * x + al * y), "supposition"),
        line(
            "an eigenvector", Gt(length, 0, evaluate=False), "supposition", why="for a vector x + iy that is not zero"
        ),
        line("N", equal(N, W - lamda * Identity(n)), "linear combination", "shift", factors=((-1, 1),)),
        line("N x", equal(N * x, real), "matrix algebra", "N", "real part", why="So N multiplies it by α + iβ − λ"),
        line("N y", equal(N * y, imaginary), "matrix algebra", "N", "imaginary part"),
        line(
            "twice",
            equal(
                Inner(N * N * x, N * N * x) + Inner(N * N * y, N * N * y),
                ((al - lamda) ** 2 + be**2) ** 2 * length,
            ),
            "matrix algebra",
            *("N x", "N y"),
            why="and N N its length by |α + iβ − λ|²",
        ),
        line(
            "vanishes",
            equal(Inner(N * N * x, N * N * x) + Inner(N * N * y, N * N * y), 0),
            "matrix algebra",
            "nilpotent",
        ),
        line("distance", equal((al - lamda) ** 2 + be**2, 0), "real arithmetic", "twice", "vanishes", "an eigenvector"),
        line("modulus", equal(al**2 + be**2, lamda**2), "real arithmetic", "distance", why="So α + iβ = λ"),
        line(
            "radius squared",
            equal(SpectralRadius(W) ** 2, lamda**2),
            "every eigenvalue",
            "modulus",
            **{"of": W, "real": al, "imaginary": be, "x": x, "y": y},
        ),
        line("decay", decay, "real arithmetic", "radius squared", "inside the circle"),
    )


PROOF = Proof(
    lines=(
        *radius(),
        *closed_form("inside the circle"),
        *norms(),
        both("all", _says(hump - modulus**s, hump + modulus**s), "decay", "lower", "upper"),
    )
)

THEOREM = Theorem(
    title="Transient growth",
    words="With ρ(W) = |λ| < 1, ‖Wˢ‖ still climbs to about s |λ|^(s−1) ‖N‖, as high as you like, before it decays.",
    sources=(TREFETHEN_EMBREE.at("part IV, transient effects"),),
    statement=_says(hump - modulus**s, hump + modulus**s),
    instances=triangular(0.5, 0.75, 0.9375),
    check=powers_and_facts,
    proof=PROOF,
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
)
