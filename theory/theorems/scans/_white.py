"""One complex unit ``s_t = λ s_{t−1} + u_t`` on white input, written with pairs of reals.

λ = α + iβ acts as ``α I + β [[0, −1], [1, 0]]``. The law of the input has finitely many outcomes, so means are
exact. White means uncorrelated in time; independence is not asked for.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from sympy import ImmutableDenseMatrix, Integer, MatrixSymbol, Symbol

from backproof.theory.evaluation.random import Law, Outcome
from backproof.theory.instances.laws import FairSigns, UnderLaw, over_time, sign_patterns
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Carried, Mean
from backproof.theory.language.notation import Sequence, t
from backproof.theory.records.records import Assumption

u = Sequence("u", Integer(2))
alpha, beta = Symbol("alpha", real=True), Symbol("beta", real=True)
lamda = ImmutableDenseMatrix([[alpha, -beta], [beta, alpha]])
q = alpha**2 + beta**2
P = Symbol("P")
i, j = Symbol("i", integer=True), Symbol("j", integer=True)
y, z = MatrixSymbol("y", 2, 1), MatrixSymbol("z", 2, 1)


def state(last: Any = t) -> Carried:
    """``s_last``, from s_0 = 0."""
    return Carried(lamda * y + u[i], y, (i, 1, last))


def sensitivity(last: Any = t) -> Carried:
    """``∂s_last/∂λ``, which a step multiplies by λ and adds the state before to."""
    return Carried(lamda * z + state(j - 1), z, (j, 1, last))


def power(column: Any) -> Mean:
    """``E|s|²``."""
    return Mean(column.T * column, P)


def is_white(instance: UnderLaw) -> bool:
    """Whether ``E u_s u_rᵀ = 0`` for s ≠ r and ``E‖u_s‖²`` is the same at every step, in exact numbers."""
    law, steps = instance.laws[P], range(1, (instance.steps or 0) + 1)

    def mean(early: int, one: int, late: int, other: int) -> Fraction:
        return sum(
            (
                drawn.probability * Fraction(drawn.values[u[early]][one][0]) * Fraction(drawn.values[u[late]][other][0])
                for drawn in law
            ),
            Fraction(0),
        )

    apart = all(mean(r, a, s, b) == 0 for s in steps for r in range(1, s) for a in (0, 1) for b in (0, 1))
    sizes = {mean(s, 0, s, 0) + mean(s, 1, s, 1) for s in steps}
    return sum(drawn.probability for drawn in law) == 1 and apart and len(sizes) == 1


white = Assumption(
    name="white input",
    text="E u_s u_rᵀ = 0 for s ≠ r, and E‖u_s‖² is the same at every step",
    holds=is_white,
)

COLUMNS = ((5, 0), (3, 4), (-4, 3), (0, 5), (4, -3))
"""Columns of one length."""


def signed(columns: Any, patterns: Any) -> tuple[Outcome, ...]:
    """Each of the patterns of signs with the same probability: step s reads its sign times its column."""
    listed = list(patterns)
    chance = Fraction(1, len(listed))
    drawn = (
        [[sign * entry for entry in column] for sign, column in zip(signs, columns, strict=True)] for signs in listed
    )
    return tuple(Outcome(probability=chance, values=over_time(u, rows)) for rows in drawn)


def unit(real: Any, imaginary: Any, law: Law, steps: int) -> UnderLaw:
    """λ, and the law of the input, as an instance."""
    return UnderLaw(Case({alpha: real, beta: imaginary}), {P: law}, steps)


@st.composite
def white_inputs(draw: Any) -> UnderLaw:
    """λ of halves and of fifths; fair signs for a column at each step, or a third sign that two others determine."""
    steps = draw(st.integers(1, 4))
    fifths = st.integers(-5, 5).map(lambda whole: Fraction(whole, 5))
    real, imaginary = draw(fifths), draw(fifths)
    if draw(st.booleans()) and steps < 3:
        return unit(real, imaginary, FairSigns(u, 2, steps), steps)
    signs: Any = [[sign for (sign,) in pattern] for pattern in sign_patterns(1, steps)]
    if steps == 3 and draw(st.booleans()):  # uncorrelated in pairs, and yet each is told by the other two
        signs = [pattern for pattern in signs if pattern[0] * pattern[1] == pattern[2]]
    return unit(real, imaginary, signed([draw(st.sampled_from(COLUMNS)) for _ in range(steps)], signs), steps)


LASTING = signed([(5, 0)] * 3, [(1, 1, 1), (-1, -1, -1)])
"""The same input at every step, of either sign: as far from white as can be."""
