"""A mean over all charged steps is not the mean of the sequences' means, unless lengths or means agree."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import And, Implies, Le, Ne, Symbol

from backproof.theory.arithmetic import Roundoff
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.subject import answer
from backproof.theory.instances.values import Case
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import TRAINING_RNNS

s_1, s_2 = (Symbol(name, real=True) for name in ("s_1", "s_2"))
T_1, T_2 = (Symbol(name, integer=True, positive=True) for name in ("T_1", "T_2"))
first, second = s_1 / T_1, s_2 / T_2
pooled, averaged = (s_1 + s_2) / (T_1 + T_2), (first + second) / 2


def _differ(by: Any) -> Any:
    return equal(pooled - averaged, by)


def _says(gap: Any, agreeing: Any, differing: Any) -> Any:
    return And(gap, agreeing, differing, evaluate=False)


gap = _differ((T_1 - T_2) * (first - second) / (2 * (T_1 + T_2)))
agreeing = Implies(equal(T_1, T_2), equal(pooled, averaged), evaluate=False)
different = And(Ne(T_1, T_2, evaluate=False), Ne(first, second, evaluate=False), evaluate=False)
differing = Implies(different, Ne(pooled, averaged, evaluate=False), evaluate=False)

PROOF = Proof(
    lines=(
        line("gap", gap, "real arithmetic", why="Brought to one denominator"),
        line("lengths", equal(T_1, T_2), "supposition"),
        line("the same", equal(pooled, averaged), "real arithmetic", "lengths"),
        line("agreeing", agreeing, "implication", "the same"),
        line("both differ", different, "supposition"),
        line(
            "not the same",
            Ne(pooled, averaged, evaluate=False),
            "real arithmetic",
            "gap",
            "both differ",
            why="Neither factor of the difference is 0",
        ),
        line("differing", differing, "implication", "not the same"),
        line("all", _says(gap, agreeing, differing), "together", "gap", "agreeing", "differing"),
    )
)


@st.composite
def two_sequences(draw: Any) -> Case:
    """Losses s = r²/2 of one output r, in two sequences of up to five steps."""
    r = [draw(st.integers(-6, 6)) for _ in range(2)]
    lengths = [draw(st.integers(1, 5)) for _ in range(2)]
    return Case({s_1: r[0] ** 2 / 2, s_2: r[1] ** 2 / 2, T_1: lengths[0], T_2: lengths[1]})


def means_of_a_subject(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The statement; and the subject's mean over one sequence, of the loss and of a gradient, against s/T and r/T.

    The net hands its input on, r at the first step and 0 later, and every target is 0. Only the division rounds.
    """
    yield from settled(statement, subject, case)
    for total, steps in ((s_1, T_1), (s_2, T_2)):
        r, T = float(np.sqrt(2 * case[total])), case[steps]
        inputs = [[r], *[[0.0]] * (T - 1)]
        handed_on = net(W=[[0]], inputs=inputs, targets=[[0]] * T, activation="identity", loss="squared_error")
        handed_on = handed_on.with_(reduction="mean")
        unit = Roundoff.of(np.float64).unit
        for what, got, exact in (
            ("mean loss", answer(subject, "loss", handed_on), Fraction(case[total]) / T),
            ("∂L/∂c of the mean", answer(subject, "gradients", handed_on)["c"][0], Fraction(r) / T),
        ):
            bound = np.array([[2 * T * unit * abs(float(exact))]])
            yield agree(f"{what} of {T} steps", [[got]], np.array([[float(exact)]]), bound)


THEOREM = Theorem(
    title="Mean over valid steps",
    words="Two sequences of T_1 and T_2 charged steps have the losses s_1 and s_2. The mean over all steps is the "
    "mean of the two means if the lengths agree, and is another one if neither the lengths nor the means do; the same "
    "holds for gradients, entry by entry.",
    sources=(TRAINING_RNNS.at("loss of a sequence, for what averaging over a batch leaves open"),),
    statement=_says(gap, agreeing, differing),
    instances=two_sequences(),
    check=means_of_a_subject,
    proof=PROOF,
    certified=(
        Case({s_1: 1, s_2: 0, T_1: 1, T_2: 3}),
        Case({s_1: 1, s_2: 0, T_1: 2, T_2: 2}),
        Case({s_1: 1, s_2: 3, T_1: 1, T_2: 3}),
    ),
    mutants={
        "the same for every length": _differ(0),
        "different whenever lengths are": Implies(
            Ne(T_1, T_2, evaluate=False), Ne(pooled, averaged, evaluate=False), evaluate=False
        ),
        "longer sequences count less": _differ((T_2 - T_1) * (first - second) / (2 * (T_1 + T_2))),
        "the pooled mean is no larger": Le(pooled, averaged, evaluate=False),
        "not divided by both lengths": _differ((T_1 - T_2) * (first - second) / 2),
    },
)
