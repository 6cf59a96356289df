"""In a linear net the moduli of the eigenvalues decide: all below one, and the gradient vanishes in the end."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, Gt, Integer, Le, Limit, Lt, MatPow, MatrixSymbol, Rational, oo
from sympy.matrices.expressions import Identity

from backproof.theory.language.nodes import SpectralNorm, SpectralRadius, StateJacobian
from backproof.theory.language.notation import T, W, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HORN_JOHNSON, PASCANU
from backproof.theory.theorems.jacobians._by_lag import lag
from backproof.theory.theorems.jacobians._endless import (
    EXPLODES,
    LIMIT,
    STAYS,
    VANISHES,
    decide_forever,
    forever_satisfies,
    spiralling,
)
from backproof.theory.theorems.jacobians.linear_net import linear
from backproof.theory.theorems.jacobians.vanishing_by_norm import SWITCH


def linear_forever(matrix: Any) -> Any:
    """A linear net with this W."""
    return net(W=matrix, inputs=[[0] * len(matrix)], activation="identity", loss="squared_error")


below_one = Lt(SpectralRadius(W), 1, evaluate=False)
inside = Assumption(name="inside the circle", text="ρ(W) < 1", holds=certainly(below_one), says=below_one)

rate = (1 + SpectralRadius(W)) / 2
basis, inverse = MatrixSymbol("B", n, n), MatrixSymbol("B^{-1}", n, n)
similar = inverse * W * basis
factor = SpectralNorm(basis) * SpectralNorm(inverse)
end_to_end = SpectralNorm(StateJacobian(T, 0))


def _power(exponent: Any) -> Any:
    return SpectralNorm(inverse * MatPow(W, exponent))


shrinking = Le(_power(lag), rate**lag * SpectralNorm(inverse), evaluate=False)

similarity = (
    line("between", Gt(rate, SpectralRadius(W), evaluate=False), "real arithmetic", inside.name),
    line("rate below 1", Lt(rate, 1, evaluate=False), "real arithmetic", inside.name),
    line("rate", Ge(rate, 0, evaluate=False), "real arithmetic"),
    line(
        "inverse",
        Eq(basis * inverse, Identity(n), evaluate=False),
        "supposition",
        why="Some similarity B brings the norm of W down to (1 + ρ)/2",
    ),
    line("similar", Le(SpectralNorm(similar), rate, evaluate=False), "supposition"),
)

powers = (
    line("B: start", Le(_power(0), rate**0 * SpectralNorm(inverse), evaluate=False), "real arithmetic"),
    line("B: hypothesis", shrinking, "supposition", why="Suppose it for the power l"),
    line(
        "B: one more",
        Eq(inverse * MatPow(W, lag + 1), similar * (inverse * MatPow(W, lag)), evaluate=False),
        "matrix algebra",
        "inverse",
        why="B⁻¹ W = (B⁻¹ W B) B⁻¹",
    ),
    by_fact(
        "B: factors",
        Le(SpectralNorm(similar * (inverse * MatPow(W, lag))), SpectralNorm(similar) * _power(lag), evaluate=False),
        "norm of a product",
        X=similar,
        Y=inverse * MatPow(W, lag),
    ),
    line(
        "B: product",
        Le(
            SpectralNorm(similar * (inverse * MatPow(W, lag))),
            rate ** (lag + 1) * SpectralNorm(inverse),
            evaluate=False,
        ),
        "real arithmetic",
        "B: factors",
        "similar",
        "B: hypothesis",
        "rate",
    ),
    line(
        "B: step",
        Le(_power(lag + 1), rate ** (lag + 1) * SpectralNorm(inverse), evaluate=False),
        "equals for equals",
        "B: one more",
        "B: product",
    ),
    line("B: every power", shrinking, "induction", "B: start", "B: step", index=lag, why="By induction on the power"),
    line(
        "power T",
        Le(_power(T), rate**T * SpectralNorm(inverse), evaluate=False),
        "instance",
        "B: every power",
        at={lag: T},
    ),
)

limits = (
    line(
        "net",
        Eq(StateJacobian(T, 0), MatPow(W, T), evaluate=False),
        "theorem",
        linear.name,
        id="jacobians/linear_net",
        at={t: T, k: Integer(0)},
        why="In a linear net ∂h_T/∂h_0 is a power of W",
    ),
    line(
        "net in B",
        Eq(StateJacobian(T, 0), basis * (inverse * MatPow(W, T)), evaluate=False),
        "matrix algebra",
        "net",
        "inverse",
    ),
    by_fact(
        "factors",
        Le(
            SpectralNorm(basis * (inverse * MatPow(W, T))),
            SpectralNorm(basis) * _power(T),
            evaluate=False,
        ),
        "norm of a product",
        X=basis,
        Y=inverse * MatPow(W, T),
    ),
    line(
        "bound on the factors",
        Le(SpectralNorm(basis * (inverse * MatPow(W, T))), factor * rate**T, evaluate=False),
        "real arithmetic",
        "factors",
        "power T",
        why="‖B‖ ‖B⁻¹‖ times a power of (1 + ρ)/2",
    ),
    line(
        "bound",
        Le(end_to_end, factor * rate**T, evaluate=False),
        "equals for equals",
        "net in B",
        "bound on the factors",
    ),
    line("at least 0", Ge(end_to_end, 0, evaluate=False), "real arithmetic"),
    by_fact(
        "powers vanish",
        Eq(Limit(rate**T, T, oo), 0, evaluate=False),
        "powers below 1 vanish",
        "rate",
        "rate below 1",
        q=rate,
        x=T,
    ),
    by_fact(
        "multiples vanish",
        Eq(Limit(factor * rate**T, T, oo), 0, evaluate=False),
        "a multiple of what vanishes",
        "powers vanish",
        c=factor,
        f=rate**T,
        x=T,
    ),
    line("vanishes in B", VANISHES, "squeeze", "at least 0", "bound", "multiples vanish", variable=T),
    line(
        "vanishes",
        VANISHES,
        "there is",
        "between",
        "vanishes in B",
        fact="a similarity close to the spectral radius",
        of={"X": W, "bound": rate},
        new={"basis": basis, "inverse": inverse},
        why="Such a similarity exists for every number above ρ(W)",
    ),
)

PROOF = Proof(lines=(*similarity, *powers, *limits))

THEOREM = Theorem(
    title="Gradients of linear nets vanish by the eigenvalues",
    words="If every eigenvalue of W has modulus below 1, ∂h_T/∂h_0 = Wᵀ (a power) tends to 0 in a linear net.",
    sources=(PASCANU.at("section 2.1, linear model"), HORN_JOHNSON.at("theorem 5.6.12")),
    statement=VANISHES,
    instances=spiralling(),
    check=forever_satisfies,
    proof=PROOF,
    decide=decide_forever,
    assumptions=(linear, inside),
    without={linear: SWITCH, inside: linear_forever([[-2]])},
    certified=(linear_forever([[0.5, 1024], [0, -0.5]]),),
    mutants={
        "explodes": EXPLODES,
        "stays": STAYS,
        "tends to the spectral radius of a half": Eq(LIMIT, Rational(1, 2), evaluate=False),
    },
    examples=80,
)
