"""What proofs about two texts of a pair share: the second text's quantities, what the texts have in common, a lag."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, Implies, Symbol

from backproof.theory.evaluation.truth import decide
from backproof.theory.language.notation import h, t, x
from backproof.theory.proving.kernel import Line, line
from backproof.theory.records.records import Assumption
from backproof.theory.theorems.learning._text_pairs import Pair, h_other, x_other

lag = Symbol("l", integer=True, nonnegative=True)


def _alike_later(pair: Pair) -> bool:
    first, other = pair.net.inputs[1:, 0], pair.net.inputs[1:, 1]
    return bool((first == other).all())


common_start = Eq(h_other[0], h[0], evaluate=False)
later = Implies(Ge(t, 2, evaluate=False), Eq(x_other[t], x[t], evaluate=False), evaluate=False)
same_words = Assumption(
    name="same later words", text="x_t = x_t′ from the second word on", holds=_alike_later, says=later, every=(t,)
)
same_start = Assumption(
    name="same start", text="h_0 = h_0′", holds=lambda pair: decide(common_start, pair) is True, says=common_start
)


def same_word(name: str, time: Any, *by: str) -> tuple[Line, ...]:
    """Lines for ``x′ = x`` at a time, which the lines ``by`` show to be 2 or later."""
    second, alike = Ge(time, 2, evaluate=False), Eq(x_other[time], x[time], evaluate=False)
    return (
        line(f"{name}: not the first", second, "integers", *by),
        line(
            f"{name}: so the same",
            Implies(second, alike, evaluate=False),
            "instance",
            "same later words",
            at={t: time},
        ),
        line(name, alike, "modus ponens", f"{name}: so the same", f"{name}: not the first"),
    )
