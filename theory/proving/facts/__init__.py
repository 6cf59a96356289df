"""Facts of linear algebra and analysis that proofs may cite by name: each a schema, with its source.

A fact is a function of matrices and numbers that gives its hypotheses and its conclusion. The rule `fact` makes an
instance of it: the hypotheses have to be among the premises, the conclusion has to be the line.
"""

from backproof.theory.proving.facts import (
    activations,
    entries,
    existence,
    functions,
    norms,
    numbers,
    places,
    spectra,
    structured,
    sums,
)
from backproof.theory.proving.facts.schema import FACTS, Fact, fact

__all__ = [
    "FACTS",
    "Fact",
    "activations",
    "entries",
    "existence",
    "fact",
    "functions",
    "norms",
    "numbers",
    "places",
    "spectra",
    "structured",
    "sums",
]
