"""The signs of a QR factorisation: only with R's diagonal made positive is Q drawn uniformly.

Householder's reflections take the sign against the entry, so that Q_11 = −|A_11|/‖a_1‖ is never positive; Haar's
measure is even in every entry. The statistic, the share of draws with Q_11 > 0, was fixed before any run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import And, Eq, Gt, Lt, Rational, Symbol

from backproof.theory.confronting.quantities import drawn_satisfies
from backproof.theory.confronting.subject import offered
from backproof.theory.records.records import Measurement, Theorem
from backproof.theory.records.sources import MEZZADRI

UNITS, DRAWS = 6, 100

corrected, raw = (
    Symbol(rf"P(Q_{{11}} > 0)_{{\text{{{name}}}}}", nonnegative=True) for name in ("signs corrected", "as it comes")
)


def _positive(subject: Any, seed: int, haar: bool) -> float:
    matrix = offered(subject, "orthogonal_init")(UNITS, seed=seed, dtype=np.float64, haar=haar)
    return float(np.asarray(matrix)[0, 0] > 0)


def _share(haar: bool) -> Any:
    def share(subject: Any, block: int) -> float:
        return float(np.mean([_positive(subject, block * DRAWS + draw, haar) for draw in range(DRAWS)]))

    return share


def _says(*relations: Any) -> Any:
    return And(*relations, evaluate=False)


quarter = Rational(1, 4)
even = (Gt(corrected, quarter, evaluate=False), Lt(corrected, 1 - quarter, evaluate=False))
biased = Eq(raw, 0, evaluate=False)

THEOREM = Theorem(
    title="Uniform orthogonal starts",
    words="Q of a Gaussian's QR has Q_11 > 0 half of the time if R's diagonal is made positive, and never otherwise.",
    sources=(MEZZADRI.at("Haar measure and the QR decomposition"),),
    statement=_says(*even, biased),
    instances=st.integers(0, 2**10),
    check=drawn_satisfies({corrected: _share(True), raw: _share(False)}),
    ledger=("F8",),
    mutants={
        "even as it comes": _says(Gt(raw, quarter, evaluate=False), Lt(raw, 1 - quarter, evaluate=False)),
        "correction makes it positive": Gt(corrected, 1 - quarter, evaluate=False),
        "correction changes nothing": _says(Lt(corrected, quarter, evaluate=False), biased),
    },
    measurement=Measurement(
        quantity="share of seeds with Q_11 > 0, 6 units, R's diagonal made positive",
        effect="between 2/5 and 3/5, a half being that of Haar's measure",
        seeds=600,
        sample=lambda subject, seed: _positive(subject, seed, True),
        expected=(0.4, 0.6),
    ),
    examples=40,
)
