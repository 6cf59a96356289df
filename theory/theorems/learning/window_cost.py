"""What a window costs: more than one sweep through the whole text, less than a whole sweep for every step."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import And, Eq, Gt, Le

from backproof.theory.instances.values import Case
from backproof.theory.language.notation import T
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, WILLIAMS_PENG
from backproof.theory.theorems.learning._text_pairs import K
from backproof.theory.theorems.learning._text_pairs_check import counts
from backproof.theory.theorems.learning._text_pairs_proof import COST, counted, swept

here, further = swept(K, T), swept(K + 1, T)
dearer = Gt(further, here)


def _says(closed: Any, low: Any = T, high: Any = T * (T + 1) / 2, longer: Any = dearer) -> Any:
    return And(Eq(here, closed, evaluate=False), Gt(here, low - 1), Le(here, high), longer, evaluate=False)


@st.composite
def windows(draw: Any) -> Case:
    """A window and a text that is longer."""
    window = draw(st.integers(1, 12))
    return Case({K: window, T: window + draw(st.integers(1, 20))})


shorter = Assumption(name="shorter than the text", text="1 ≤ K < T", holds=lambda case: 1 <= case[K] < case[T])
closed = K * T - K * (K - 1) / 2

THEOREM = Theorem(
    title="What a window costs",
    words="Truncated at K steps, T losses sweep back through KT − K(K − 1)/2 steps: more with each step of the window, "
    "fewer than if each went back to the start, and no fewer than the one sweep of T steps that serves them all.",
    sources=(CS6180.at("truncated back-propagation through time"), WILLIAMS_PENG.at("BPTT(h)")),
    statement=_says(closed),
    instances=windows(),
    check=counts,
    proof=COST,
    decide=counted,
    assumptions=(shorter,),
    without={shorter: Case({K: 4, T: 2})},
    certified=(Case({K: 2, T: 3}), Case({K: 1, T: 2}), Case({K: 100, T: 1000})),
    mutants={
        "K steps for every loss": _says(K * T),
        "a whole sweep for every loss": _says(T * (T + 1) / 2),
        "one sweep is dearer": _says(closed, high=T - 1),
        "a longer window costs no more": _says(closed, longer=Le(further, here)),
        "one step too many at the start": _says(closed + 1),
    },
    examples=60,
)
