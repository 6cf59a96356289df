"""Clipping in 16 bits, where the square of 256 is out of range: scaled by its largest entry, a gradient is clipped.

What `overflow` says of float64 is said of float16 here, whose unit roundoff is 2⁻¹¹ and whose numbers end at 65504.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from sympy import Ge, Piecewise

from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import HIGHAM
from backproof.theory.theorems.clipping._rules import G, epsilon, half_clipping, in_floats, with_an_entry
from backproof.theory.theorems.clipping.overflow import (
    naive,
    nonzero,
    peak,
    positive,
    root,
    where_reached,
    within,
)


def _case(entry: float, threshold: float) -> Case:
    return Case({G: [[3 * entry, 0], [0, -4 * entry]], epsilon: threshold})


THEOREM = Theorem(
    title="Clipping in 16 bits",
    words="In float16, too, a gradient that is scaled by its largest entry is clipped right. Squared as they are, "
    "entries from 256 on make the norm infinite, and the gradient 0.",
    sources=(HIGHAM.at("chapter 27, on avoiding overflow and underflow"),),
    statement=within(where_reached(peak * root, epsilon / root / peak)),
    instances=gradient_tensors(epsilon, G, exponents=(0, 5, 7, 10, -5)).map(with_an_entry),
    check=half_clipping,
    decide=partial(in_floats, dtype=np.float16),
    assumptions=(positive, nonzero),
    without={positive: _case(1.0, -1.0), nonzero: _case(0.0, 1.0)},
    certified=(_case(100.0, 1.0), _case(1000.0, 4.0), _case(2.0**-6, 2.0**-8), _case(1.0, 5.0)),
    mutants={
        "the root of the sum of squares": within(where_reached(naive, epsilon / naive)),
        "squares against ε²": within(Piecewise((epsilon / naive, Ge(naive**2, epsilon**2)), (1, True))),
        "no test of the threshold": within(epsilon / root / peak),
        "the largest entry for the norm": within(where_reached(peak, epsilon / peak)),
        "the scale forgotten": within(where_reached(peak * root, epsilon / root)),
    },
)
