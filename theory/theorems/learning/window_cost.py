"""What a window costs: more than one sweep through the whole text, less than a whole sweep for every step."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import And, Eq, Ge, Gt, Le, Lt, Min, Or, Symbol

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import StepSum
from backproof.theory.language.notation import T, t
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, WILLIAMS_PENG
from backproof.theory.theorems.learning._text_pairs import K
from backproof.theory.theorems.learning._text_pairs_check import counts
from backproof.theory.theorems.learning._windows import DEFINITION, counted, swept

here, further = swept(K, T), swept(K + 1, T)
dearer = Gt(further, here)


def _says(closed: Any, low: Any = T, high: Any = T * (T + 1) / 2, longer: Any = dearer) -> Any:
    return And(Eq(here, closed, evaluate=False), Gt(here, low - 1), Le(here, high), longer, evaluate=False)


@st.composite
def windows(draw: Any) -> Case:
    """A window and a text that is longer."""
    window = draw(st.integers(1, 12))
    return Case({K: window, T: window + draw(st.integers(1, 20))})


ends = Lt(K, T, evaluate=False)
shorter = Assumption(
    name="shorter than the text", text="K < T", holds=lambda case: decide(ends, case) is True, says=ends
)
closed = K * T - K * (K - 1) / 2
s = Symbol("s", integer=True, nonnegative=True)


def _up_to(steps: Any, window: Any = K) -> Any:
    """The steps swept back for the losses of the first steps, added up and in closed form."""
    back = Min(steps, window)
    return Eq(StepSum(Min(t, window), t, 1, steps), back * steps - back * (back - 1) / 2, evaluate=False)


PROOF = Proof(
    lines=(
        line(
            "no step", Eq(StepSum(Min(t, K), t, 1, 0), 0, evaluate=False), "ends of a sum", why="Nothing is swept yet"
        ),
        line("window", Ge(K, 1, evaluate=False), "integers"),
        line("start", _up_to(0), "real arithmetic", "no step", "window"),
        line("hypothesis", _up_to(s), "supposition", why="Suppose it for the first s steps"),
        line(
            "one more loss",
            Eq(StepSum(Min(t, K), t, 1, s + 1), StepSum(Min(t, K), t, 1, s) + Min(s + 1, K), evaluate=False),
            "ends of a sum",
        ),
        line(
            "before or after",
            Or(Le(s + 1, K, evaluate=False), Ge(s, K, evaluate=False), evaluate=False),
            "integers",
            why="Its loss goes back to the first step if s < K, and through K steps otherwise",
        ),
        line("step", _up_to(s + 1), "real arithmetic", "hypothesis", "one more loss", "before or after"),
        line("any text", _up_to(s), "induction", "start", "step", index=s, why="By induction on the steps"),
        line("the text", _up_to(T), "instance", "any text", at={s: T}),
        line(
            "closed",
            Eq(here, closed, evaluate=False),
            "real arithmetic",
            "steps swept",
            "the text",
            "shorter than the text",
        ),
        line(
            "at least", Gt(here, T - 1, evaluate=False), "real arithmetic", "closed", "window", "shorter than the text"
        ),
        line(
            "at most", Le(here, T * (T + 1) / 2, evaluate=False), "real arithmetic", "closed", "shorter than the text"
        ),
        line("wider", _up_to(T, K + 1), "instance", "the text", at={K: K + 1}),
        line(
            "swept through it",
            Eq(further, StepSum(Min(t, K + 1), t, 1, T), evaluate=False),
            "instance",
            "steps swept",
            at={K: K + 1},
        ),
        line(
            "dearer",
            dearer,
            "real arithmetic",
            "closed",
            "swept through it",
            "wider",
            "shorter than the text",
            why="One step more for every loss from K + 1 on",
        ),
        line("cost", _says(closed), "together", "closed", "at least", "at most", "dearer"),
    )
)

THEOREM = Theorem(
    title="What a window costs",
    words="Truncated at K steps, T losses sweep back through KT − K(K − 1)/2 steps: more with each step of the window, "
    "fewer than if each went back to the start, and no fewer than the one sweep of T steps that serves them all.",
    sources=(CS6180.at("truncated back-propagation through time"), WILLIAMS_PENG.at("BPTT(h)")),
    statement=_says(closed),
    instances=windows(),
    check=counts,
    proof=PROOF,
    definitions={"steps swept": DEFINITION},
    decide=counted,
    assumptions=(shorter,),
    without={shorter: Case({K: 4, T: 2})},
    certified=(Case({K: 2, T: 3}), Case({K: 1, T: 2}), Case({K: 100, T: 1000})),
    mutants={
        "K steps for every loss": _says(K * T),
        "a whole sweep for every loss": _says(T * (T + 1) / 2),
        "no dearer than one sweep": _says(closed, high=T),
        "a longer window costs no more": _says(closed, longer=Le(further, here)),
        "one step too many at the start": _says(closed + 1),
    },
    examples=60,
)
