"""Values for expressions: each kind of matrix node is turned once into a call on an arithmetic.

The environment says what symbols stand for. Nothing of this is shared with the implementation under test.
"""

from __future__ import annotations

from backproof.theory.evaluation import matrices, measures, random, scalars, spectrum, times
from backproof.theory.evaluation.core import Environment, Evaluator, compiled, evaluate, interned

__all__ = [
    "Environment",
    "Evaluator",
    "compiled",
    "evaluate",
    "interned",
    "matrices",
    "measures",
    "random",
    "scalars",
    "spectrum",
    "times",
]
