"""Clipping where squares overflow or underflow: scaled by its largest entry, a gradient is clipped right in floats."""

from __future__ import annotations

from typing import Any

from sympy import And, Ge, Le, Min, Piecewise

from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import EuclideanNorm, FrobeniusNorm, InFloats, LargestEntry
from backproof.theory.language.notation import m, n
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HIGHAM, TRAINING_RNNS
from backproof.theory.theorems.clipping._rules import G, epsilon, float_clipping, in_floats, u, with_an_entry

gamma = 2 * (n * m + 5) * u
peak, naive = LargestEntry(G), FrobeniusNorm(G)
root = FrobeniusNorm(G / peak)


def within(factor: Any) -> Any:
    """``factor G``, evaluated in float64 as it is written, has the norm min(‖G‖, ε) up to 2(nm + 5) units u."""
    norm, limit = FrobeniusNorm(InFloats(factor * G)), Min(EuclideanNorm(G), epsilon)
    return And(Le(norm, limit * (1 + gamma)), Ge(norm, limit * (1 - gamma)))


def where_reached(norm: Any, factor: Any, otherwise: Any = 1) -> Any:
    """The factor where the norm reaches ε."""
    return Piecewise((factor, Ge(norm, epsilon)), (otherwise, True))


def _case(entry: float, threshold: float) -> Case:
    return Case({G: [[3 * entry, 0], [0, -4 * entry]], epsilon: threshold})


positive = Assumption(name="positive threshold", text="ε > 0", holds=lambda case: case[epsilon] > 0)
nonzero = Assumption(name="not zero", text="G ≠ 0", holds=lambda case: any(entry for row in case[G] for entry in row))

THEOREM = Theorem(
    title="Clipping beyond the range of squares",
    words="Scaled by its largest entry, a gradient whose squares overflow or underflow is still clipped right.",
    sources=(
        HIGHAM.at("chapter 27, on avoiding overflow and underflow"),
        TRAINING_RNNS.at("gradient explosion: overflow"),
    ),
    statement=within(where_reached(peak * root, epsilon / root / peak)),
    instances=gradient_tensors(epsilon, G, exponents=(0, 100, -100, 600, -600, 1000, -1000)).map(with_an_entry),
    check=float_clipping,
    decide=in_floats,
    assumptions=(positive, nonzero),
    without={positive: _case(1.0, -1.0), nonzero: _case(0.0, 1.0)},
    certified=(_case(2.0**1000, 1.0), _case(2.0**-700, 2.0**-702), _case(2.0**-700, 1.0), _case(1.0, 5.0)),
    mutants={
        "the root of the sum of squares": within(where_reached(naive, epsilon / naive)),
        "squares against ε²": within(Piecewise((epsilon / naive, Ge(naive**2, epsilon**2)), (1, True))),
        "no test of the threshold": within(epsilon / root / peak),
        "the largest entry for the norm": within(where_reached(peak, epsilon / peak)),
        "the scale forgotten": within(where_reached(peak * root, epsilon / root)),
    },
)
