"""A random tanh net turns from decay to chaos at gain 1, where the eigenvalues of W cross the unit circle.

At the origin tanh has slope 1, and perturbations grow like powers of W, whose spectral radius is near g. Below g = 1
every state decays; above, the state wanders, and its largest Lyapunov exponent becomes positive.
"""

from __future__ import annotations

from hypothesis import strategies as st
from sympy import And, Function, Gt, Lt, Rational

from backproof.theory.records.records import Measurement, Theorem
from backproof.theory.records.sources import ENGELKEN, SOMPOLINSKY
from backproof.theory.theorems.spectra._determinants import gains_satisfy, turns

largest = Function("lambda_1")
half, four = Rational(1, 2), Rational(4)
decays, wanders = Lt(largest(half), 0, evaluate=False), Gt(largest(four), 0, evaluate=False)

THEOREM = Theorem(
    title="From decay to chaos",
    words="For h_t = tanh(W h_{t−1}) with W of standard deviation g/√n, the largest Lyapunov exponent turns positive.",
    sources=(SOMPOLINSKY.at("transition to chaos"), ENGELKEN.at("dependence of the exponents on the gain")),
    statement=And(decays, wanders, evaluate=False),
    instances=st.integers(0, 2**16),
    check=gains_satisfy,
    ledger=("F12",),
    mutants={
        "decay at every gain": And(decays, Lt(largest(four), 0, evaluate=False), evaluate=False),
        "chaos at every gain": And(Gt(largest(half), 0, evaluate=False), wanders, evaluate=False),
        "as for W alone": And(decays, Gt(largest(four), 1, evaluate=False), evaluate=False),
    },
    measurement=Measurement(
        quantity="share of nets of 64 units with λ_1 < 0 at g = 3/4 and λ_1 > 0 at g = 2",
        effect="more than four in five",
        seeds=60,
        sample=turns,
        expected=(0.8, 1.0),
    ),
    examples=10,
)
