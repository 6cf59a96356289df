"""The sensitivity of a linear unit to λ outgrows its state: with q = |λ|² as (1 + q)/(1 − q)³ beside 1/(1 − q).

No gradient explodes on the way back, for |λ| < 1; what grows is how much of the past depends on λ.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Eq

from backproof.theory.instances.laws import FairSigns
from backproof.theory.language.notation import t
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import ZUCCHET
from backproof.theory.theorems.scans._white import (
    COLUMNS,
    LASTING,
    power,
    q,
    sensitivity,
    signed,
    u,
    unit,
    white,
    white_inputs,
)

read, moved = power(u[t]), power(sensitivity())
missing = q ** (t - 1) * (t**2 - (2 * t**2 - 2 * t - 1) * q + (t - 1) ** 2 * q**2)


def _grows(share: Any, scale: Any = (1 - q) ** 3) -> Any:
    return Eq(scale * moved, share * read, evaluate=False)


THEOREM = Theorem(
    title="Growth of the sensitivity to λ",
    words="On white input (1 − q)³ E|∂s_t/∂λ|² tends to (1 + q) E|u_t|² for q = |λ|² < 1, as t² q^t falls.",
    sources=(ZUCCHET.at("the curse of memory"),),
    statement=_grows(1 + q - missing),
    instances=white_inputs(),
    assumptions=(white,),
    without={white: unit(Fraction(3, 5), 0, LASTING, 3)},
    certified=(
        unit(Fraction(3, 5), Fraction(-1, 2), FairSigns(u, 2, 2), 2),
        unit(0.75, 0.5, signed(COLUMNS[:3], [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]), 3),
    ),
    mutants={
        "as the state": _grows(1 - q ** (t - 1), 1 - q),
        "its square": _grows(1 + q - missing, (1 - q) ** 2),
        "from the first step on": _grows(1 + q),
        "1 − q above": _grows(1 - q - missing),
        "a power more is missing": _grows(1 + q - q * missing),
    },
    examples=60,
)
