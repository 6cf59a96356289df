"""Rotations and reflections: a uniform orthogonal matrix is either as often, but Q as Householder leaves it is not.

A reflection has determinant −1, and for n real columns Householder's method takes n − 1 of them, as the last column has
nothing left below its diagonal. So det Q = (−1)^{n−1} as it comes; with R's diagonal made positive both signs occur.
The statistic, the share of draws with det Q > 0, and its interval were fixed before any run. The number of seeds was
raised after one: of 600 a fair share leaves the interval by chance once in fifty, of 2000 hardly ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import And, Eq, Gt, Lt, Rational, Symbol

from backproof.theory.confronting.quantities import drawn_satisfies
from backproof.theory.confronting.subject import offered
from backproof.theory.records.records import Measurement, Theorem
from backproof.theory.records.sources import MEZZADRI

DRAWS = 100

corrected = {size: Symbol(rf"P(\det Q > 0)_{{n = {size}}}", nonnegative=True) for size in (2, 3)}
raw = {size: Symbol(rf"P(\det Q > 0)_{{n = {size}, \text{{as it comes}}}}", nonnegative=True) for size in (2, 3)}


def _rotates(subject: Any, size: int, seed: int, haar: bool) -> bool:
    """Whether the determinant is positive; of an orthogonal matrix it is 1 or −1, and no rounding hides which."""
    matrix = offered(subject, "orthogonal_init")(size, seed=seed, dtype=np.float64, haar=haar)
    return bool(np.linalg.det(np.asarray(matrix)) > 0)


def _share(size: int, haar: bool) -> Callable[[Any, int], float]:
    return lambda subject, block: float(
        np.mean([_rotates(subject, size, block * DRAWS + draw, haar) for draw in range(DRAWS)])
    )


def _says(*relations: Any) -> Any:
    return And(*relations, evaluate=False)


quarter = Rational(1, 4)
either = [
    relation
    for share in corrected.values()
    for relation in (Gt(share, quarter, evaluate=False), Lt(share, 1 - quarter, evaluate=False))
]
alternates = [Eq(raw[2], 0, evaluate=False), Eq(raw[3], 1, evaluate=False)]

THEOREM = Theorem(
    title="Rotations and reflections",
    words="Of uniform orthogonal matrices half have determinant 1, whatever their size. As QR leaves them, all of 2 "
    "units have −1, and all of 3 units 1.",
    sources=(MEZZADRI.at("Haar measure and the QR decomposition"),),
    statement=_says(*either, *alternates),
    instances=st.integers(0, 2**10),
    check=drawn_satisfies(
        {share: _share(size, True) for size, share in corrected.items()}
        | {share: _share(size, False) for size, share in raw.items()}
    ),
    mutants={
        "rotations alone": _says(Gt(corrected[2], 1 - quarter, evaluate=False), *alternates),
        "reflections alone": _says(Lt(corrected[3], quarter, evaluate=False), *alternates),
        "either as it comes": _says(Gt(raw[2], quarter, evaluate=False), Lt(raw[3], 1 - quarter, evaluate=False)),
        "reflections as they come": _says(Eq(raw[2], 0, evaluate=False), Eq(raw[3], 0, evaluate=False)),
    },
    measurement=Measurement(
        quantity="share of seeds with det Q > 0, 2 units, R's diagonal made positive",
        effect="between 2/5 and 3/5, a half being that of Haar's measure",
        seeds=2000,
        sample=lambda subject, seed: float(_rotates(subject, 2, seed, True)),
        expected=(0.4, 0.6),
    ),
    examples=15,
)
