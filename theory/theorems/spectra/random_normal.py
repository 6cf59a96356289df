"""A normal start spreads its eigenvalues over a disc whose radius is the scale of the entries times √n.

With standard deviation 2/√n about n/4 eigenvalues lie within the unit circle, so that none does is out of the question.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import And, Gt, Lt

from backproof.theory.confronting.subject import offered
from backproof.theory.language.nodes import SmallestModulus, SpectralNorm, SpectralRadius
from backproof.theory.language.notation import W
from backproof.theory.records.records import Measurement, Theorem
from backproof.theory.records.sources import CS6180, GINIBRE
from backproof.theory.theorems.spectra._matrices import Drawn, random_satisfies

GAIN, SIZE = 1.5, 128


def _relative_radius(subject: Any, seed: int) -> float:
    """ρ(W) over g for entries of standard deviation g/√n."""
    matrix = offered(subject, "normal_init")(SIZE, std=GAIN / SIZE**0.5, seed=seed)
    return float(np.max(np.abs(np.linalg.eigvals(np.asarray(matrix))))) / GAIN


large, small = Gt(SpectralRadius(W), 1, evaluate=False), Lt(SmallestModulus(W), 1, evaluate=False)

THEOREM = Theorem(
    title="Eigenvalues of a normal start",
    words="A normal W of standard deviation 2/√n has |λ| above and below 1; with g/√n its spectral radius is near g.",
    sources=(CS6180.at("large and small eigenvalues of W_h"), GINIBRE.at("eigenvalues of real matrices")),
    statement=And(large, small, evaluate=False),
    instances=st.builds(Drawn, size=st.just(64), seed=st.integers(0, 2**16)),
    check=random_satisfies,
    ledger=("F12",),
    mutants={
        "none above one": And(Lt(SpectralRadius(W), 1, evaluate=False), small, evaluate=False),
        "none below one": And(large, Gt(SmallestModulus(W), 1, evaluate=False), evaluate=False),
        "a contraction": Lt(SpectralNorm(W), 1, evaluate=False),
    },
    measurement=Measurement(
        quantity="mean of ρ(W) ÷ g for 128 units and entries with standard deviation g/√n, g = 3/2",
        effect="between 0.9 and 1.1, as the circular law has it in the limit",
        seeds=40,
        sample=_relative_radius,
        expected=(0.9, 1.1),
    ),
    examples=60,
)
