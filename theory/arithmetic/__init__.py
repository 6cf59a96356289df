"""One derivation, any arithmetic: the number systems in which derived expressions are evaluated."""

from theory.arithmetic.base import Arithmetic, NotOffered, Undecided
from theory.arithmetic.duals import Dual, Duals
from theory.arithmetic.exact import Balls, Rationals, precision
from theory.arithmetic.floats import Floats
from theory.arithmetic.multiprecision import Multiprecision
from theory.arithmetic.rounded import Approximate, Rounded, Roundoff

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
