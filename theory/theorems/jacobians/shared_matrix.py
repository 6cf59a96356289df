"""One matrix for all steps spreads a Jacobian's size more widely over draws than a matrix for each layer does.

With L factors a shared matrix repeats its own log ρ(W) L times, so that the spread grows with L; independent factors
add up, and it grows with √L. The effect was fixed before any run: twice the spread at 16 units and 64 factors.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import Eq, Function, Gt, Lt, Symbol, log

from backproof.theory.confronting.quantities import drawn_satisfies
from backproof.theory.language.nodes import SpectralNorm, StateJacobian
from backproof.theory.language.notation import T
from backproof.theory.records.records import Measurement, Theorem
from backproof.theory.records.sources import GINIBRE, TRAINING_RNNS
from backproof.theory.theorems.jacobians._deep import LAYERED
from backproof.theory.theorems.jacobians._starts import spread

of_shared, of_own, of_half = (
    Symbol(name, positive=True)
    for name in (r"s_{\text{one matrix}}", r"s_{\text{own matrices}}", r"s_{\text{half depth}}")
)


def _spread(jacobian: Any) -> Any:
    """The standard deviation over draws of the logarithm of a norm."""
    return Function("std")(log(SpectralNorm(jacobian)))


DEFINITIONS = {
    "one matrix": Eq(of_shared, _spread(StateJacobian(T, 0)), evaluate=False),
    "own matrices": Eq(of_own, _spread(LAYERED), evaluate=False),
}


def _ratio(subject: Any, seed: int) -> float:
    return spread(subject, seed, shared=True) / spread(subject, seed, shared=False)


THEOREM = Theorem(
    title="One matrix or many",
    words="Over draws of a normal W, log ‖∂h_64/∂h_0‖ of linear nets spreads more if all steps share W.",
    sources=(TRAINING_RNNS.at("recurrent and feed-forward nets"), GINIBRE.at("eigenvalues of real matrices")),
    statement=Gt(of_shared, of_own, evaluate=False),
    definitions=DEFINITIONS,
    instances=st.integers(0, 2**12),
    check=drawn_satisfies(
        {
            of_shared: lambda subject, block: spread(subject, block, shared=True),
            of_own: lambda subject, block: spread(subject, block, shared=False),
            of_half: lambda subject, block: spread(subject, block, shared=True, depth=32),
        }
    ),
    mutants={
        "own matrices spread more": Lt(of_shared, of_own, evaluate=False),
        "a shared matrix does not spread with depth": Lt(of_shared, of_half, evaluate=False),
        "own matrices spread as the half of a shared one": Gt(of_own, of_half, evaluate=False),
    },
    measurement=Measurement(
        quantity="mean over blocks of 24 draws of the spread of log₁₀ ‖∂h_64/∂h_0‖ with one matrix ÷ with its own for "
        "each layer; linear nets of 16 units, standard deviation 1/√n",
        effect="at least 2",
        seeds=24,
        sample=_ratio,
        expected=(2.0, 20.0),
    ),
    examples=12,
)
