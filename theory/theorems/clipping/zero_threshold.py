"""Clipping by norm down to a threshold of 0: nothing is left of any gradient, and 0 is never divided by 0.

At ε = ‖g‖ = 0 the factor ε/‖g‖ has no value. A strict test, ‖g‖ > ε, never asks for it: wherever it divides, ‖g‖ > 0.
"""

from __future__ import annotations

from hypothesis import strategies as st
from sympy import Ge, Gt, Max, Piecewise, Rational

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import PASCANU
from backproof.theory.theorems.clipping._one_factor import capped_and_aligned, scaled, whole
from backproof.theory.theorems.clipping._rules import A, B, epsilon, norm_clipping

from_zero = Ge(epsilon, 0, evaluate=False)
not_negative = Assumption(
    name="threshold from 0", text="ε ≥ 0", holds=lambda case: decide(from_zero, case) is True, says=from_zero
)


def _where_beyond(factor: object, otherwise: object = 1) -> Piecewise:
    return Piecewise((factor, Gt(whole, epsilon)), (otherwise, True))


scale = _where_beyond(epsilon / whole)

instances = st.builds(
    lambda case, keep: case.with_({epsilon: case[epsilon] * keep}),
    gradient_tensors(epsilon, A, B, exponents=(0, 0, 8, -40, 400)),
    st.sampled_from([0, 0, 1]),
)

THEOREM = Theorem(
    title="Clipping at a threshold of 0",
    words="With the strict test ‖g‖ > ε clipping is right from ε = 0 on, where every gradient becomes 0 and 0 stays 0.",
    sources=(PASCANU.at("algorithm 1, whose test is not strict"),),
    statement=scaled(scale),
    instances=instances,
    check=norm_clipping,
    proof=capped_and_aligned(scale, not_negative.name),
    assumptions=(not_negative,),
    without={not_negative: Case({A: [[3]], B: [[4]], epsilon: -1})},
    certified=(
        Case({A: [[0]], B: [[0]], epsilon: 0}),
        Case({A: [[3]], B: [[4]], epsilon: 0}),
        Case({A: [[3]], B: [[4]], epsilon: 5}),
    ),
    mutants={
        "a threshold of 0 clips nothing": scaled(Piecewise((1, epsilon <= 0), (scale, True))),
        "half of it": scaled(_where_beyond(epsilon / (2 * whole))),
        "the norm without its root": scaled(_where_beyond(epsilon / whole**2)),
        "small gradients halved": scaled(_where_beyond(epsilon / whole, Rational(1, 2))),
        "the larger of norm and ε": scaled(scale, limit=Max(whole, epsilon)),
    },
)
