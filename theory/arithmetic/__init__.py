"""One derivation, any arithmetic: the number systems in which derived expressions are evaluated."""

from __future__ import annotations

from backproof.theory.arithmetic.base import Arithmetic, NotOffered, Undecided
from backproof.theory.arithmetic.duals import Dual, Duals
from backproof.theory.arithmetic.exact import Balls, Rationals, precision
from backproof.theory.arithmetic.floats import Floats
from backproof.theory.arithmetic.multiprecision import Multiprecision
from backproof.theory.arithmetic.rounded import Approximate, Rounded, Roundoff

__all__ = [
    "Approximate",
    "Arithmetic",
    "Balls",
    "Dual",
    "Duals",
    "Floats",
    "Multiprecision",
    "NotOffered",
    "Rationals",
    "Rounded",
    "Roundoff",
    "Undecided",
    "precision",
]
