"""With input scaled by √(1 − |λ|²) a linear unit keeps the mean square of what it reads, if that is white."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Eq

from backproof.theory.instances.laws import FairSigns
from backproof.theory.language.notation import t
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import ORVIETO
from backproof.theory.theorems.scans._white import (
    COLUMNS,
    LASTING,
    power,
    q,
    signed,
    state,
    u,
    unit,
    white,
    white_inputs,
)

read = power(u[t])


def _keeps(share: Any, scale: Any = 1 - q) -> Any:
    return Eq(scale * power(state()), share * read, evaluate=False)


THEOREM = Theorem(
    title="Normalised states",
    words="For s_t = λ s_{t−1} + √(1 − |λ|²) u_t on white input E|s_t|² = (1 − |λ|^{2t}) E|u_t|², from s_0 = 0.",
    sources=(ORVIETO.at("normalisation of the forward pass"),),
    statement=_keeps(1 - q**t),
    instances=white_inputs(),
    assumptions=(white,),
    without={white: unit(Fraction(3, 5), 0, LASTING, 3)},
    certified=(
        unit(Fraction(3, 5), Fraction(-1, 2), FairSigns(u, 2, 2), 2),
        unit(0.75, 0.5, signed(COLUMNS[:3], [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]), 3),
    ),
    mutants={
        "from the first step on": _keeps(1),
        "not squared": _keeps(1 - q**t, 1 - q**2),
        "without normalisation": _keeps(1 - q**t, 1),
        "a power short": _keeps(1 - q ** (t - 1)),
        "the factor itself": _keeps((1 - q**t) * (1 - q)),
    },
    examples=60,
)
