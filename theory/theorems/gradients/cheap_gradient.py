"""What a gradient costs: back-propagation a few forward passes, real-time recurrent learning n⁴ a step."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import And, Eq, Ge, Le

from backproof.theory.language.notation import T, n
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import GRIEWANK_WALTHER, WILLIAMS_ZIPSER
from backproof.theory.theorems.gradients._cost import (
    BPTT,
    CHEAP,
    FORWARD,
    RTRL,
    Operations,
    Sizes,
    counted,
    decide,
    derived,
)

forward, backward, sensitivities = (Operations(method, T) for method in (FORWARD, BPTT, RTRL))


def _costs(*, times: Any = 4, grows: Any = T, low: Any = n**4, high: Any = 18 * n**4) -> Any:
    """Back-propagation at most so many forward passes and linear in T; sensitivities between these, a step."""
    return And(
        Le(backward, times * forward, evaluate=False),
        Eq(backward, grows * Operations(BPTT, 1), evaluate=False),
        Ge(sensitivities, low * T, evaluate=False),
        Le(sensitivities, high * T, evaluate=False),
        evaluate=False,
    )


small = Assumption(
    name="no more inputs or outputs than units",
    text="m ≤ n and p ≤ n",
    holds=lambda sizes: max(sizes.inputs, sizes.outputs) <= sizes.units,
)

one = Sizes(1, 1, 1, 1)

THEOREM = Theorem(
    title="Cheap gradient",
    words="Counted in multiplications, back-propagation takes at most 4 forward passes; sensitivities take n⁴ a step.",
    sources=(GRIEWANK_WALTHER.at("cheap gradient principle"), WILLIAMS_ZIPSER.at("cost of the algorithm")),
    statement=_costs(),
    instances=st.integers(1, 6).flatmap(
        lambda size: st.builds(Sizes, st.just(size), *[st.integers(1, size)] * 2, st.integers(1, 6))
    ),
    check=counted,
    decide=decide,
    proof=CHEAP,
    assumptions=(small,),
    without={small: Sizes(1, 8, 1, 1)},
    certified=(one, Sizes(100, 10, 10, 50)),
    attained=one,
    ratio=lambda sizes: derived(Operations(RTRL, 1), sizes) / (18 * sizes.units**4),
    ledger=("F14",),
    mutants={
        "three forward passes": _costs(times=3),
        "quadratic in the steps": _costs(grows=T**2),
        "at most n³ a step": _costs(high=18 * n**3),
        "at least 7n⁴ a step": _costs(low=7 * n**4),
    },
    uses=("gradients/forward_mode_agrees",),
    examples=60,
)
