"""What `backproof new` writes: a complete small theorem, to be changed line by line into one's own."""

TEMPLATE = '''"""{title}."""

from sympy import Ge, Le

from backproof import Source, Theorem
from backproof.nodes import FrobeniusNorm, SpectralNorm
from backproof.notation import W
from backproof.strategies import cases

MATRIX_ANALYSIS = Source(key="HornJohnson", title="Matrix Analysis", by="R. A. Horn, C. R. Johnson", year=2012)

THEOREM = Theorem(
    title="{title}",
    words="No vector is stretched by more than the root of the sum of squares of the entries.",
    sources=(MATRIX_ANALYSIS.at("matrix norms"),),
    statement=Le(SpectralNorm(W), FrobeniusNorm(W)),
    instances=cases(W, units=(1, 4)),
    mutants={{
        "the other way round": Ge(SpectralNorm(W), FrobeniusNorm(W)),
        "half of it": Le(SpectralNorm(W), FrobeniusNorm(W) / 2),
    }},
)
'''
